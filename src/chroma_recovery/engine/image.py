"""What the engine computes with: pixels, channels, data window and format.

Coordinates are Nuke's: y points up, pixel (x, y) covers [x, x + 1) x [y, y + 1), ``r`` and ``t`` lie one
beyond the last pixel. Arrays are stored top row first, as image files are: row 0 is y = t - 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["ALPHA", "RGB", "RGBA", "Box", "Format", "Image", "Pixels", "copy_channels"]

Pixels = npt.NDArray[np.float32]

RGB = ("red", "green", "blue")
ALPHA = "alpha"
RGBA = (*RGB, ALPHA)


@attrs.frozen
class Box:
    """Rectangle of whole pixels: x <= column < r, y <= row < t. May be empty (r == x or t == y)."""

    x: int
    y: int
    r: int
    t: int

    def __attrs_post_init__(self) -> None:
        if self.r < self.x or self.t < self.y:
            raise ValueError(f"box {self.x} {self.y} {self.r} {self.t} has a negative size")

    @property
    def width(self) -> int:
        return self.r - self.x

    @property
    def height(self) -> int:
        return self.t - self.y

    @property
    def empty(self) -> bool:
        return self.r == self.x or self.t == self.y

    def __str__(self) -> str:
        return f"{self.x} {self.y} {self.r} {self.t}"

    def contains(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and self.r >= other.r and self.t >= other.t

    def union(self, other: Box) -> Box:
        """The smallest box around both; an empty box adds nothing."""
        if self.empty:
            return other
        if other.empty:
            return self
        return Box(min(self.x, other.x), min(self.y, other.y), max(self.r, other.r), max(self.t, other.t))

    def intersect(self, other: Box) -> Box:
        """The common part, empty (but with a place) if there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Box(x, y, max(x, min(self.r, other.r)), max(y, min(self.t, other.t)))

    def moved(self, dx: int, dy: int) -> Box:
        return Box(self.x + dx, self.y + dy, self.r + dx, self.t + dy)

    def grown(self, by: int) -> Box:
        return Box(self.x - by, self.y - by, self.r + by, self.t + by)


@attrs.frozen
class Format:
    """Display window 0 0 width height; pixel_aspect is a pixel's width divided by its height."""

    width: int
    height: int
    pixel_aspect: float = 1.0

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}" + (
            "" if self.pixel_aspect == 1 else f" pixel aspect {self.pixel_aspect:g}"
        )


def _locked(pixels: Any) -> Pixels:
    array: Pixels = np.asarray(pixels, dtype=np.float32).view()
    array.flags.writeable = False
    return array


def _names(channels: Iterable[str]) -> tuple[str, ...]:
    return tuple(channels)


def copy_channels(given: list[Pixels], out: Pixels, places: list[tuple[int, int]]) -> None:
    """Channels of pictures of one size, counted through all of them, into channels of another: (from, to)."""
    if out.size and places:
        cv2.mixChannels(given, [out], [n for place in places for n in place])


