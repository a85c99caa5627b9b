"""Libraries that go into a release: taken from what is installed here, pure Python only, with their licences."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import PurePosixPath

from ..errors import PathError, Problem

__all__ = ["licences", "modules", "needed"]

OWN = "chroma-recovery"
BINARY = (".so", ".pyd", ".dll", ".dylib")
OPTIONAL_BINARY = {"pyyaml": re.compile(r"yaml/_yaml\.|_yaml/")}
"""Compiled parts that a library works without: left out."""
LICENCE = re.compile(r"(?i)(?:^|/)(?:licen[cs]e|copying|notice|authors)[^/]*$")
MARKER = re.compile(r"""python_version\s*<\s*["']3\.(\d+)["']""")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def needed(python: tuple[int, int]) -> list[Distribution]:
    """Our base dependencies and theirs, for a Python version. Raises PathError (CR607) naming those not installed."""
    found: dict[str, Distribution] = {}
    wrong: list[Problem] = []
    left = _requirements(distribution(OWN), python)
    while left:
        name = left.pop(0)
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            wrong.append(Problem("CR607", name, "is needed and not installed here", f"pip install {name}"))
            continue
        left += _requirements(found[name], python)
    if wrong:
        raise PathError(wrong)
    return [found[name] for name in sorted(found)]


def _requirements(dist: Distribution, python: tuple[int, int]) -> list[str]:
    names = []
    for line in dist.requires or ():
        requirement, _, marker = line.partition(";")
        if "extra" in marker:
            continue
        limit = MARKER.search(marker)
        if limit and python[1] >= int(limit[1]):
            continue
        match = NAME.match(requirement.strip())
        if match:
            names.append(re.sub(r"[-_.]+", "-", match[0]).lower())
    return names


def modules(dist: Distribution) -> dict[str, bytes]:
    """Files of a library below the vendor folder. Raises PathError (CR608) if it is not pure Python."""
    name = dist.metadata["Name"].lower()
    skip = OPTIONAL_BINARY.get(name)
    found: dict[str, bytes] = {}
    binary: list[str] = []
    for file in dist.files or ():
        path = PurePosixPath(file.as_posix())
        text = str(path)
        top = path.parts[0]
        if (
            ".." in path.parts
            or path.is_absolute()
            or top.endswith((".dist-info", ".data"))
            or "__pycache__" in path.parts
        ):
            continue
        if skip is not None and skip.search(text):
            continue
        if text.endswith(BINARY):
            binary.append(text)
        elif text.endswith((".py", ".pyi")) or path.name == "py.typed":
            found[text] = file.locate().read_bytes()  # type: ignore[attr-defined]
    if binary:
        hint = "Nuke's Python differs per version; a release holds pure Python only"
        raise PathError.at("CR608", name, f"is not pure Python: {', '.join(binary[:3])}", hint)
    return found


def licences(dist: Distribution) -> dict[str, bytes]:
    """Licence texts by file name. Raises PathError (CR609) if the library brings none."""
    name = dist.metadata["Name"]
    found = {}
    for file in dist.files or ():
        text = file.as_posix()
        if ".dist-info/" in text and LICENCE.search(text):
            found[f"{name}-{dist.version}/{text.rsplit('/', 1)[-1]}"] = file.locate().read_bytes()  # type: ignore[attr-defined]
    if not found:
        raise PathError.at("CR609", name, "is installed without its licence", "reinstall it from its wheel")
    return found
