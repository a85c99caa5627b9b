"""Makes a delivery: checks first, then copies, then writes the manifest; its manifest is the sign that it is whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import attrs

from ..build import Scripts
from ..errors import PathError, Problem
from ..paths import posix
from .bag import ALGORITHM, PAYLOAD, validate_bag, write_bag
from .copying import JOURNAL, Item, copy_all
from .hashes import FORMATS, hashers
from .mhl import Author, write_history
from .parts import collect
from .telling import documentation, provenance, readme

__all__ = ["Delivered", "deliver"]


@attrs.frozen
class Delivered:
    """A finished delivery. folder: what was made. manifest: its ASC MHL. warnings: what was let pass."""

    folder: Path
    manifest: Path
    files: int
    size: int
    warnings: tuple[Problem, ...]


def deliver(
    scripts: Scripts,
    project: Path,
    to: Path,
    *,
    hash_name: str = FORMATS[0],
    bag: bool = False,
    partial: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Delivered:
    """Collect what this preset made in ``project`` into the new folder ``to``.

    bag: a BagIt bag, the delivery below ``to/data``. partial: deliver although parts are missing or disagree; both are
    written into the README. Raises PathError with everything that is wrong before anything is written: CR650 missing
    parts, CR651 frames that were made otherwise, CR653 names; then as :func:`copying.copy_all`.
    """
    try:
        return _deliver(scripts, project, to, hash_name, bag, partial, progress, cancel)
    except PathError:
        raise
    except OSError as error:  # a file went, or its rights, since it was seen
        place = posix(error.filename) if isinstance(error.filename, str) else posix(to)
        raise PathError.at(
            "CR606", place, f"cannot be read: {error.strerror or error}", "run again"
        ) from error


def _deliver(
    scripts: Scripts,
    project: Path,
    to: Path,
    hash_name: str,
    bag: bool,
    partial: bool,
    progress: Callable[[int, int, str], None] | None,
    cancel: Callable[[], bool] | None,
) -> Delivered:
    parts = collect(scripts, project)
    gaps = [*parts.missing, *(p for p in parts.wrong if p.code == "CR651")]
    fatal = [p for p in parts.wrong if p.code != "CR651"] + ([] if partial else gaps)
    if bag:
        fatal += [_percent(item.target) for item in parts.items if "%" in item.target]
    inside, outer = project.resolve(), to.resolve()
    if outer == inside or outer in inside.parents:
        fatal.append(Problem("CR653", posix(to), "holds the project itself", "choose a folder of its own"))
    pipeline = (project / scripts.loaded.preset.output.folder).resolve()
    if outer == pipeline or pipeline in outer.parents:
        what = "lies in the folder that is delivered"
        fatal.append(Problem("CR653", posix(to), what, "choose a folder of its own"))
    if fatal:
        hint = "; --partial delivers what is there and says what is not" if not partial else ""
        raise PathError([attrs.evolve(p, hint=p.hint + hint) if p.code == "CR650" else p for p in fatal])
    formats = (hash_name, ALGORITHM) if bag else (hash_name,)
    hashers(formats)  # a missing library is named before the work
    if bag:
        _need_bagit(to)
    root = to / PAYLOAD if bag else to
    now = datetime.now(timezone.utc)
    made = copy_all(parts.items, root, formats, journal_in=to, progress=progress, cancel=cancel)
    told = [
        ("DOCUMENTATION.txt", documentation(scripts, gaps)),
        ("provenance.json", provenance(scripts, parts, made, now=now, hash_name=hash_name, gaps=gaps)),
        ("README.txt", readme(scripts, parts, now=now, hash_name=hash_name, bag=bag, gaps=gaps)),
    ]
    made += copy_all([Item(name, text.encode()) for name, text in told], root, formats, journal_in=to)
    d = scripts.loaded.preset.documentation
    names = ((d.restorationist, "restorationist"), (d.institution, "institution"))
    authors = [Author(" ".join(name.split())[:200], role) for name, role in names if name.strip()]
    comment = f"Recovered colour of {scripts.loaded.preset.shot}; see README.txt"
    manifest = write_history(root, made, hash_name, now=now, authors=authors, comment=comment)
    if bag:
        facts = {
            "Source-Organization": d.institution,
            "External-Identifier": scripts.loaded.preset.shot,
            "Bag-Software-Agent": "chroma-recovery",
        }
        write_bag(to, made, facts, today=now.date())
        wrong = validate_bag(to, whole=False)
        if wrong:
            raise PathError([Problem("CR652", posix(to), f"the bag is not valid: {w}") for w in wrong])
    (to / JOURNAL).unlink()
    warnings = [*parts.doubts, *(attrs.evolve(g, severity="warning") for g in gaps)]
    return Delivered(to, manifest, len(made), sum(m.size for m in made), tuple(warnings))


def _percent(target: str) -> Problem:
    """RFC 8493 encodes the sign, the Library of Congress' library does not decode it."""
    return Problem("CR653", target, "holds %, which BagIt tools do not agree on", "rename the file")


def _need_bagit(to: Path) -> None:
    from importlib.util import find_spec

    if find_spec("bagit") is None:
        hint = "pip install 'chroma-recovery[delivery]'"
        raise PathError.at("CR658", posix(to), "BagIt needs the library bagit", hint)
