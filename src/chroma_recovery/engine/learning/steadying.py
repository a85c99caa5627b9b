"""The table that takes a Source's flicker out of what the network sees; its luma in the result stays as it is.

Training measures it over the frames that the graph's Inference gets (see :mod:`flicker`) and puts it into the
checkpoint, so that every frame is the same wherever it is rendered. A frame is recognised by its number and by its mean
colour; one that the table does not hold is used as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...errors import Cancelled, EngineError
from ..image import Image
from .dataset import Dataset
from .flicker import OFFSET, Comparisons
from .luma_chroma import encode, to_ycc

if TYPE_CHECKING:
    from ..evaluate import Evaluator

__all__ = ["Steadying", "colour_map", "measured_steadying", "steadied"]

SMALL = 128
"""Pixels of the longer side of the pictures that are compared."""

ALIKE = 0.02
"""Mean colours that differ by a smaller share belong to the same frame."""

Factors = tuple[float, float, float]
Origin = tuple[str, int]


def _mean(image: Image) -> Factors:
    """Mean colour of every eighth pixel each way, as a frame is recognised by."""
    found = np.nan_to_num(image.rgb()[::8, ::8].astype(np.float64)).reshape(-1, 3).mean(0)
    return float(found[0]), float(found[1]), float(found[2])


@attrs.frozen
class Steadying:
    """frames: by number, (mean colour, factors) of every picture that had it. origins: by Read's file and frame, the
    factors; known while training alone."""

    frames: Mapping[int, tuple[tuple[Factors, Factors], ...]]
    origins: Mapping[Origin, Factors] = attrs.field(factory=dict, eq=False)

    def factors(self, frame: int, image: Image) -> Factors | None:
        """What a frame's encoded values plus 0.055 are to be multiplied with; None for a frame not in the table."""
        mean = _mean(image) if frame in self.frames else (0.0, 0.0, 0.0)
        for held, factors in self.frames.get(frame, ()):
            if all(abs(a - b) <= ALIKE * abs(b) + 1e-5 for a, b in zip(mean, held, strict=True)):
                return factors
        return None

    def as_json(self) -> list[str]:
        """A line per picture: frame, mean colour, factors."""
        return [
            f"{frame} " + " ".join(f"{v:.6g}" for v in (*mean, *factors))
            for frame, held in sorted(self.frames.items())
            for mean, factors in held
        ]

    @classmethod
    def from_json(cls, said: Any) -> Steadying | None:
        """Raises ValueError for anything but what :meth:`as_json` gives; None for None."""
        if said is None:
            return None
        if not isinstance(said, list) or not all(isinstance(line, str) and len(line) < 200 for line in said):
            raise ValueError("steadying is no list of lines")
        frames: dict[int, tuple[tuple[Factors, Factors], ...]] = {}
        for line in said:
            words = line.split()
            numbers = [float(w) for w in words[1:]]
            fine = len(numbers) == 6 and all(math.isfinite(v) for v in numbers)
            if not fine or not all(0.5 <= v <= 2 for v in numbers[3:]):
                raise ValueError(f"steadying: {line!r} is no frame with six numbers")
            mean, factors = (numbers[0], numbers[1], numbers[2]), (numbers[3], numbers[4], numbers[5])
            frames[int(words[0])] = (*frames.get(int(words[0]), ()), (mean, factors))
        return cls(frames)


def colour_map(factors: Factors) -> tuple[Tensor, Tensor]:
    """Matrix (3, 3) and what is added (3) that do to Y'CbCr what factors do to encoded values, float64."""
    forward = to_ycc(torch.eye(3, dtype=torch.float64)[:, None])[:, 0]
    scale = torch.tensor(factors, dtype=torch.float64)
    return forward @ torch.diag(scale) @ torch.linalg.inv(forward), forward @ ((scale - 1) * OFFSET)


def steadied(data: Dataset, steadying: Steadying | None, evaluator: Evaluator, source: str) -> Dataset:
    """Pairs with the flicker of their Input taken out. source: the node that they came from."""
    if steadying is None:
        return data
    pairs = []
    for pair in data.pairs:
        held = [
            steadying.origins[p] for p in origins(evaluator, source, pair.frame) if p in steadying.origins
        ]
        if len(held) == 1:
            matrix, away = colour_map(held[0])
            pair = pair.mapped(matrix.float(), away.float())
        pairs.append(pair)
    return attrs.evolve(data, pairs=tuple(pairs))


def origins(evaluator: Evaluator, name: str, frame: int) -> set[Origin]:
    """File and frame of every Read that a picture is made from; a CopyBBox brings the Reference's."""
    graph = evaluator.graph
    return {
        (str(graph.knobs(n).get("file") or n), f)
        for n, f in evaluator.needs(name, frame)
        if graph[n].cls == "Read"
    }


def _inferences(evaluator: Evaluator, run: str) -> list[str]:
    """Inputs of the Inference nodes that use a model of this run."""
    graph = evaluator.graph
    found = []
    for name, node in graph.nodes.items():
        if node.cls == "Inference" and node.inputs and node.inputs[0] is not None:
            try:
                model = evaluator.path(name, "modelFile").name
            except (EngineError, KeyError):
                continue
            if model.startswith(f"{run}."):
                found.append(node.inputs[0])
    return found


def measured_steadying(
    evaluator: Evaluator, run: str, *, linear: bool, check: Callable[[], None] = lambda: None
) -> Steadying | None:
    """Over every frame that an Inference with a model of this run gets; None if the graph has none, or no frame
    can be read.

    run: name of the training's run. linear: see :class:`network.Architecture`. check: called before every frame. Frames
    are read one at a time; one that cannot be made is left out.
    """
    frames: dict[int, tuple[tuple[Factors, Factors], ...]] = {}
    known: dict[Origin, Factors] = {}
    for source in dict.fromkeys(_inferences(evaluator, run)):
        comparisons, means = Comparisons(), {}
        for frame in evaluator.range(source):
            check()
            try:
                image = evaluator.image(source, frame)
            except Cancelled:
                raise
            except EngineError:
                continue
            means[frame] = _mean(image)
            comparisons.add(frame, _small(image.rgb(), linear))
        for frame, found in comparisons.factors().items():
            factors = (float(found[0]), float(found[1]), float(found[2]))
            frames[frame] = (*frames.get(frame, ()), (means[frame], factors))
            places = origins(evaluator, source, frame)
            if len(places) == 1:
                known[places.pop()] = factors
    return Steadying(frames, known) if frames else None


def _small(pixels: npt.NDArray[np.float32], linear: bool) -> npt.NDArray[np.float32]:
    height, width = pixels.shape[:2]
    shrink = max(height, width) / SMALL
    if shrink > 1:
        size = max(round(width / shrink), 1), max(round(height / shrink), 1)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return encode(torch.from_numpy(pixels.copy())).numpy() if linear else pixels
