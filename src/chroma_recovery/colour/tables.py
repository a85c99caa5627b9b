"""What the OCIO configs of Nuke hold: names, aliases, roles, displays and views, as plain tables.

``configs.json`` lists them per config. ``aces_1.2`` and ``nuke-default`` were read from public copies of
the files that Nuke ships, the ``fn-nuke_*`` v1.0.0 and v2.2.0 from the ASWF configs of the same version
(their names agree with Nuke's in everything that could be compared), and the v3.0.0 ones are *inferred*
from the ASWF config of the same generation (ACES 2.0). A path that ends in ``.ocio`` is a custom config:
its names cannot be known here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import attrs

from ..errors import ColourError, did_you_mean

__all__ = ["CUSTOM", "Config", "check_text", "config_names", "find_config"]

CUSTOM = "custom"
"""Name that Nuke gives to a config read from a file."""

_DATA = Path(__file__).with_name("configs.json")

_UNSAFE = frozenset('[]{}$\\"`;')

_OTHER_SPELLINGS = {
    "aces 1.2": "aces_1.2",
    "aces_1.3": "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
    "aces 1.3": "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
}


@attrs.frozen
class Config:
    """One OCIO config.

    name: as Nuke writes it in ``Root.OCIO_config`` (``custom`` for a file). path: of a custom config, else
    empty. builtin: name of the PyOpenColorIO built-in config with the same maths, None for a custom one.
    translated: True where the names differ from that built-in's. inferred: True where the names are not
    verified. roles: role -> colour space. spaces: colour space -> its aliases. display_spaces: those that
    are display-referred. displays: display -> its views, default first. default: (display, view).
    """

    name: str
    path: str = ""
    builtin: str | None = None
    translated: bool = False
    inferred: bool = False
    roles: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    spaces: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, hash=False)
    display_spaces: tuple[str, ...] = ()
    displays: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, hash=False)
    default: tuple[str, str] = ("", "")
    folded: Mapping[str, str] = attrs.field(factory=dict, hash=False, repr=False)

    @property
    def is_custom(self) -> bool:
        return self.name == CUSTOM

    def space(self, name: str) -> str | None:
        """Colour space with this name or alias (case does not matter, as in OCIO), or None."""
        if name in self.spaces:
            return name
        return self.folded.get(name.casefold())


@cache
def _all() -> Mapping[str, Config]:
    found: dict[str, Config] = {}
    for name, said in json.loads(_DATA.read_text(encoding="utf-8"))["configs"].items():
        spaces = {space: tuple(aliases) for space, aliases in said["spaces"].items()}
        folded = {alias.casefold(): space for space, aliases in spaces.items() for alias in aliases}
        folded.update({space.casefold(): space for space in spaces})
        found[name] = Config(
            name=name,
            builtin=said["builtin"],
            translated=said["translated"],
            inferred=said.get("inferred", False),
            roles=MappingProxyType(said["roles"]),
            spaces=MappingProxyType(spaces),
            display_spaces=tuple(said["display_spaces"]),
            displays=MappingProxyType({d: tuple(views) for d, views in said["displays"].items()}),
            default=(said["default"][0], said["default"][1]),
            folded=MappingProxyType(folded),
        )
    return MappingProxyType(found)


def config_names() -> tuple[str, ...]:
    """Every config known by name."""
    return tuple(_all())


def check_text(text: str, what: str) -> str:
    """``text`` itself, if it is safe as a knob value. Raises ColourError (CR705) for control characters, the
    characters that Nuke evaluates (``[ ] { } $ \\ " ` ;``), an empty text, or one of more than 200
    characters.
    """
    bad = sorted({c for c in text if c in _UNSAFE or not c.isprintable()})
    if bad:
        shown = " ".join(repr(c)[1:-1] for c in bad)
        raise ColourError.at(
            "CR705", "", f"{what} {text[:60]!r} holds {shown}", "no OCIO name needs such characters"
        )
    if not text.strip() or len(text) > 200:
        raise ColourError.at("CR705", "", f"{what} must have 1 to 200 characters, got {len(text)}")
    return text


@cache
def find_config(name: str) -> Config:
    """The config of this name; ``ACES 1.2``, ``ACES 1.3`` and the ASWF names without ``fn-nuke_`` are
    understood.

    A text ending in ``.ocio`` is the path of a custom config. Raises ColourError: CR702 unknown config,
    CR705 unsafe text.
    """
    if name.casefold().endswith(".ocio"):
        return Config(name=CUSTOM, path=check_text(name, "OCIO config"))
    known = _all()
    if name in known:
        return known[name]
    key = _OTHER_SPELLINGS.get(name.casefold(), name).casefold()
    for full in known:
        if (
            key in (full.casefold(), full.removeprefix("fn-nuke_").casefold())
            or full.casefold() == f"{key}_ocio-v2.4"
        ):
            return known[full]
    if name == CUSTOM:
        raise ColourError.at(
            "CR702",
            "",
            "the OCIO config is 'custom' but no file is named",
            "write the path of the .ocio file instead",
        )
    check_text(name, "OCIO config")
    near = did_you_mean(name, list(known))
    raise ColourError.at(
        "CR702",
        "",
        f"unknown OCIO config {name!r}",
        near or "known: " + ", ".join(known) + ", or the path of a .ocio file",
    )
