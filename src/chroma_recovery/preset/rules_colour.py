"""Rules about colour names and the training domain."""

from __future__ import annotations

from collections.abc import Iterator

from ..colour import ColourSpace, find_config, odt, resolve, resolve_view
from ..errors import ColourError
from .finding import Finding
from .model import Preset
from .words import check_text

__all__ = ["colour_rules"]

SCENE_LINEAR = frozenset({"aces2065-1", "acescg", "linear-rec709", "linear-p3d65", "linear-rec2020"})
"""Purposes whose values are light and have no upper end at 1."""

ACES = frozenset({"aces2065-1", "acescg"})
"""Purposes that ACES masters come in."""

ENCODED = frozenset(
    {
        "srgb-texture",
        "rec709-gamma24",
        "rec709-gamma22",
        "rec709-gamma18",
        "camera-rec709",
        "acescct",
        "acescc",
    }
)
"""Purposes that cannot be a working space: their values are not proportional to light."""

_SPACES = ("working", "read", "delivery")


def colour_rules(preset: Preset, said: frozenset[str]) -> list[Finding]:
    """Findings about ``colour``; explanations of names only for those that a file gives (``said``)."""
    config = preset.colour.config
    try:
        table = find_config(config)
    except ColourError as error:
        return _passed_on(error, "colour.config", ())
    found: list[Finding] = []
    if table.path:
        trouble = check_text(table.path, "path")
        if trouble is not None:
            found.append(Finding(trouble[0], "colour.config", trouble[1], trouble[2]))
    spaces: dict[str, ColourSpace] = {}
    for name in _SPACES:
        field = f"colour.{name}"
        try:
            spaces[name] = resolve(getattr(preset.colour, name), config=config)
        except ColourError as error:
            found += _passed_on(error, field, ("colour.config",))
    try:
        resolve_view(preset.colour.display, preset.colour.view, config=config)
    except ColourError as error:
        found += _passed_on(error, "colour.view", ("colour.config", "colour.display"))
    found += [f for f in _notes(preset, spaces) if f.field in said]
    found += _domain(preset, spaces)
    found += _age(preset, table.name)
    return found


def _passed_on(error: ColourError, field: str, uses: tuple[str, ...]) -> list[Finding]:
    return [Finding(p.code, field, p.message, p.hint, uses) for p in error.problems]


def _notes(preset: Preset, spaces: dict[str, ColourSpace]) -> Iterator[Finding]:
    """Names that mean something else than they seem to; a plain role or the guide's own name is no
    surprise.
    """
    for name, space in spaces.items():
        written = space.token
        inverse = written == "color_picking" and space.name.startswith("Output - ")
        if inverse or written in ("matte_paint", "texture_paint"):
            uses = ("colour.config",)
            yield Finding("CR150", f"colour.{name}", space.note, "", uses, "warning")


def _domain(preset: Preset, spaces: dict[str, ColourSpace]) -> Iterator[Finding]:
    colour = preset.colour
    read, working = spaces.get("read"), spaces.get("working")
    uses = ("colour.config", "colour.domain")
    if working is not None and working.purpose in ENCODED:
        message = f"{colour.working!r} is not scene-linear; nodes work on light"
        yield Finding("CR151", "colour.working", message, "ACEScg is usual", ("colour.config",))
    if colour.domain == "aces-odt" and odt(colour.config) is None:
        message = f"aces-odt needs a Rec.709 output transform, and {colour.config} has none that is known"
        hint = "choose an ACES config, or colour.domain: display"
        yield Finding("CR152", "colour.domain", message, hint, ("colour.config",))
    if read is None:
        return
    unbounded = read.purpose in SCENE_LINEAR or read.name.startswith("Output - ")
    if colour.domain == "display" and unbounded:
        message = (
            f"{colour.read!r} brings unbounded light, and the display domain clamps to 0-1 before training: "
            "that crushes highlights and harms chroma mapping"
        )
        hint = "apply the ODT before training: colour.domain: aces-odt, or export Rec.709 2.4 and read that"
        yield Finding("CR153", "colour.read", message, hint, uses)
    if colour.domain == "aces-odt" and read.purpose not in ACES and not find_config(colour.config).is_custom:
        message = f"aces-odt starts from ACES masters, but both Reads bring {colour.read!r}"
        hint = "set colour.read: ACES2065-1, or colour.domain: display"
        yield Finding("CR154", "colour.read", message, hint, uses)
    if colour.domain == "log":
        message = "the log domain trains more slowly and recovers chroma less well than display-referred"
        hint = "use it only if the footage demands it"
        yield Finding("CR155", "colour.domain", message, hint, severity="warning")


def _age(preset: Preset, config: str) -> Iterator[Finding]:
    """Configs that are only known to come with Nuke 17."""
    major = preset.nuke.version.split(".")[0]
    newer = any(v in config for v in ("-v2.2.0_", "-v3.0.0_"))
    if newer and major.isdigit() and int(major) < 16:
        message = f"{config} is known to come with Nuke 17; this preset is for {preset.nuke.version}"
        hint = "choose a v1.0.0 config or aces_1.2"
        yield Finding("CR156", "colour.config", message, hint, ("nuke.version",), "warning")
