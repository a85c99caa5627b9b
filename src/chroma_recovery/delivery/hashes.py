"""The hash formats of ASC MHL v2.0, computed over a stream; several at once while the bytes pass.

``xxh3`` is XXH3 with 64 bits, ``xxh128`` XXH3 with 128, as the reference implementation has them. A C4 ID is a SHA-512
in base 58 (SMPTE ST 2114).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from ..errors import PathError
from ..paths import posix

__all__ = ["BLOCK", "FORMATS", "Hasher", "binary", "hash_bytes", "hash_file", "hashers", "of_list", "texts"]

BLOCK = 1 << 20
"""Bytes that are in memory at a time."""

FORMATS = ("xxh64", "xxh128", "xxh3", "md5", "sha1", "c4")
"""What a manifest can be written with; the first is the default."""

XX = {"xxh64": "xxh64", "xxh32": "xxh32", "xxh3": "xxh3_64", "xxh128": "xxh3_128"}
C4_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
C4_LENGTH = 90


class Hasher(Protocol):
    """What hashlib and xxhash have in common."""

    def update(self, data: bytes, /) -> object: ...
    def hexdigest(self) -> str: ...


def _maker(name: str) -> Callable[[], Any]:
    if name in XX:
        try:
            import xxhash
        except ImportError:
            hint = "pip install 'chroma-recovery[delivery]', or use --hash md5, sha1 or c4"
            raise PathError.at("CR658", name, "needs the library xxhash", hint) from None
        return getattr(xxhash, XX[name])  # type: ignore[no-any-return]
    if name == "c4":
        return hashlib.sha512
    if name in ("md5", "sha1"):
        return lambda: hashlib.new(name, usedforsecurity=False)
    if name in ("sha256", "sha512"):
        return lambda: hashlib.new(name)
    raise PathError.at("CR655", name[:40], "is no hash format that this version knows")


def hashers(names: Iterable[str]) -> dict[str, Hasher]:
    """A fresh hasher by format. Raises PathError: CR658 a library is missing, CR655 an unknown format."""
    return {name: _maker(name)() for name in dict.fromkeys(names)}


def texts(made: dict[str, Hasher]) -> dict[str, str]:
    """The digests as manifests spell them."""
    return {name: _c4(h.hexdigest()) if name == "c4" else h.hexdigest() for name, h in made.items()}


def _c4(digest: str) -> str:
    number, text = int(digest, 16), ""
    while number:
        number, digit = divmod(number, 58)
        text = C4_DIGITS[digit] + text
    return "c4" + text.rjust(C4_LENGTH - 2, "1")


def binary(name: str, text: str) -> bytes:
    """The bytes of a digest. Raises ValueError if the text is none."""
    if name != "c4":
        return bytes.fromhex(text)
    number = 0
    for sign in text[2:]:
        number = number * 58 + C4_DIGITS.index(sign)
    return number.to_bytes(64, "big")


def hash_bytes(data: bytes, name: str) -> str:
    """Digest of some bytes."""
    made = hashers([name])
    made[name].update(data)
    return texts(made)[name]


def of_list(digests: Iterable[str], name: str) -> str:
    """Digest of digests, in sorted order: how ASC MHL hashes a folder."""
    return hash_bytes(b"".join(binary(name, d) for d in sorted(digests)), name)


def blocks(path: Path) -> Iterator[bytes]:
    """The file in pieces."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block


def hash_file(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Digests of a file, read once. Raises PathError (CR606) if it cannot be read."""
    made = hashers(names)
    try:
        for block in blocks(path):
            for hasher in made.values():
                hasher.update(block)
    except OSError as error:
        raise PathError.at("CR606", posix(path), f"cannot be read: {error.strerror or error}") from error
    return texts(made)
