"""Small labelled pictures for contact sheets and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..paths import writing

__all__ = [
    "Bytes",
    "Display",
    "bytes_of",
    "clipped",
    "edge_difference",
    "jpeg",
    "scaled",
    "sheet",
    "write_jpeg",
]

Display = npt.NDArray[np.float32]
"""(height, width, 3) display-encoded R'G'B', 0-1 shown, top row first."""

Bytes = npt.NDArray[np.uint8]
"""The same as 8-bit codes."""

GROUND = 28
"""Grey of a sheet's ground, 8-bit code."""


def bytes_of(picture: Display | Bytes) -> Bytes:
    """8-bit R'G'B', clipped to 0-1; NaN shows black. 8-bit pictures stay as they are."""
    if picture.dtype == np.uint8:
        return picture.astype(np.uint8, copy=False)
    codes: Bytes = (clipped(picture) * 255 + 0.5).astype(np.uint8)
    return codes


def clipped(picture: Display | Bytes) -> Display:
    """Numbers within 0-1; NaN becomes black."""
    clean: Display = np.clip(picture, 0, 1)
    return np.nan_to_num(clean) if np.isnan(clean.sum(dtype=np.float64)) else clean


def edge_difference(a: Display, b: Display) -> Display:
    """Where edges of two pictures differ, as a grey picture: near black where geometry agrees, whatever the colour,
    contrast and exposure. Luma (BT.601 on R'G'B') of each is levelled by its own surroundings (Gaussian, 1 % of the
    width) before the difference; 0.5 is a difference of one local standard deviation."""
    grey = np.abs(_levelled(a) - _levelled(b)) * 0.5
    return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)


def _levelled(picture: Display) -> npt.NDArray[np.float32]:
    luma = np.clip(picture, 0, 1) @ np.array([0.299, 0.587, 0.114], np.float32)
    sigma = max(2.0, picture.shape[1] / 100)
    luma = cv2.GaussianBlur(luma, (0, 0), 1.0)
    centred = luma - cv2.GaussianBlur(luma, (0, 0), sigma)
    spread = np.sqrt(cv2.GaussianBlur(centred * centred, (0, 0), 2 * sigma))
    levelled: npt.NDArray[np.float32] = centred / (spread + 0.02)
    return levelled


def scaled(picture: Bytes, width: int) -> Bytes:
    """Resized to a width, area-filtered when shrinking."""
    if picture.shape[1] == width:
        return picture
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    smaller = width < picture.shape[1]
    result: Bytes = cv2.resize(
        picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    return result


def jpeg(picture: Display | Bytes, *, width: int | None = None, quality: int = 88) -> bytes:
    """JPEG file bytes; width: resize to this many pixels across, never enlarged."""
    shown = bytes_of(picture)
    if width is not None and width < shown.shape[1]:
        shown = scaled(shown, width)
    _, data = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


def sheet(
    rows: Sequence[tuple[str, Mapping[str, Display | Bytes]]], *, width: int = 360, gap: int = 6
) -> Bytes:
    """A contact sheet: one row per title, one labelled picture per column, pictures ``width`` pixels across."""
    strips: list[Bytes] = []
    for title, pictures in rows:
        cells = [_cell(label, scaled(bytes_of(picture), width), gap) for label, picture in pictures.items()]
        tallest = max(c.shape[0] for c in cells)
        row = np.hstack([_padded(c, tallest, c.shape[1]) for c in cells])
        strips += [_text(_ground(22, row.shape[1]), title, (gap + 2, 16), 0.5), row]
    widest = max(s.shape[1] for s in strips)
    stacked = np.vstack([_padded(s, s.shape[0], widest) for s in strips])
    return _padded(stacked, stacked.shape[0] + gap, widest + gap)


def _cell(label: str, picture: Bytes, gap: int, label_height: int = 20) -> Bytes:
    head = _text(_ground(label_height, picture.shape[1] + gap), label, (gap + 2, 14), 0.42)
    return np.vstack([head, np.hstack([_ground(picture.shape[0], gap), picture])])


def _ground(height: int, width: int) -> Bytes:
    return np.full((height, width, 3), GROUND, np.uint8)


def _padded(picture: Bytes, height: int, width: int) -> Bytes:
    canvas = _ground(height, width)
    canvas[: picture.shape[0], : picture.shape[1]] = picture
    return canvas


def _text(picture: Bytes, text: str, place: tuple[int, int], size: float) -> Bytes:
    plain = text.encode("ascii", "replace").decode()
    canvas = np.ascontiguousarray(picture)
    cv2.putText(canvas, plain, place, cv2.FONT_HERSHEY_SIMPLEX, size, (220, 220, 220), 1, cv2.LINE_AA)
    return canvas


def write_jpeg(target: Path, picture: Display | Bytes, *, quality: int = 90, overwrite: bool = False) -> Path:
    """Write a picture as JPEG, whole or not at all."""
    data = jpeg(picture, quality=quality)
    with writing(target, overwrite=overwrite) as scratch:
        scratch.write_bytes(data)
    return target
