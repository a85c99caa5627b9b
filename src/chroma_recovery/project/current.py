"""What a unit's stages would be made from now, and how that differs from what they were made from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import attrs

from .. import __version__
from ..build import Scripts, assemble, assemble_loaded, project_paths
from ..errors import Problem
from ..paths import posix
from ..preset.load import Loaded, load
from ..preset.model import Clip, Preset
from ..stages.pipeline import build as build_graph
from ..stages.plan import Plan, ProjectPaths, make_plan
from .inputs import Digest, clip_files, digest_of, file_digest, flat, graph_digests, missing, model_path
from .mapping import Rule, localised
from .model import Places, Unit
from .own import edited_by_hand
from .state import Record, State

C = TypeVar("C", bound=Clip)

__all__ = ["Current", "differences", "loaded_of", "missing_outputs"]


def loaded_of(unit: Unit, places: Places) -> Loaded:
    """The unit's preset: its file's where somebody changed it, else the project's, without reading it again."""
    file = places.preset(unit.name)
    if edited_by_hand(file):
        return load(file)
    if file.parent.is_dir():
        return Loaded(unit.preset, {}, (file,), folder=file.parent)
    return Loaded(_absolute(unit.preset, file.parent), {}, (file,), folder=file.parent)


def _absolute(preset: Preset, folder: Path) -> Preset:
    """Clips by absolute paths: ``folder/..`` leads nowhere before the folder is made."""

    def text(path: str) -> str:
        return posix(os.path.normpath(folder.absolute() / path))

    def moved(clip: C) -> C:
        then = tuple(attrs.evolve(part, path=text(part.path)) for part in clip.then)
        return attrs.evolve(clip, path=text(clip.path), then=then)

    return attrs.evolve(preset, source=moved(preset.source), reference=moved(preset.reference))