@attrs.frozen(eq=False)
class Image:
    """One frame.

    pixels: float32 (box.height, box.width, len(channels)), top row first; made read-only, so copy before
    changing. channels: names as Nuke prints them, the rgba layer short (``red``), others whole (``depth.Z``).
    box: data window, what the array covers. format: display window. black_outside: what lies outside the data
    window; black if true, else its edge pixels repeated (Nuke's rule). metadata: text by key, carried along.
    """

    pixels: Pixels = attrs.field(converter=_locked, repr=lambda p: f"<{p.shape}>")
    channels: tuple[str, ...] = attrs.field(converter=_names)
    box: Box
    format: Format
    black_outside: bool = False
    metadata: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        want = (self.box.height, self.box.width, len(self.channels))
        if self.pixels.shape != want:
            raise ValueError(f"pixels have shape {self.pixels.shape}, the box and channels say {want}")
        if len(set(self.channels)) != len(self.channels):
            raise ValueError(f"a channel is named twice in {self.channels}")

    @classmethod
    def filled(
        cls,
        box: Box,
        format: Format,
        channels: Sequence[str] = RGB,
        value: float | Sequence[float] = 0.0,
        **more: Any,
    ) -> Image:
        """One colour everywhere in ``box``; value: a number or one per channel."""
        pixels = np.empty((box.height, box.width, len(channels)), np.float32)
        pixels[...] = np.asarray(value, np.float32)
        return cls(pixels, tuple(channels), box, format, **more)

    @classmethod
    def of(cls, pixels: Any, channels: Sequence[str] | None = None, format: Format | None = None) -> Image:
        """An array whose data window is its whole format, lower left at 0 0. Channels by count when not
        given."""
        array = np.asarray(pixels, np.float32)
        if array.ndim == 2:
            array = array[..., None]
        height, width, count = array.shape
        names = tuple(channels) if channels is not None else {1: ("red",), 3: RGB, 4: RGBA}[count]
        return cls(array, names, Box(0, 0, width, height), format or Format(width, height))

    @property
    def nbytes(self) -> int:
        return int(self.pixels.nbytes)

    def index(self, name: str) -> int | None:
        return self.channels.index(name) if name in self.channels else None

    def channel(self, name: str) -> Pixels:
        """(height, width) of one channel; zeros if the image has no such channel (as Nuke gives)."""
        at = self.index(name)
        return np.zeros(self.pixels.shape[:2], np.float32) if at is None else self.pixels[..., at]

    def select(self, names: Sequence[str]) -> Pixels:
        """(height, width, len(names)), missing channels black; a view when the channels lie side by side in
        order."""
        names = tuple(names)
        first = self.index(names[0]) if names else None
        if first is not None and self.channels[first : first + len(names)] == names:
            return self.pixels[..., first : first + len(names)]
        out = np.zeros((*self.pixels.shape[:2], len(names)), np.float32)
        copy_channels(
            [self.pixels], out, [(at, n) for n, c in enumerate(names) if (at := self.index(c)) is not None]
        )
        return out

    def rgb(self) -> Pixels:
        """(height, width, 3), C-contiguous float32, possibly read-only; missing channels black."""
        if self.channels == RGBA and self.pixels.size:
            return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGBA2RGB), np.float32)
        return np.ascontiguousarray(self.select(RGB))

    def with_pixels(self, pixels: Any, channels: Sequence[str] | None = None) -> Image:
        """The same windows and metadata with other pixels."""
        return attrs.evolve(
            self, pixels=pixels, channels=self.channels if channels is None else tuple(channels)
        )

    def with_channels(self, names: Sequence[str], values: Pixels) -> Image:
        """These channels replaced or added; values (height, width, len(names))."""
        names = tuple(names)
        keep = [*self.channels, *(n for n in names if n not in self.channels)]
        if names == tuple(keep):
            return self.with_pixels(values, keep)
        out = np.empty((*self.pixels.shape[:2], len(keep)), np.float32)
        old = [(n, n) for n, name in enumerate(self.channels) if name not in names]
        new = [(len(self.channels) + n, keep.index(name)) for n, name in enumerate(names)]
        copy_channels([self.pixels, np.asarray(values, np.float32)], out, old + new)
        return self.with_pixels(out, keep)

    def only(self, names: Iterable[str]) -> Image:
        """Without the other channels; order as given."""
        wanted = tuple(n for n in names if n in self.channels)
        return self if wanted == self.channels else self.with_pixels(self.select(wanted), wanted)

    def area(self, box: Box, fill: float | None = None) -> Pixels:
        """Pixels of any box, (box.height, box.width, channels). Outside the data window: ``fill``, or with
        None what this image has there (edge pixels repeated, or black)."""
        if box == self.box:
            return self.pixels
        if self.box.contains(box):
            top = self.box.t - box.t
            left = box.x - self.box.x
            return self.pixels[top : top + box.height, left : left + box.width]
        if fill is None and not self.black_outside and not self.box.empty:
            rows = np.clip(self.box.t - 1 - np.arange(box.t - 1, box.y - 1, -1), 0, self.box.height - 1)
            columns = np.clip(np.arange(box.x, box.r) - self.box.x, 0, self.box.width - 1)
            return self.pixels[np.ix_(rows, columns)]
        out = np.full((box.height, box.width, len(self.channels)), 0.0 if fill is None else fill, np.float32)
        common = self.box.intersect(box)
        if not common.empty:
            out[box.t - common.t : box.t - common.y, common.x - box.x : common.r - box.x] = self.area(common)
        return out

    def crop_to(self, box: Box, fill: float | None = 0.0) -> Image:
        """The data window made exactly ``box``; see :meth:`area` for ``fill``."""
        return self if box == self.box else attrs.evolve(self, pixels=self.area(box, fill), box=box)

    def filling(self) -> Pixels:
        """The pixels of the whole format, black where there are none: (format.height, format.width,
        channels)."""
        return self.area(self.format.box, 0.0)
