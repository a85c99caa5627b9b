"""Which Source frame, model, pairs and preset made a frame: what its header says, and what lies near it to prove it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ..errors import ChromaRecoveryError, PathError
from ..frames import Pattern
from ..nk import read as read_nk
from ..nk.metadata import plain_text
from ..paths import posix
from ..preset.load import load
from ..stages.header import KEYS, NOT_KNOWN, preset_digest
from ..stages.names import Names
from .copying import JOURNAL
from .exr_header import read_attributes
from .hashes import hash_file
from .mhl import CHAIN, FOLDER
from .mhl_reader import read_history

__all__ = ["Clue", "Trace", "trace"]

CLIMB = 6
"""Folders above the frame that are looked into."""
LARGEST_TEXT = 1 << 26


@attrs.frozen
class Clue:
    """One answer. said: by the header. found: a file that was found for it, empty if none. state: ``holds`` (its hash
    is the one that was said), ``differs``, ``found`` (nothing to compare with), ``not found`` or ``not said``."""

    what: str
    said: str
    found: str = ""
    state: str = ""
    note: str = ""


@attrs.frozen
class Trace:
    """What is known of a frame. near: the delivery or project that it lies in, empty if neither was recognised."""

    frame: str
    near: str
    header: dict[str, str]
    clues: tuple[Clue, ...]

    @property
    def contradicted(self) -> bool:
        return any(c.state == "differs" for c in self.clues)

    @property
    def not_found(self) -> list[str]:
        return [c.what for c in self.clues if c.state in ("not found", "not said")]

    def as_json(self) -> dict[str, Any]:
        return {"ok": not self.contradicted, "not_found": self.not_found, **attrs.asdict(self)}


def trace(frame: Path, *, preset: Path | None = None) -> Trace:
    """Read a frame's header and look for what it names. preset: a preset to compare, where none lies near.

    Raises PathError: CR606, CR607 as ``read_attributes``; CR659 if the header says nothing of a recovery.
    """
    told = read_attributes(frame)
    header = {key: plain_text(told[key]) for key in KEYS if key in told}
    if not header:
        hint = "frames of chroma-recovery and of its Nuke scripts say PresetHash, ModelCheckpoint and so on"
        raise PathError.at("CR659", posix(frame), "its header says nothing of a recovery", hint)
    near = _near(frame.resolve())
    search = _Search(frame, header, near, preset)
    return Trace(posix(frame), posix(near.folder) if near else "", header, tuple(search.clues()))


@attrs.frozen
class _Near:
    """folder: of the frame's shot in a delivery, or root of a project. delivery: which of the two. root: of the
    delivery, where its manifest lies: of a project's delivery folders above the shot's."""

    folder: Path
    delivery: bool
    root: Path


def _near(frame: Path) -> _Near | None:
    own: Path | None = None
    for folder in list(frame.parents)[:CLIMB]:
        if own is None and (folder / "preset" / "resolved.json").is_file():
            own = folder
        if (folder / FOLDER / CHAIN).is_file() or (folder / JOURNAL).is_file():
            return _Near(own or folder, True, folder)
        if (folder / "03_copycat_training").is_dir():
            return _Near(folder, False, folder)
    return None


class _Search:
    def __init__(self, frame: Path, header: dict[str, str], near: _Near | None, preset: Path | None) -> None:
        self.frame, self.header, self.near, self.preset = frame, header, near, preset

    def clues(self) -> Iterator[Clue]:
        yield self._itself()
        yield self._source()
        if "ModelCheckpoint" in self.header:
            yield self._model()
        yield self._preset()
        yield self._pairs()
        yield self._graph()

    def _itself(self) -> Clue:
        said = self.header.get("Product", "")
        if self.near is None or not self.near.delivery:
            return Clue(
                "frame", said, posix(self.frame), "found", "in no delivery, so there is no hash to compare"
            )
        try:
            history = read_history(self.near.root)
        except PathError as error:
            return Clue("frame", said, posix(self.frame), "found", str(error))
        path = self.frame.resolve().relative_to(self.near.root).as_posix()
        record = history.records.get(path)
        if record is None:
            return Clue("frame", said, posix(self.frame), "found", "the manifest does not name it")
        same = hash_file(self.frame, record.digests) == record.digests
        return Clue("frame", said, posix(self.frame), "holds" if same else "differs", "by the manifest")

    def _source(self) -> Clue:
        number = self.header.get("SourceFrame", "")
        if not re.fullmatch(
            r"-?[0-9]{1,8}", number
        ):  # an old script, or a Nuke that did not evaluate [frame]
            match = re.search(r"(-?[0-9]+)\.[^.]*\Z", self.frame.name)
            number = str(int(match[1])) if match else ""
        files = self.header.get("SourceFiles", "")
        element = self.header.get("SourceElement", "")
        said = f"frame {number or '?'} of {files or '?'} ({element})"
        if not number or "#" not in files or "," in files:
            return Clue("source", said, state="not said" if not number else "not found")
        name = Pattern.parse(files).at(int(number))
        for path in self._source_places():
            if (path / name).is_file():
                return Clue("source", said, posix(path / name), "found", "no header holds the hash of a scan")
        return Clue("source", said, state="not found", note="scans are not part of a delivery")

    def _source_places(self) -> Iterator[Path]:
        """Folders where the Source may lie: as the preset says, and as the Read of the project's script does."""
        try:
            if self.preset is not None:
                loaded = load(self.preset)
                yield (loaded.folder_of("source.path") / loaded.preset.source.path).parent
            for script in self._files("*.nk") if self.near is not None and not self.near.delivery else []:
                if (
                    script.name == f"{self.header.get('PresetName')}.nk"
                    and script.stat().st_size < LARGEST_TEXT
                ):
                    graph = read_nk(script.read_text(encoding="utf-8", errors="replace"))
                    file = graph.knobs(Names().source_read).get("file")
                    yield (script.parent.parent / str(file)).parent
        except (ChromaRecoveryError, KeyError):
            return

    def _files(self, *patterns: str) -> list[Path]:
        """Files near the frame; links are left out."""
        if self.near is None:
            return []
        found = [p for pattern in patterns for p in self.near.folder.glob(pattern)]
        return sorted(p for p in found if p.is_file() and not p.is_symlink())

    def _model(self) -> Clue:
        name, digest = self.header["ModelCheckpoint"], self.header.get("ModelHash", NOT_KNOWN)
        said = f"{name}, SHA-256 {digest}"
        near = self._files("model/*", "03_copycat_training/*/*")
        models = [p for p in near if p.suffix in (".safetensors", ".cat", ".catnc")]
        if len(digest) != 64:
            named = [p for p in models if p.stem == Path(name).stem]
            note = "the header was written before the model was known"
            return Clue(
                "model", said, posix(named[0]) if named else "", "found" if named else "not found", note
            )
        for path in sorted(models, key=lambda p: p.stem != Path(name).stem):
            if hash_file(path, ["sha256"])["sha256"] == digest:
                return Clue("model", said, posix(path), "holds")
        same = [p for p in models if p.name == name]
        if same:
            return Clue("model", said, posix(same[0]), "differs", "the file of this name is another model")
        return Clue("model", said, state="not found")

    def _preset(self) -> Clue:
        digest = self.header.get("PresetHash", "")
        said = f"{self.header.get('PresetName', '?')}, SHA-256 {digest or 'not said'}"
        for path in self._files("preset/resolved.json"):
            if path.stat().st_size < LARGEST_TEXT:
                same = hashlib.sha256(path.read_bytes()).hexdigest() == digest
                return Clue("preset", said, posix(path), "holds" if same else "differs")
        if self.preset is None:
            return Clue("preset", said, state="not found", note="give it with --preset to compare")
        try:
            same = preset_digest(load(self.preset).preset) == digest
        except ChromaRecoveryError as error:
            return Clue("preset", said, posix(self.preset), "found", f"cannot be read: {error.problems[0]}")
        return Clue("preset", said, posix(self.preset), "holds" if same else "differs")

    def _pairs(self) -> Clue:
        if "TrainingPairs" not in self.header:
            return Clue("pairs", "the same pairs as the model beside it", state="not said")
        said = f"trained on {self.header['TrainingPairs']}; held out {self.header.get('HoldOutPairs', '?')}"
        shot = self.header.get("PresetName", "")
        for path in self._files("pairs/*.csv", "01_dataset_curation/*.csv"):
            if path.name == f"{shot}_pairs.csv":
                return Clue("pairs", said, posix(path), "found")
        return Clue("pairs", said, state="not found")

    def _graph(self) -> Clue:
        shot = self.header.get("PresetName", "")
        digest = read_attributes(self.frame).get("chroma_recovery/graph_sha256", "")
        said = f"SHA-256 {digest}" if digest else "rendered by Nuke from a script of this shot"
        for path in self._files("graphs/*.nk", "*.nk"):
            if path.name == f"{shot}.nk":
                if not digest:
                    return Clue("graph", said, posix(path), "found")
                same = hash_file(path, ["sha256"])["sha256"] == digest
                return Clue("graph", said, posix(path), "holds" if same else "differs")
        return Clue("graph", said, state="not found")
