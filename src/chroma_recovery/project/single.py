"""One preset as a project of one shot, so that tasks, state and reports are the same for a shot and for a film."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar

import attrs

from ..paths import posix, relative_to_project
from ..preset.load import Loaded, load
from ..preset.model import Clip, Preset
from ..stages.plan import ProjectPaths, make_plan
from .load import is_project, load_project
from .model import MEMBER, OWN, Places, Project, Unit

C = TypeVar("C", bound=Clip)

__all__ = ["open_project", "project_of"]


def open_project(file: Path, out: Path) -> Project:
    """The project of a project preset, or of a single preset. Raises PresetError as their readers do."""
    return load_project(file, out) if is_project(file) else project_of(file, out)


def project_of(file: Path, out: Path) -> Project:
    """A preset as a project of one shot. Its preset below the output folder extends the file itself, so changes in
    the file count; one that lies there already is taken as it is. A preset that names its model trains none.

    Raises PresetError as :func:`preset.load`.
    """
    loaded = load(file)
    preset = loaded.preset
    folder = Places(out).preset(preset.shot).parent
    shown = relative_to_project(file.absolute(), folder.absolute())
    text = f"extends: {json.dumps(shown if '/' in shown else './' + shown)}\n"
    first, last = make_plan(preset, ProjectPaths("", "")).render_range
    unit = Unit(
        name=preset.shot,
        scope=preset.scope,
        stages=MEMBER if preset.inference.model else OWN,
        frames=(first, last),
        pairs=len(preset.pairs),
        text=text,
        preset=_moved(loaded, folder),
    )
    return Project(preset.shot, file, {unit.name: unit}, "", warnings=loaded.warnings)


def _moved(loaded: Loaded, folder: Path) -> Preset:
    """The preset with clips as they are reached from another folder."""
    preset = loaded.preset

    def text(path: str, field: str) -> str:
        if os.path.isabs(path):
            return posix(path)
        return relative_to_project(
            Path(os.path.normpath(loaded.folder_of(field).absolute() / path)), folder.absolute()
        )

    def moved(clip: C, name: str) -> C:
        then = tuple(
            attrs.evolve(part, path=text(part.path, f"{name}.then[{n}].path"))
            for n, part in enumerate(clip.then)
        )
        return attrs.evolve(clip, path=text(clip.path, f"{name}.path"), then=then)

    return attrs.evolve(
        preset, source=moved(preset.source, "source"), reference=moved(preset.reference, "reference")
    )
