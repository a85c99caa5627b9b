"""Where we may write, and how: containment, no-clobber, write-then-rename."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from .errors import ChromaRecoveryError, PathError

__all__ = ["contained", "posix", "relative_to_project", "rooted", "write_bytes", "write_text", "writing"]


def posix(path: str | os.PathLike[str]) -> str:
    """A path with forward slashes only, as Nuke wants it on every platform."""
    return os.fspath(path).replace("\\", "/")


def rooted(path: str) -> bool:
    """Whether a path says where it begins, on this system or another: ``/a``, ``C:/a``, ``//server/share``."""
    text = posix(path)
    return text.startswith("/") or (text[1:3] == ":/" and text[0].isalpha())


def contained(root: Path, relative: str) -> Path:
    """``root/relative``, refused (CR601) if it is absolute, climbs out of root or leaves it through a link."""
    pure = PurePosixPath(posix(relative))
    drive = len(relative) > 1 and relative[1] == ":"
    if pure.is_absolute() or drive or ".." in pure.parts:
        raise PathError.at(
            "CR601",
            relative,
            "an output must lie inside the output folder",
            "use a relative path without '..'",
        )
    base = root.resolve()
    place = (base / pure).resolve()
    if place != base and base not in place.parents:
        raise PathError.at("CR601", relative, f"leads out of {posix(root)} through a link")
    return base / pure


def relative_to_project(path: Path, project: Path) -> str:
    """Path text for a Nuke file knob: relative to the project folder if one can be found, else absolute; '/' only."""
    try:
        return posix(os.path.relpath(path, project))
    except ValueError:  # another drive on Windows
        return posix(path)


@contextmanager
def writing(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a scratch path beside ``target``; on success it is renamed onto it, on any error it is removed.

    The scratch name keeps the suffix, so image writers choose the right format. Parent folders are made.
    Raises PathError (CR602) if the target exists and ``overwrite`` is false, (CR603) if the folder is not writable or
    the disk refuses.
    """
    try:
        there = target.exists()
    except OSError as error:  # a name that is too long
        raise _refused(target, error) from error
    if there and not overwrite:
        raise PathError.at(
            "CR602",
            posix(target),
            "exists already; nothing was written",
            "choose another --out or version, or pass --overwrite",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PathError.at(
            "CR603", posix(target.parent), f"cannot make the folder: {error.strerror}"
        ) from error
    stem = target.stem.encode("utf-8", "ignore")[:80].decode("utf-8", "ignore")
    suffix = target.suffix if len(target.suffix.encode("utf-8", "ignore")) <= 80 else ""
    scratch = target.parent / f".{stem}.{secrets.token_hex(4)}.part{suffix}"
    try:
        yield scratch
        if overwrite:
            os.replace(scratch, target)
        else:
            _move_new(scratch, target)
    except ChromaRecoveryError:
        raise
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def _refused(target: Path, error: OSError) -> ChromaRecoveryError:
    hint = "free the disk, or choose a folder that can be written"
    return PathError.at("CR603", posix(target), f"cannot be written: {error.strerror or error}", hint)


def _move_new(scratch: Path, target: Path) -> None:
    """Rename that never replaces a file made meanwhile by somebody else."""
    try:
        os.link(scratch, target)
    except FileExistsError:
        raise PathError.at(
            "CR602", posix(target), "was made by another process meanwhile; nothing was replaced"
        ) from None
    except OSError:  # no hard links here
        if target.exists():
            raise PathError.at(
                "CR602", posix(target), "was made by another process meanwhile; nothing was replaced"
            ) from None
        os.replace(scratch, target)


def write_bytes(target: Path, data: bytes, *, overwrite: bool = False) -> Path:
    """Write ``data`` whole or not at all. Same bytes already there count as written. See :func:`writing`."""
    if target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data:
        return target
    with writing(target, overwrite=overwrite) as scratch, scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return target


def write_text(target: Path, text: str, *, overwrite: bool = False) -> Path:
    """UTF-8, newline as given. See :func:`write_bytes`."""
    return write_bytes(target, text.encode("utf-8"), overwrite=overwrite)
