"""Digests of what a stage is made from: preset, graph, files of Source and Reference, model.

A file counts as changed when its name, size or time of change differ, or its content, as the project chooses. What a
digest stands for is kept beside it (see ``State.details``), so that a difference can be named.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..errors import Problem
from ..frames import Pattern, format_frames
from ..nk import write as write_nk
from ..paths import posix, relative_to_project
from ..preset.load import Loaded
from ..preset.model import Clip, Preset
from ..stages.pipeline import Recovery
from ..stages.plan import Plan

__all__ = [
    "Digest",
    "clip_files",
    "digest_of",
    "file_digest",
    "flat",
    "graph_digests",
    "missing",
    "model_path",
]

LISTED = 400
"""Files of one digest whose details are kept; of longer sequences only the digest."""


@attrs.frozen
class Digest:
    """SHA-256 (hexadecimal, 32 digits of it) and what it stands for, if that is worth keeping."""

    digest: str
    details: Mapping[str, str]


def digest_of(details: Mapping[str, str], *, keep: bool = True) -> Digest:
    """Digest of texts by name; the order does not matter."""
    text = "\n".join(f"{name}\t{value}" for name, value in sorted(details.items()))
    return Digest(hashlib.sha256(text.encode()).hexdigest()[:32], dict(details) if keep else {})


def flat(preset: Preset) -> dict[str, str]:
    """Every value of a preset by dotted field, as text; pairs as one value."""
    found: dict[str, str] = {}
    _flatten(preset, "", found)
    return found


def _flatten(value: Any, path: str, found: dict[str, str]) -> None:
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            _flatten(getattr(value, field.name), f"{path}.{field.name}" if path else field.name, found)
    elif isinstance(value, tuple) and value and attrs.has(type(value[0])):
        found[path] = ", ".join(_one(item) for item in value)
    else:
        found[path] = str(value)


def _one(item: Any) -> str:
    said = (
        f"{f.name} {getattr(item, f.name)}"
        for f in attrs.fields(type(item))
        if getattr(item, f.name) not in (None, "")
    )
    return " ".join(said)


def graph_digests(recovery: Recovery, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """Of every stage's script: the stage and all that feeds it. texts: scripts by path, where they are made already."""
    paths = {id(graph): path for path, graph in recovery.files.items()}
    found: dict[str, str] = {}
    for stage, graph in recovery.stages.items():
        text = write_nk(graph) if texts is None else texts[paths[id(graph)]]
        found[stage] = hashlib.sha256(text.encode()).hexdigest()[:32]
    return found


def clip_files(loaded: Loaded, branch: str, frames: Iterable[int]) -> list[Path]:
    """Files of ``source`` or ``reference`` for frames of the preset."""
    clip: Clip = getattr(loaded.preset, branch)
    found: list[Path] = []
    wanted = sorted(set(frames))
    start = clip.first
    for number, part in enumerate(clip.sequences):
        field = f"{branch}.path" if number == 0 else f"{branch}.then[{number - 1}].path"
        pattern = Pattern.parse(posix(loaded.folder_of(field) / part.path))
        end = start + part.last - part.first
        found += [Path(pattern.at(part.first + f - start)) for f in wanted if start <= f <= end]
        start = end + 1
    return found


def file_digest(files: Sequence[Path], out: Path, *, content: bool, here: Sequence[Path] = ()) -> Digest:
    """Of files, named from the output folder on, so that a project may move with its plates; one that is missing
    counts as such. here: where this machine finds them, if elsewhere."""
    base, folders = os.path.abspath(out), dict[Path, str]()
    found: dict[str, str] = {}
    for file, place in zip(files, here or files, strict=True):
        folder = folders.get(file.parent)
        if folder is None:
            folder = folders[file.parent] = relative_to_project(
                Path(os.path.abspath(file.parent)), Path(base)
            )
        found[f"{folder}/{file.name}"] = _file(place, content)
    return digest_of(found, keep=len(found) <= LISTED)


def _file(file: Path, content: bool) -> str:
    try:
        if not content:
            stat = file.stat()
            return f"{stat.st_size} {stat.st_mtime_ns}"
        digest = hashlib.sha256()
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()[:32]
    except OSError:
        return "missing"


def missing(loaded: Loaded, branch: str, frames: Iterable[int]) -> list[Problem]:
    """A problem (CR606) naming the frames that have no file."""
    wanted = sorted(set(frames))
    lost = [
        f for f, file in zip(wanted, clip_files(loaded, branch, wanted), strict=True) if not file.is_file()
    ]
    if not lost:
        return []
    clip: Clip = getattr(loaded.preset, branch)
    message = f"{branch}: no file for frames {format_frames(lost)}"
    return [Problem("CR606", clip.path, message, "check the path and the frame range")]


def model_path(plan: Plan, out: Path) -> Path:
    """The model file that the engine loads: a safetensors file beside the name that Nuke gets."""
    named = Path(plan.model_file) if Path(plan.model_file).is_absolute() else out / plan.model_file
    beside = named.with_suffix(".safetensors")
    return beside if beside.is_file() or not named.is_file() else named
