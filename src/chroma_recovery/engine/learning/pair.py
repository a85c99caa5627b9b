"""One training pair, in memory or in a file, and the file.

In memory a pair's numbers are float32. In a file they are 16-bit codes, 10 bytes a pixel, in steps of 2.3e-5 (Y'CbCr of
the Input) and 3.1e-5 (chroma of the Ground Truth), a hundredth of an 8-bit step; crops are read through a memory map.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

import attrs
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...errors import EngineError, Problem
from ...paths import posix

__all__ = ["Pair", "PairFile", "StoredPair"]

Where = tuple[float, float, float, float, float]

LOW, SPAN = -0.5, 1.5
"""Of Y'CbCr: what :func:`dataset.load_dataset` clamps it to."""

LEAST, REACH = -1.0, 2.0
"""Of the Ground Truth's chroma; beyond it is clamped. Real colours end at 0.5."""

STEPS = 65534
"""Code 0 of Cb stands for no picture; 1..65535 span the range."""


@attrs.frozen(eq=False)
class Pair:
    """One frame. ycc: (3, h, w) Y' 0..1, Cb, Cr of the Input. chroma: (2, h, w) of the Ground Truth. mask:
    (1, h, w) 1 where the Ground Truth holds picture. where: its place, see :class:`network.ChromaNetwork`."""

    frame: int
    ycc: Tensor
    chroma: Tensor
    mask: Tensor
    where: Where

    @property
    def height(self) -> int:
        return int(self.ycc.shape[-2])

    @property
    def width(self) -> int:
        return int(self.ycc.shape[-1])

    def part(self, rows: slice, columns: slice) -> tuple[Tensor, Tensor, Tensor]:
        """(ycc, chroma, mask) of some rows and columns; steps are allowed."""
        area = (slice(None), rows, columns)
        return self.ycc[area], self.chroma[area], self.mask[area]

    def picture_share(self, rows: slice, columns: slice) -> float:
        """Share of an area that holds picture."""
        return float(self.mask[:, rows, columns].mean())

    def mapped(self, matrix: Tensor, away: Tensor) -> Pair:
        """The same with other colours of the Input: matrix (3, 3) and what is added (3), of Y'CbCr."""
        return Pair(self.frame, _mapped(self.ycc, matrix, away), self.chroma, self.mask, self.where)


class StoredPair(Pair):
    """The same, read from a :class:`PairFile` when asked for; the Ground Truth's chroma is 0 where no picture is."""

    def __init__(self, frame: int, codes: npt.NDArray[np.uint16], where: Where, file: PairFile) -> None:
        for name, value in (("frame", frame), ("where", where), ("_codes", codes), ("_file", file)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_map", None)

    _codes: npt.NDArray[np.uint16]
    _file: PairFile
    _map: tuple[Tensor, Tensor] | None

    @property
    def height(self) -> int:
        return int(self._codes.shape[0])

    @property
    def width(self) -> int:
        return int(self._codes.shape[1])

    @property
    def ycc(self) -> Tensor:
        return self.part(slice(None), slice(None))[0]

    @property
    def chroma(self) -> Tensor:
        return self.part(slice(None), slice(None))[1]

    @property
    def mask(self) -> Tensor:
        return torch.from_numpy(np.float32(self._codes[..., 3] > 0))[None]

    def part(self, rows: slice, columns: slice) -> tuple[Tensor, Tensor, Tensor]:
        codes = torch.from_numpy(self._codes[rows, columns].astype(np.float32)).permute(2, 0, 1)
        mask = (codes[3:4] > 0).float()
        chroma = (LEAST + (codes[3:] - 1) * (REACH / STEPS)) * mask
        ycc = (LOW + (codes[:3] - 1) * (SPAN / STEPS)).contiguous()
        if self._map is not None:
            ycc = _mapped(ycc, *self._map)
        return ycc, chroma.contiguous(), mask

    def mapped(self, matrix: Tensor, away: Tensor) -> Pair:
        pair = StoredPair(self.frame, self._codes, self.where, self._file)
        object.__setattr__(pair, "_map", (matrix, away))
        return pair

    def picture_share(self, rows: slice, columns: slice) -> float:
        return float((self._codes[rows, columns, 3] > 0).mean())


class PairFile:
    """A nameless file that holds pairs for as long as any of them is used, and is gone afterwards, come what may.

    folder: where it lies; None for the system's folder of temporary files.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.bytes = 0
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder, prefix=".pairs-")  # noqa: SIM115
        except OSError as error:
            raise self._full(error) from error

    def add(self, pair: Pair) -> StoredPair:
        """The pair, stored. Raises EngineError (CR565) if the disk is full."""
        shape = (pair.height, pair.width, 5)
        codes = np.empty(shape, np.uint16)
        codes[..., :3] = _coded(pair.ycc, LOW, SPAN)
        codes[..., 3:] = _coded(pair.chroma, LEAST, REACH)
        codes[..., 3:] *= (pair.mask[0].numpy() > 0)[..., None]
        try:
            self._file.seek(self.bytes)
            self._file.write(codes.data)
            self._file.flush()
        except OSError as error:
            raise self._full(error) from error
        held: Any = np.memmap(self._file, np.uint16, "r", offset=self.bytes, shape=shape)
        self.bytes += codes.nbytes
        return StoredPair(pair.frame, held, pair.where, self)

    def _full(self, error: OSError) -> EngineError:
        place = posix(self.folder) if self.folder is not None else tempfile.gettempdir()
        return EngineError(
            Problem(
                "CR565",
                place,
                f"the pairs are too many for memory and cannot be kept here: {error.strerror or error} "
                f"(after {self.bytes / 1e9:.1f} GB)",
                "choose another data directory; a pair takes 10 bytes a pixel",
            )
        )


def _mapped(ycc: Tensor, matrix: Tensor, away: Tensor) -> Tensor:
    return torch.einsum("ij,jhw->ihw", matrix, ycc).add_(away[:, None, None]).clamp_(-0.5, 1.0).contiguous()


def _coded(values: Tensor, low: float, span: float) -> npt.NDArray[np.uint16]:
    """(c, h, w) to (h, w, c) codes 1..65535."""
    scaled = (values.permute(1, 2, 0).numpy() - np.float32(low)) * np.float32(STEPS / span)
    np.clip(np.rint(scaled, out=scaled), 0, STEPS, out=scaled)
    return (scaled + 1).astype(np.uint16)
