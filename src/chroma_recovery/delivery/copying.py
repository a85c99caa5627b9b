"""Copies that are proved: read once and hashed on the way, flushed, then read back and compared.

A file is written beside its place and renamed, so no half file ever has a final name. A journal in the delivery says
what is done; a copy that was interrupted goes on from it, after reading every finished file again.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..errors import Cancelled, PathError, Problem
from ..paths import contained, posix, writing
from .hashes import blocks, hash_file, hashers, texts

__all__ = ["JOURNAL", "Copied", "Item", "copy_all", "problems_of"]

JOURNAL = ".delivery-in-progress.jsonl"
SCRATCH = re.compile(r"\..+\.[0-9a-f]{8}\.part(\..*)?\Z")


@attrs.frozen
class Item:
    """One file of a delivery. target: path below it. source: a file, or the bytes themselves. part: what it is of."""

    target: str
    source: Path | bytes = attrs.field(repr=False)
    part: str = ""

    @property
    def size(self) -> int:
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


@attrs.frozen
class Copied:
    """A file that is there and was read back. modified: seconds since the epoch. digests: by hash format."""

    target: str
    size: int
    modified: float
    digests: dict[str, str]
    part: str = ""


def copy_all(
    items: Sequence[Item],
    root: Path,
    formats: Sequence[str],
    *,
    journal_in: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> list[Copied]:
    """Copy every item below ``root`` and prove each copy. journal_in: the new folder, ``root`` or one around it.
    progress: (bytes done, bytes in all, name).

    Raises PathError: CR602 something else lies there, CR601 a target leads out, CR652 a copy is not what was read,
    CR603 cannot be written; Cancelled. What was finished stays, for the next call.
    """
    total = sum(item.size for item in items)
    done = 0
    made = []
    with _Journal(root, journal_in or root, formats) as journal:
        for item in items:
            if cancel is not None and cancel():
                raise Cancelled.at("CR590", posix(root), "stopped; the same command goes on from here")
            found = journal.find(item) or _copy(item, root, formats)
            journal.add(found, item)
            made.append(found)
            done += found.size
            if progress is not None:
                progress(done, total, item.target)
    return made


def _copy(item: Item, root: Path, formats: Sequence[str]) -> Copied:
    target = contained(root, item.target)
    made = hashers(formats)
    size = 0
    try:
        with writing(target) as scratch:
            with scratch.open("xb", buffering=0) as file:
                for block in [item.source] if isinstance(item.source, bytes) else blocks(item.source):
                    for hasher in made.values():
                        hasher.update(block)
                    written = 0
                    while written < len(block):
                        written += file.write(memoryview(block)[written:])
                    size += len(block)
                os.fsync(file.fileno())
                if hasattr(os, "posix_fadvise"):  # so that reading back asks the disk
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            if isinstance(item.source, Path):
                status = item.source.stat()
                os.utime(scratch, ns=(status.st_atime_ns, status.st_mtime_ns))
            digests = texts(made)
            _prove(scratch, item, size, digests)
    except PathError:
        raise
    except OSError as error:
        what = f"cannot be copied: {error.strerror or error}"
        raise PathError.at(
            "CR603", posix(target), what, "free the disk or its rights, then run again: it goes on from here"
        ) from error
    return Copied(item.target, size, target.stat().st_mtime, digests, item.part)


def _prove(written: Path, item: Item, size: int, digests: dict[str, str]) -> None:
    again = hash_file(written, digests)
    if again != digests or written.stat().st_size != size:
        raise PathError.at(
            "CR652",
            item.target,
            "the copy is not what was read from the source",
            "check the disk, then run again",
        )
    if isinstance(item.source, Path) and item.source.stat().st_size != size:
        raise PathError.at("CR652", posix(item.source), "changed while it was copied", "run again")


class _Journal:
    """What is done. Only a delivery that was begun by us and not finished is gone on with."""

    def __init__(self, root: Path, outer: Path, formats: Sequence[str]) -> None:
        self.root, self.outer, self.path, self.formats = root, outer, outer / JOURNAL, list(formats)
        self.done: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> _Journal:
        strange = self.outer.is_dir() and not self.path.exists() and any(self.outer.iterdir())
        if strange or self.path.is_symlink():
            raise PathError.at(
                "CR602",
                posix(self.outer),
                "holds files already; nothing was written",
                "name a new folder: a delivery never mixes with what is there",
            )
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                self._read()
                self._sweep()
            self.file = self.path.open("a", encoding="utf-8")
        except OSError as error:
            raise PathError.at(
                "CR603", posix(self.root), f"cannot be written: {error.strerror or error}"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _read(self) -> None:
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                said = json.loads(line)
                self.done[said["target"]] = said
            except (ValueError, KeyError, TypeError):
                continue  # a line that was being written when the power went

    def _sweep(self) -> None:
        """Remove the scratch files of a copy that was killed."""
        for folder, _, names in os.walk(self.root):
            for name in names:
                if SCRATCH.match(name):
                    Path(folder, name).unlink(missing_ok=True)

    def find(self, item: Item) -> Copied | None:
        """The finished copy of an item, read again. Raises PathError (CR602) if something else lies in its place."""
        target = contained(self.root, item.target)
        if not target.is_file():
            return None
        wanted = self._wanted(item)
        digests = hash_file(target, self.formats)
        if digests != wanted and isinstance(
            item.source, bytes
        ):  # what we write ourselves may tell another time
            target.unlink()
            return None
        if digests != wanted:
            raise PathError.at(
                "CR602",
                posix(target),
                "exists with other contents than its source",
                "the source changed since, or another file lies here: begin a new folder",
            )
        return Copied(item.target, target.stat().st_size, target.stat().st_mtime, digests, item.part)

    def _wanted(self, item: Item) -> dict[str, str]:
        if isinstance(item.source, bytes):
            made = hashers(self.formats)
            for hasher in made.values():
                hasher.update(item.source)
            return texts(made)
        said = self.done.get(item.target, {})
        status = item.source.stat()
        if said.get("source") == [status.st_size, status.st_mtime_ns] and set(self.formats) <= set(
            said.get("digests", {})
        ):
            return {name: str(said["digests"][name]) for name in self.formats}
        return hash_file(item.source, self.formats)

    def add(self, made: Copied, item: Item) -> None:
        source = None
        if isinstance(item.source, Path):
            status = item.source.stat()
            source = [status.st_size, status.st_mtime_ns]
        said = {"target": made.target, "source": source, "digests": made.digests}
        self.file.write(json.dumps(said) + "\n")
        self.file.flush()


def problems_of(items: Sequence[Item]) -> list[Problem]:
    """Two items with one target (also where only upper and lower case differ), CR653."""
    seen: dict[str, str] = {}
    found = []
    for item in items:
        key = unicodedata.normalize("NFC", item.target).casefold()
        if key in seen:
            what = f"and {seen[key]} would be one file on some systems"
            found.append(Problem("CR653", item.target, what, "rename one"))
        seen[key] = item.target
    return found
