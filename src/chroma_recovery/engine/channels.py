"""Channel names and channel sets as Nuke's knobs write them."""

from __future__ import annotations

from collections.abc import Sequence

from .image import RGB, RGBA

__all__ = ["LAYERS", "full", "layer_channels", "selected", "short"]

LAYERS: dict[str, tuple[str, ...]] = {
    "rgba": RGBA,
    "rgb": RGB,
    "alpha": ("alpha",),
    "red": ("red",),
    "green": ("green",),
    "blue": ("blue",),
    "depth": ("depth.Z",),
    "motion": ("forward.u", "forward.v", "backward.u", "backward.v"),
    "forward": ("forward.u", "forward.v"),
    "backward": ("backward.u", "backward.v"),
    "disparity": ("disparityL.x", "disparityL.y", "disparityR.x", "disparityR.y"),
    "mask": ("mask.a",),
}
"""Channels of Nuke's own layers."""


def short(name: str) -> str:
    """``rgba.red`` -> ``red``; others unchanged."""
    return name[5:] if name.startswith("rgba.") and name[5:] in RGBA else name


def full(name: str) -> str:
    """``red`` -> ``rgba.red``; others unchanged."""
    return f"rgba.{name}" if name in RGBA else name


def layer_channels(layer: str, present: Sequence[str] = ()) -> tuple[str, ...]:
    """The channels of a layer in Nuke's order; of a layer of the user's own, those that are present."""
    if layer in LAYERS:
        return LAYERS[layer]
    if "." in layer:
        return (short(layer),)
    return tuple(c for c in present if c.startswith(layer + "."))


def selected(text: str, present: Sequence[str]) -> tuple[str, ...]:
    """The channels of ``present`` that a channel knob names, in the order of ``present``.

    text: ``all``, ``none``, a layer (``rgb``), channels (``rgba.red rgba.green``), or the toggles that Nuke
    writes (``-rgba.red rgba.green none``: a dash means off).
    """
    wanted: set[str] = set()
    for word in text.replace(",", " ").replace("{", " ").replace("}", " ").split():
        if word == "all":
            wanted.update(present)
        elif word not in ("none", "false") and not word.startswith("-"):
            wanted.update(layer_channels(word, present))
    return tuple(c for c in present if c in wanted)