@attrs.define
class Current:
    """A unit as its files are now. content: whether inputs are compared by content. rules: where this machine finds
    the files of the one whose paths the preset says."""

    unit: Unit
    places: Places
    content: bool
    rules: Sequence[Rule]
    loaded: Loaded
    paths: ProjectPaths
    _scripts: Scripts | None = None
    _graphs: dict[str, str] | None = None

    @classmethod
    def of(cls, unit: Unit, places: Places, *, content: bool, rules: Sequence[Rule] = ()) -> Current:
        """Raises PresetError where the preset cannot be read or the first frames are missing."""
        loaded = loaded_of(unit, places)
        paths = project_paths(loaded, places.out, partial(localised, rules=rules))
        return cls(unit, places, content, rules, loaded, paths)

    @property
    def plan(self) -> Plan:
        return make_plan(self.loaded.preset, self.paths)

    @property
    def here(self) -> Loaded:
        """The preset with clips where this machine finds them: for looking at files, never for writing."""
        return localised(self.loaded, self.rules)

    @property
    def scripts(self) -> Scripts:
        """Assembled from the preset's file, which must have been written."""
        if self._scripts is None:
            file, here = self.places.preset(self.unit.name), partial(localised, rules=self.rules)
            self._scripts = assemble(file, project=self.places.out, here=here)
        return self._scripts

    @property
    def scripts_to_run(self) -> Scripts:
        """The scripts with Reads that find their files on this machine, under the texts of those that are written."""
        scripts = self.scripts
        found = localised(scripts.loaded, self.rules)
        if found is scripts.loaded:
            return scripts
        return attrs.evolve(assemble_loaded(found, project=self.places.out), texts=scripts.texts)

    def scripts_to_write(self) -> Scripts:
        """The same texts, from the preset as it was read already; they do not know where each value came from."""
        if self._scripts is None:
            here = partial(localised, rules=self.rules)
            self._scripts = assemble_loaded(self.loaded, project=self.places.out, here=here)
        return self._scripts

    @property
    def preset(self) -> Digest:
        return digest_of(flat(self.loaded.preset))

    def graphs(self, state: State) -> dict[str, str]:
        """Digest of each stage's script: as recorded where the build is unchanged, else assembled."""
        if self._graphs is None:
            built = state.stages.get("build")
            known = built.facts.get("graphs") if built is not None and built.state == "done" else None
            if built is not None and isinstance(known, dict) and not self.changed("build", built, state):
                self._graphs = {str(k): str(v) for k, v in known.items()}
            else:
                self._graphs = self.assembled_graphs()
        return self._graphs

    def assembled_graphs(self) -> dict[str, str]:
        """Digests as the preset is now, whether or not its file has been written."""
        if self._scripts is not None:
            return graph_digests(self._scripts.recovery, self._scripts.texts)
        return graph_digests(build_graph(self.loaded.preset, paths=self.paths))

    def inputs(self, stage: str, state: State) -> dict[str, Digest]:
        """What a stage is made from, by what it is."""
        if stage == "build":
            paths = {k: str(v) for k, v in attrs.asdict(self.paths).items()}
            return {"preset": self.preset, "places": digest_of(paths), "version": Digest(__version__, {})}
        graphs = self.graphs(state)
        preset = self.loaded.preset
        trained = [p.source for p in preset.pairs], [p.reference_frame for p in preset.pairs]
        found = {"graph": Digest(graphs.get(stage, ""), {})}
        if stage in ("inference", "validation"):
            first, last = self.plan.render_range
            found["Source"] = self._files("source", range(first, last + 1))
            found["model"] = Digest(self.model(), {})
        else:
            found["Source"] = self._files("source", trained[0])
        if stage == "validation":
            found["inference graph"] = Digest(graphs.get("inference", ""), {})
            found["pairs of the Source"] = self._files("source", trained[0])
        if stage != "inference":
            found["Reference"] = self._files("reference", trained[1])
        return found

    def _files(self, branch: str, frames: range | list[int]) -> Digest:
        files, here = (clip_files(loaded, branch, frames) for loaded in (self.loaded, self.here))
        return file_digest(files, self.places.out, content=self.content, here=here)

    @property
    def model_file(self) -> Path:
        """The model that the shot loads, whether it is there or not."""
        return model_path(make_plan(self.here.preset, self.paths), self.places.out)

    def model(self) -> str:
        """SHA-256 of the model that the shot loads, empty if there is none."""
        try:
            return hashlib.sha256(self.model_file.read_bytes()).hexdigest()[:32]
        except OSError:
            return ""

    def missing(self) -> list[Problem]:
        """Frames that the unit needs and that are not there."""
        pairs, here = self.loaded.preset.pairs, self.here
        found = missing(here, "reference", (p.reference_frame for p in pairs))
        frames = {p.source for p in pairs}
        if "inference" in self.unit.stages:
            first, last = self.plan.render_range
            frames |= set(range(first, last + 1))
        return [*missing(here, "source", frames), *found]

    def changed(self, stage: str, record: Record, state: State) -> list[str]:
        """Why a record no longer holds; empty if it does."""
        return list(self._changes(stage, record, state))

    def _changes(self, stage: str, record: Record, state: State) -> Iterator[str]:
        now = self.inputs(stage, state)
        for what in (*now, *(w for w in record.inputs if w not in now)):
            then, digest = record.inputs.get(what, ""), now.get(what, Digest("", {}))
            if then == digest.digest:
                continue
            if what == "graph" or what == "inference graph":
                fields = differences(
                    state.details.get(str(record.facts.get("preset")), {}), self.preset.details
                )
                yield "preset: " + "; ".join(fields) if fields else "the scripts of this version differ"
            elif what in ("preset", "places"):
                fields = differences(state.details.get(then, {}), digest.details)
                yield f"{what}: " + ("; ".join(fields) or "changed")
            elif what == "model":
                yield "another model" if digest.digest else "the model is not there"
            elif what == "version":
                yield f"made by version {then}"
            else:
                files = differences(state.details.get(then, {}), digest.details, names_only=True)
                yield f"{what}: " + ("; ".join(files) or "files changed")


def differences(then: Mapping[str, str], now: Mapping[str, str], *, names_only: bool = False) -> list[str]:
    """``field: old -> new`` of values that differ, three at most; nothing if one side is not known."""
    if not then or not now:
        return []
    names = [n for n in dict.fromkeys((*then, *now)) if then.get(n) != now.get(n)]
    shown = [_change(n, then, now, names_only) for n in names[:3]]
    return [*shown, f"{len(names) - 3} more"] if len(names) > 3 else shown


def _change(name: str, then: Mapping[str, str], now: Mapping[str, str], names_only: bool) -> str:
    if names_only:
        word = (
            "missing"
            if now.get(name) == "missing"
            else "new"
            if name not in then
            else "gone"
            if name not in now
            else "changed"
        )
        return f"{name.rsplit('/', 1)[-1]} {word}"
    old, new = (side.get(name, "nothing") for side in (then, now))
    if len(old) + len(new) > 60:
        return f"{name} changed"
    return f"{name}: {old} -> {new}"


def missing_outputs(record: Record, out: Path) -> list[str]:
    """Results that are gone or have another size, three at most."""
    lost = []
    for name, size in record.outputs.items():
        try:
            if (out / name).stat().st_size == size:
                continue
            lost.append(f"{name.rsplit('/', 1)[-1]} has another size")
        except OSError:
            lost.append(f"{name.rsplit('/', 1)[-1]} is gone")
        if len(lost) == 3:
            break
    return lost
