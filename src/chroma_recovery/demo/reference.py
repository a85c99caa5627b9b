"""A DVD-like Reference of the same film: other framing, small raster, compressed, paler, black borders.

A DVD holds 720x576 samples per frame (ITU-R BT.601, 625 lines), 4:2:0, MPEG-2. Here JPEG's 4:2:0 and 8x8
cosine transform stand in for MPEG-2's intra frames: the same kinds of loss, but no motion prediction.
"""

from __future__ import annotations

import math

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..errors import EngineError
from .density import Array

__all__ = ["DvdReference", "Matrix", "similarity", "warp"]

Matrix = npt.NDArray[np.float64]

_BT709 = np.array([0.2126, 0.7152, 0.0722], np.float32)


def similarity(
    width: int,
    height: int,
    *,
    shift: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
    degrees: float = 0.0,
) -> Matrix:
    """3x3 matrix of a turn and scale about the picture's centre, then a shift.

    Pixel centres lie at whole numbers, y goes down.

    shift: pixels, right and down. degrees: clockwise as seen.
    """
    x, y = (width - 1) / 2, (height - 1) / 2
    cos, sin = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    return np.array(
        [
            [cos, -sin, x - cos * x + sin * y + shift[0]],
            [sin, cos, y - sin * x - cos * y + shift[1]],
            [0.0, 0.0, 1.0],
        ]
    )


def warp(frame: Array, forward: Matrix) -> Array:
    """The frame moved by ``forward`` (bicubic, edge pixels go on), same size, clipped to 0..1."""
    size = (frame.shape[1], frame.shape[0])
    moved = cv2.warpAffine(frame, forward[:2], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(np.asarray(moved, np.float32), 0, 1)


@attrs.frozen(kw_only=True)
class DvdReference:
    """How the Reference was made from the undegraded film frame, both on a canvas of the Source's size.

    shift, scale, degrees: its framing, see :func:`similarity`. borders: black columns at each side, black
    rows at top and bottom, in pixels of the canvas. raster: samples of the DVD frame. blur: standard
    deviation in such samples. quality: JPEG's 1..100. contrast, saturation: the look, 1 changes nothing.
    pivot: the display value that contrast keeps.
    """

    shift: tuple[float, float] = (6.0, -4.0)
    scale: float = 1.012
    degrees: float = 0.35
    borders: tuple[int, int] = (22, 14)
    raster: tuple[int, int] = (720, 576)
    blur: float = 0.6
    quality: int = 72
    contrast: float = 0.92
    saturation: float = 0.92
    pivot: float = 0.5

    def transform(self, width: int, height: int) -> Matrix:
        """3x3 matrix from pixels of the film frame to pixels of the Reference, see :func:`similarity`."""
        return similarity(width, height, shift=self.shift, scale=self.scale, degrees=self.degrees)

    def truth(self, frame: Array) -> Array:
        """The undegraded frame in the Reference's own look, unmoved: what recovery aims for.

        frame, result: float32 height x width x 3, display-encoded (sRGB transfer) 0..1. Saturation is about
        luma (BT.709).
        """
        luma = (frame @ _BT709)[..., None]
        paler = luma + (frame - luma) * np.float32(self.saturation)
        pivot = np.float32(self.pivot)
        return np.clip((paler - pivot) * np.float32(self.contrast) + pivot, 0, 1).astype(np.float32)

    def __call__(self, frame: Array) -> Array:
        """The Reference of one film frame, conformed to the canvas. Shapes and values as in :meth:`truth`.

        Raises EngineError (CR591) if OpenCV cannot encode JPEG.
        """
        height, width = frame.shape[:2]
        picture = self.truth(warp(frame, self.transform(width, height)))
        side, rows = self.borders
        picture[:rows], picture[height - rows :] = 0, 0
        picture[:, :side], picture[:, width - side :] = 0, 0
        small = cv2.GaussianBlur(
            cv2.resize(picture, self.raster, interpolation=cv2.INTER_AREA), (0, 0), self.blur
        )
        decoded = self._compressed(np.asarray(small, np.float32))
        conformed = cv2.resize(decoded, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.clip(np.asarray(conformed, np.float32), 0, 1)

    def live_area(self, width: int, height: int) -> tuple[int, int, int, int]:
        """What lies inside the borders: left, top, right, bottom; the last two are excluded, y goes down."""
        side, rows = self.borders
        return side, rows, width - side, height - rows

    def _compressed(self, picture: Array) -> Array:
        codes = np.round(picture[..., ::-1] * 255).astype(np.uint8)
        how = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
        how += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
        done, data = cv2.imencode(".jpg", codes, how)
        back = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
        if back is None:
            raise EngineError.at(
                "CR591", "", "this OpenCV cannot write JPEG", "install a wheel of opencv-python-headless"
            )
        return np.asarray(back[..., ::-1], np.float32) / np.float32(255)
