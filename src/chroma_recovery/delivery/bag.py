"""A delivery as a BagIt bag (RFC 8493): what is delivered lies in ``data/``, SHA-512 of every file beside it.

The manifests are written from the hashes that copying made; the Library of Congress' own library then judges the bag.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from ..errors import PathError
from ..paths import posix, write_bytes
from .copying import Copied
from .hashes import hash_file

__all__ = ["ALGORITHM", "PAYLOAD", "is_bag", "validate_bag", "write_bag"]

ALGORITHM = "sha512"
PAYLOAD = "data"
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def is_bag(folder: Path) -> bool:
    return (folder / "bagit.txt").is_file()


def write_bag(folder: Path, files: Iterable[Copied], facts: dict[str, str], *, today: date) -> None:
    """Write the tag files beside ``data/``. files: as copied, targets below ``data``. What stands in ``data/ascmhl`` is
    hashed here. facts: lines of bag-info.txt. Tag files of a bag that was not finished are replaced."""
    payload = folder / PAYLOAD
    digests = {f.target: f.digests[ALGORITHM] for f in files}
    sizes = {name: (payload / name).stat().st_size for name in digests}
    for path in sorted((payload / "ascmhl").iterdir()):
        name = path.relative_to(payload).as_posix()
        digests[name] = hash_file(path, [ALGORITHM])[ALGORITHM]
        sizes[name] = path.stat().st_size
    lines = "".join(f"{digests[n]}  {PAYLOAD}/{n}\n" for n in sorted(digests))
    said = {
        **facts,
        "Bagging-Date": today.isoformat(),
        "Payload-Oxum": f"{sum(sizes.values())}.{len(sizes)}",
    }
    info = "".join(f"{key}: {' '.join(value.split())}\n" for key, value in said.items() if value.split())
    texts = {"bagit.txt": DECLARATION, "bag-info.txt": info, f"manifest-{ALGORITHM}.txt": lines}
    for name, text in texts.items():
        write_bytes(folder / name, text.encode(), overwrite=True)
    tags = "".join(
        f"{hashlib.new(ALGORITHM, t.encode()).hexdigest()}  {n}\n" for n, t in sorted(texts.items())
    )
    write_bytes(folder / f"tagmanifest-{ALGORITHM}.txt", tags.encode(), overwrite=True)


def validate_bag(folder: Path, *, whole: bool) -> list[str]:
    """What the reference library says is wrong; empty if the bag is valid. whole: read every file, else count them.

    Raises PathError (CR658) if the library is not installed.
    """
    try:
        import bagit
    except ImportError:
        hint = "pip install 'chroma-recovery[delivery]'"
        raise PathError.at("CR658", posix(folder), "BagIt needs the library bagit", hint) from None
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    try:
        bagit.Bag(str(folder)).validate(fast=not whole)
    except bagit.BagValidationError as error:
        return [str(d) for d in error.details] or [error.message]
    except bagit.BagError as error:
        return [str(error)]
    return []
