"""One zip that an artist unpacks into a plug-in folder.

::

    chroma_recovery/
      init.py  menu.py              Nuke's start-up files
      lib/chroma_recovery/          the package, with presets
      vendor/                       pure-Python libraries, asked last
      docs/artists.md  LICENSE  licences/

Same sources, same bytes: entries are sorted, dates and permissions fixed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from .. import __version__
from ..errors import PathError
from ..paths import posix, write_bytes
from .vendored import licences, modules, needed

__all__ = ["build_release", "entries"]

TOP = "chroma_recovery"
PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parents[1] if PACKAGE.parent.name == "src" else None
"""The repository, if we run from a checkout."""
START = PACKAGE / "nuke_start"
"""Where a wheel has the files that lie at the repository's root."""
DATE = (2000, 1, 1, 0, 0, 0)
LEFT_OUT = ("engine", "demo", "qc", "pairs", "testing")
"""Parts that need imaging libraries or a test runner; Nuke does their work."""
SUFFIXES = (".py", ".pyi", ".json", ".yaml", ".png", ".md", ".html", ".typed")


def build_release(target: Path, python: tuple[int, int], *, overwrite: bool = False) -> list[str]:
    """Write the zip and return the names in it. Raises PathError as :mod:`vendored`, and CR602 if it exists."""
    found = dict(sorted(entries(python).items()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in found.items():
            info = zipfile.ZipInfo(_safe(name), DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    write_bytes(target, packed.getvalue(), overwrite=overwrite)
    return list(found)


def entries(python: tuple[int, int]) -> dict[str, bytes]:
    """Every file of a release by its name in the zip."""
    found: dict[str, bytes] = {}
    for name in ("init.py", "menu.py"):
        found[f"{TOP}/{name}"] = _start_file(name)
    for path, data in _package():
        found[f"{TOP}/lib/chroma_recovery/{path}"] = data
    for dist in needed(python):
        found |= {f"{TOP}/vendor/{path}": data for path, data in modules(dist).items()}
        found |= {f"{TOP}/licences/{path}": data for path, data in licences(dist).items()}
    for name, data in _texts().items():
        found[f"{TOP}/{name}"] = data
    version = f"chroma-recovery {__version__} for Nuke's Python {python[0]}.{python[1]}\n"
    found[f"{TOP}/VERSION.txt"] = version.encode()
    return found


def _start_file(name: str) -> bytes:
    for place in (*([ROOT / name] if ROOT else []), START / name):
        if place.is_file():
            return place.read_bytes()
    hint = "make the release from a checkout or a wheel"
    raise PathError.at("CR604", name, "is not part of this installation", hint)


def _package() -> Iterator[tuple[str, bytes]]:
    for file in sorted(PACKAGE.rglob("*")):
        path = file.relative_to(PACKAGE)
        if path.parts[0] in LEFT_OUT or "__pycache__" in path.parts or not file.is_file():
            continue
        if file.name == "py.typed" or file.suffix in SUFFIXES:
            yield posix(path), file.read_bytes()
    shipped = ROOT / "presets" if ROOT else None
    for file in sorted(shipped.rglob("*")) if shipped else ():
        if file.is_file() and file.suffix in SUFFIXES:
            yield f"presets/{posix(file.relative_to(ROOT / 'presets'))}", file.read_bytes()  # type: ignore[operator]


def _texts() -> dict[str, bytes]:
    places = {"docs/artists.md": [START / "artists.md"]}
    if ROOT:
        places["docs/artists.md"].insert(0, ROOT / "docs/artists.md")
        places |= {"LICENSE": [ROOT / "LICENSE"], "docs/install.md": [ROOT / "docs/nuke/install.md"]}
    return {name: p.read_bytes() for name, options in places.items() for p in options[:1] if p.is_file()}


def _safe(name: str) -> str:
    """A name that unpacks below the folder on every system. Raises PathError (CR601)."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise PathError.at("CR601", name, "is no safe name in a zip")
    return name
