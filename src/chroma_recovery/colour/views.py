"""Displays and views (output transforms) per OCIO config, in the spelling of Nuke's viewerProcess and
monitorLut.

>>> resolve_view("Rec.709", "ACES 1.0 SDR-video", config="aces_1.2").nuke
'Rec.709 (ACES)'
>>> default_view("fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1").nuke
'ACES 1.0 - SDR Video (Rec.1886 Rec.709 - Display)'
"""

from __future__ import annotations

import re

import attrs

from ..errors import ColourError, did_you_mean
from .tables import Config, check_text, find_config

__all__ = ["ViewName", "default_view", "odt", "resolve_view"]

_ACES1 = "ACES 1.0 - SDR Video"
_ACES2 = "ACES 2.0 - SDR 100 nits (Rec.709)"
_REC709 = "Rec.1886 Rec.709 - Display"
_SRGB = "sRGB - Display"
_PLAIN = "Un-tone-mapped"

_ODT_WORDS = frozenset(
    {
        "odt",
        "rec709",
        "rec70924",
        "rec709odt",
        "rec70924odt",
        "rec709aces",
        "aces10sdrvideo",
        "aces10sdrvideorec709",
        "aces10sdrvideorec70924",
        "aces10sdrvideorec1886rec709display",
        "aces20sdr100nitsrec709",
        "sdrvideo",
    }
)
"""Spellings of the SDR output transform, letters and digits only; the guide's and each config's own."""

_ANY_SCREEN_WORDS = frozenset({"odt", "sdrvideo", "aces10sdrvideo", "aces20sdr100nitsrec709"})
"""Spellings that leave the screen to the display."""

_REC709_WORDS = frozenset(
    {"", "aces", "rec709", "rec70924", "rec1886", "rec1886rec709", "rec1886rec709display", "default"}
)
_SRGB_WORDS = frozenset({"srgb", "srgbdisplay"})
_SRGB_VIEW_WORDS = frozenset({"srgb", "srgbaces", "srgbodt", "aces10sdrvideosrgbdisplay"})


@attrs.frozen
class ViewName:
    """One view of one display of a config.

    nuke: ``view (display)``, the text of Viewer.viewerProcess and Root.monitorLut. note: what to know, or
    empty.
    """

    display: str
    view: str
    nuke: str
    note: str = ""


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _named(display: str, view: str, note: str = "") -> ViewName:
    return ViewName(display, view, f"{view} ({display})", note)


def _output_view(screen: str, table: Config) -> ViewName | None:
    """The ACES SDR output transform for a Rec.709 or sRGB screen, or None if the config has none."""
    if table.name == "aces_1.2":
        return _named("ACES", "Rec.709" if screen == _REC709 else "sRGB")
    views = table.displays.get(screen, ())
    for view in (_ACES1, _ACES2):
        if view in views:
            return _named(screen, view)
    return None


def odt(config: str) -> ViewName | None:
    """The Rec.709 2.4 output transform of ACES, as OCIODisplay takes it; None where the config has none or
    is custom.

    Raises ColourError CR702 (unknown config).
    """
    return _output_view(_REC709, find_config(config))


def default_view(config: str) -> ViewName:
    """What the Viewer shows by default: the Rec.709 2.4 output transform, or the config's nearest to it.

    ``nuke-default`` has no output transform; its ``rec1886`` is the plain 2.4 gamma. A custom config gets
    the same guess as ACES 1.3. Raises ColourError CR702 (unknown config).
    """
    table = find_config(config)
    if table.name == "nuke-default":
        return _named(
            "default", "rec1886", "nuke-default has no ACES output transform; this is a plain 2.4 gamma"
        )
    if table.is_custom:
        return _named(_REC709, _ACES1, "custom config: display and view are not checked here")
    found = _output_view(_REC709, table)
    return found or _named(*table.default)


def _split(display: str, view: str, table: Config) -> tuple[str, str]:
    """``view (display)`` typed as one text, taken apart where the last bracket names a display."""
    match = re.fullmatch(r"(.+) \(([^()]+)\)", view)
    if match and (match[2] in table.displays or (table.is_custom and not display)):
        return match[2], match[1]
    return display, view


def resolve_view(display: str, view: str, *, config: str) -> ViewName:
    """The display and view of ``config`` that are meant.

    display, view: literal names (case does not matter), Nuke's ``view (display)``, the guide's ``ACES 1.0
    SDR-video`` or ``Rec.709``, or the purpose ``odt``. A name of another config's SDR output transform is
    translated, with a note. Raises ColourError: CR704 no such display or view (with the nearest), CR702
    unknown config, CR705 unsafe text.
    """
    table = find_config(config)
    check_text(view, "view")
    if display:
        check_text(display, "display")
    display, view = _split(display, view, table)
    if table.is_custom:
        return (
            _named(display, view, "custom config: display and view are not checked here")
            if display
            else default_view(config)
        )
    asked = display or (next(iter(table.displays)) if len(table.displays) == 1 else "")
    shown = next((d for d in table.displays if d.casefold() == asked.casefold()), None)
    if shown is not None:
        found = next((v for v in table.displays[shown] if v.casefold() == view.casefold()), None)
        if found is not None:
            return _named(shown, found)
    meant = _meant(display, view, table)
    if meant is not None:
        return meant
    raise ColourError.at(
        "CR704", "", _missing(display, view, shown, table), _nearest(display, view, shown, table)
    )


def _meant(display: str, view: str, table: Config) -> ViewName | None:
    wanted, screen = _key(view), _key(display)
    if screen not in _SRGB_WORDS | _REC709_WORDS:
        return None
    found: ViewName | None = None
    if wanted in _SRGB_VIEW_WORDS or (wanted in _ANY_SCREEN_WORDS and screen in _SRGB_WORDS):
        found = _output_view(_SRGB, table)
    elif wanted in _ODT_WORDS:
        found = _output_view(_REC709, table)
    elif wanted == "raw":
        found = _plain(screen, "Raw", table)
    elif wanted == _key(_PLAIN):
        found = _plain(screen, _PLAIN, table)
    if found is None:
        return None
    return attrs.evolve(
        found, note=f"{view!r} on {display or 'the default display'} is {found.nuke!r} in {table.name}"
    )


def _plain(screen: str, view: str, table: Config) -> ViewName | None:
    wanted = _SRGB if screen in _SRGB_WORDS else _REC709
    for display in (wanted, *table.displays):
        for name in table.displays.get(display, ()):
            if name == view or (view == "Raw" and name == "None"):
                return _named(display, name)
    return None


def _missing(display: str, view: str, shown: str | None, table: Config) -> str:
    if shown is None:
        return f"{table.name} has no view {view!r} on a display {display!r}"
    return f"display {shown!r} of {table.name} has no view {view!r}"


def _nearest(display: str, view: str, shown: str | None, table: Config) -> str:
    if shown is None:
        near = did_you_mean(display, list(table.displays))
        return f"display: {near or 'known: ' + ', '.join(table.displays)}"
    near = did_you_mean(view, table.displays[shown])
    return near or "its views: " + ", ".join(table.displays[shown])
