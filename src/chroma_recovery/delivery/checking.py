"""Reads a delivery again, years later, and compares: only the folder is needed, no preset, no project."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from ..errors import PathError
from ..paths import posix
from .bag import PAYLOAD, is_bag, validate_bag
from .copying import JOURNAL
from .hashes import hash_file
from .mhl import IGNORED
from .mhl_reader import MODIFIED, NO_MANIFEST, History, Record, read_history

__all__ = ["EXIT_CODES", "Verdict", "verify"]

EXIT_CODES = {
    "whole": 0,
    "missing": 10,
    "changed": 11,
    "extra": 21,
    "no manifest": 30,
    "manifest changed": 31,
}
"""As the reference implementation of ASC MHL has them; a change outranks a loss, a loss outranks an extra file."""


@attrs.frozen
class Verdict:
    """What was found. Paths are below the delivery. bag: what the BagIt library says,
    empty for a valid bag and for none. checked: files whose hash is the manifest's. size: bytes read.
    """

    root: str
    checked: int
    size: int
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    bag: tuple[str, ...] = ()
    trouble: str = ""
    created: str = ""
    tool: str = ""

    @property
    def word(self) -> str:
        """One of EXIT_CODES."""
        if self.trouble:
            return self.trouble
        if self.changed or (self.bag and not self.missing):
            return "changed"
        return "missing" if self.missing else "extra" if self.extra else "whole"

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.word]

    def as_json(self) -> dict[str, Any]:
        """Flat, for ``--json``."""
        return {"ok": self.word == "whole", "verdict": self.word, **attrs.asdict(self)}


def verify(folder: Path, *, progress: Callable[[int, int, str], None] | None = None) -> Verdict:
    """Hash every file of a delivery again. progress: (files done, files in all, name).

    A bag is judged by the BagIt library too. Raises PathError: CR655 a manifest that cannot be trusted, CR601 one that
    names what lies outside, CR606 a file or folder that cannot be read, CR658 a library is missing.
    """
    if not folder.is_dir():
        raise PathError.at("CR606", posix(folder), "is no folder", "name the folder of a delivery")
    bag = is_bag(folder)
    root = folder / PAYLOAD if bag else folder
    try:
        history = read_history(root)
    except PathError as error:
        code = error.problems[0].code
        if code in (NO_MANIFEST, MODIFIED):
            word = "no manifest" if code == NO_MANIFEST else "manifest changed"
            return Verdict(posix(folder), 0, 0, trouble=word, bag=(str(error),))
        raise
    found = _compared(root, history, progress)
    said = tuple(validate_bag(folder, whole=True)) if bag else ()
    return attrs.evolve(
        found, root=posix(folder), bag=said, created=history.created[:60], tool=history.tool[:60]
    )


def _compared(root: Path, history: History, progress: Callable[[int, int, str], None] | None) -> Verdict:
    missing, changed, size, checked = [], [], 0, 0
    for number, record in enumerate(history.records.values(), start=1):
        path = root / record.path
        if not _stays(root, path):
            changed.append(record.path)  # a link to somewhere else in place of the file
        elif not path.is_file():
            missing.append(record.path)
        else:
            size += path.stat().st_size
            if _same(path, record):
                checked += 1
            else:
                changed.append(record.path)
        if progress is not None:
            progress(number, len(history.records), record.path)
    extra = tuple(_extra(root, history))
    return Verdict(posix(root), checked, size, tuple(missing), tuple(changed), extra)


def _stays(root: Path, path: Path) -> bool:
    try:
        return root.resolve() in path.resolve().parents
    except (OSError, RuntimeError):  # a loop of links
        return False


def _same(path: Path, record: Record) -> bool:
    if record.size is not None and path.stat().st_size != record.size:
        return False
    return hash_file(path, record.digests) == record.digests


def _extra(root: Path, history: History) -> list[str]:
    """Files and links that no manifest names. Links are not followed."""
    found = []
    patterns = history.ignored or IGNORED
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        links = [f for f in folders if Path(folder, f).is_symlink()]
        folders[:] = sorted(f for f in folders if f not in links and not _ignored(f, patterns))
        for name in sorted([*names, *links]):
            path = (here / name).as_posix()
            if path not in history.records and not _ignored(name, patterns) and name != JOURNAL:
                found.append(path)
    return found


def _ignored(name: str, patterns: tuple[str, ...]) -> bool:
    """The patterns that manifests have in practice: names, with or without a star."""
    return any(fnmatch.fnmatchcase(name, pattern.strip("/")) for pattern in patterns)
