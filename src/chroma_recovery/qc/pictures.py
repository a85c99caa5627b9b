"""Small labelled pictures for contact sheets and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..paths import writing

__all__ = ["bytes_of", "difference", "jpeg", "sheet", "write_jpeg"]

Display = npt.NDArray[np.float32]
"""(height, width, 3) display-encoded R'G'B', 0-1 shown, top row first."""


def bytes_of(picture: Display) -> npt.NDArray[np.uint8]:
    """8-bit R'G'B', clipped to 0-1; NaN shows black."""
    clean = np.nan_to_num(picture, nan=0.0, posinf=1.0, neginf=0.0)
    return (np.clip(clean, 0, 1) * 255 + 0.5).astype(np.uint8)


def difference(a: Display, b: Display, gain: float = 4.0) -> Display:
    """|luma a - luma b| times gain as a grey picture: geometry, not colour (BT.601 weights on R'G'B')."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    grey = np.abs(a @ weights - b @ weights) * gain
    return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)


def scaled(picture: Display, width: int) -> Display:
    """Resized to a width, area-filtered when shrinking."""
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    smaller = width < picture.shape[1]
    result: Display = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return result


def jpeg(picture: Display, *, width: int | None = None, quality: int = 88) -> bytes:
    """JPEG file bytes; width: resize to this many pixels across, never enlarged."""
    shown = scaled(picture, width) if width is not None and width < picture.shape[1] else picture
    _, data = cv2.imencode(".jpg", bytes_of(shown)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


def sheet(rows: Sequence[tuple[str, Mapping[str, Display]]], *, width: int = 360, gap: int = 6) -> Display:
    """A contact sheet: one row per title, one labelled picture per column, pictures ``width`` pixels across."""
    title_height, label_height = 22, 20
    strips: list[Display] = []
    for title, pictures in rows:
        cells = []
        for label, picture in pictures.items():
            small = scaled(picture, width)
            cell = np.full((small.shape[0] + label_height, width + gap, 3), 0.11, np.float32)
            cell[label_height:, gap:] = small
            cells.append(_text(cell, label, (gap + 2, 14), 0.42))
        tallest = max(c.shape[0] for c in cells)
        cells = [np.pad(c, ((0, tallest - c.shape[0]), (0, 0), (0, 0)), constant_values=0.11) for c in cells]
        head = np.full((title_height, (width + gap) * len(cells), 3), 0.11, np.float32)
        strips += [_text(head, title, (gap + 2, 16), 0.5), np.hstack(cells)]
    widest = max(s.shape[1] for s in strips)
    strips = [np.pad(s, ((0, 0), (0, widest - s.shape[1]), (0, 0)), constant_values=0.11) for s in strips]
    return np.pad(np.vstack(strips), ((0, gap), (0, gap), (0, 0)), constant_values=0.11)


def _text(picture: Display, text: str, place: tuple[int, int], size: float) -> Display:
    plain = text.encode("ascii", "replace").decode()
    canvas = np.ascontiguousarray(picture)
    cv2.putText(canvas, plain, place, cv2.FONT_HERSHEY_SIMPLEX, size, (0.86, 0.86, 0.86), 1, cv2.LINE_AA)
    return canvas


def write_jpeg(target: Path, picture: Display, *, quality: int = 90, overwrite: bool = False) -> Path:
    """Write a picture as JPEG, whole or not at all."""
    data = jpeg(picture, quality=quality)
    with writing(target, overwrite=overwrite) as scratch:
        scratch.write_bytes(data)
    return target
