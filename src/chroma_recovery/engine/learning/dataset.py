"""Training pairs: the frames of Input and GroundTruth, as the network sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

from ...errors import EngineError, Problem
from ..image import RGB, Image
from .luma_chroma import encode, to_ycc
from .pair import Pair, PairFile
from .placement import UNKNOWN, placement

if TYPE_CHECKING:
    from ..evaluate import Evaluator

__all__ = ["Batch", "Dataset", "Pair", "black_border", "load_dataset"]

NEUTRAL = 3e-4
"""Chroma below this is exactly neutral: less than half a step of a half float at mid grey, a tenth of an
8-bit step."""


IN_MEMORY = 2 << 30
"""Bytes of pairs that are kept in memory."""

BYTES = 24
"""Of a pixel of a pair in memory."""


@attrs.frozen(eq=False)
class Batch:
    """Crops of pairs, stacked. where: (b, 5)."""

    ycc: Tensor
    chroma: Tensor
    mask: Tensor
    where: Tensor

    def to(self, device: str) -> Batch:
        return Batch(self.ycc.to(device), self.chroma.to(device), self.mask.to(device), self.where.to(device))


@attrs.frozen(eq=False)
class Dataset:
    """All pairs. digest: SHA-256 over every number of them, so that a model says what it was trained on.
    linear: see :class:`network.Architecture`."""

    pairs: tuple[Pair, ...]
    digest: str
    linear: bool

    @property
    def least_side(self) -> int:
        return min(min(p.height, p.width) for p in self.pairs)

    @property
    def places_known(self) -> bool:
        return all(p.where[4] > 0 for p in self.pairs)

    def batch(self, *, seed: int, step: int, size: int, crop: int) -> Batch:
        """Random crops for one step; depends on nothing but seed and step. Every pair comes up equally
        often."""
        count = len(self.pairs)
        rng = np.random.default_rng((seed, 1, step))
        parts: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
        for number in range(step * size, (step + 1) * size):
            order = np.random.default_rng((seed, 2, number // count)).permutation(count)
            parts.append(_crop(self.pairs[order[number % count]], crop, rng))
        ycc, chroma, mask, where = (torch.stack(group) for group in zip(*parts, strict=True))
        return Batch(ycc, chroma, mask, where)

    def samples(self, most: int = 1_000_000) -> tuple[Tensor, Tensor]:
        """Evenly spread valid pixels of all pairs in float64: (n, 3) Y'CbCr and (n, 2) chroma."""
        total = sum(p.height * p.width for p in self.pairs)
        every = max(1, int(np.ceil((total / most) ** 0.5)))
        inputs, targets = [], []
        for pair in self.pairs:
            ycc, chroma, mask = pair.part(slice(None, None, every), slice(None, None, every))
            inputs.append(ycc[:, mask[0] > 0].T)
            targets.append(chroma[:, mask[0] > 0].T)
        return torch.cat(inputs).double(), torch.cat(targets).double()


def _crop(pair: Pair, crop: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One crop, preferring places where at least a fifth is picture."""
    for _ in range(8):
        top = int(rng.integers(pair.height - crop + 1))
        left = int(rng.integers(pair.width - crop + 1))
        area = slice(top, top + crop), slice(left, left + crop)
        if pair.picture_share(*area) >= 0.2:
            break
    x0, dx, y0, dy, known = pair.where
    where = torch.tensor([x0 + left * dx, dx, y0 + top * dy, dy, known], dtype=torch.float32)
    return *pair.part(*area), where


def black_border(chroma: npt.NDArray[np.float32], source: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Where the Ground Truth has no picture: (h, w) of bool.

    chroma, source: (2, h, w), (Cb, Cr) of Ground Truth and Input. The Ground Truth's luma is the Source's, so
    black of the Reference shows only as chroma that is exactly neutral. Conservative: masked is what is
    exactly neutral where the Source is not and hangs together with at least half of one side of the frame,
    plus 4 pixels for the filters that ran over the border.
    """
    neutral = (np.abs(chroma).max(0) < NEUTRAL) & (np.abs(source).max(0) >= NEUTRAL)
    labels, _ = ndimage.label(neutral)
    found = np.zeros_like(neutral)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        names, counts = np.unique(side[side > 0], return_counts=True)
        found |= np.isin(labels, names[counts * 2 >= len(side)])
    return np.asarray(ndimage.binary_dilation(found, iterations=4), np.bool_) if found.any() else found


def tensors(image: Image, *, linear: bool) -> Tensor:
    """(3, h, w) Y'CbCr of an image."""
    pixels = torch.from_numpy(image.rgb().copy()).permute(2, 0, 1).contiguous()
    return to_ycc(encode(pixels) if linear else pixels).contiguous()


def is_linear(evaluator: Evaluator, truth: str) -> bool:
    """Whether the Ground Truth's YCbCr was built from scene-linear pixels: what the Colorspace node nearest
    above ``truth`` gives (RGB: linear; sRGB: values encoded already). True if there is none.

    Raises UnsupportedNode (CR502) for any other space.
    """
    graph = evaluator.graph
    name: str | None = truth
    while name is not None:
        if graph[name].cls == "Colorspace":
            call = evaluator.call(name, evaluator.range(truth).first)
            space = call.choice("colorspace_out")
            if space not in ("RGB", "Linear", "sRGB"):
                call.refuse(
                    "colorspace_out",
                    f"training takes RGB or sRGB, not {space!r}",
                    "convert back to RGB before the training node",
                )
            return space != "sRGB"
        name = graph[name].inputs[0] if graph[name].inputs else None
    return True


def load_dataset(
    evaluator: Evaluator, source: str, truth: str, *, node: str, folder: Path | None = None
) -> Dataset:
    """Every frame of ``source``'s range with ``truth``'s, one after the other.

    More pairs than :data:`IN_MEMORY` lie in a file without a name in ``folder`` (default: the node's dataDirectory,
    else the system's temporary files) while they are used, see :class:`PairFile`.

    Raises EngineError with all findings at once: (CR552) the two ranges differ, (CR553) a pair's data
    windows, formats or channels differ, or it has no red, green and blue, (CR554) a pair holds values that
    are no numbers, (CR555) a Ground Truth has no picture; at once (CR565) if the disk is full.
    """
    span, other = evaluator.range(source), evaluator.range(truth)
    if span != other:
        reason = f"{source} has frames {span} and {truth} has {other}; training needs the same frames on both"
        raise EngineError(
            Problem("CR552", node, reason, "append as many frames on the one side as on the other")
        )
    linear = is_linear(evaluator, truth)
    problems: list[Problem] = []
    pairs: list[Pair] = []
    digest = hashlib.sha256()
    file: PairFile | None = None
    for frame in span:
        a, b = evaluator.image(source, frame), evaluator.image(truth, frame)
        found = _differences(a, b, source, truth, node, frame)
        problems += found
        if found:
            continue
        ycc, wanted = tensors(a, linear=linear), tensors(b, linear=linear)
        border = black_border(wanted[1:].numpy(), ycc[1:].numpy())
        if not (torch.isfinite(ycc).all() and torch.isfinite(wanted).all()):
            problems.append(
                Problem("CR554", node, f"frame {frame} holds values that are not finite", "look at the Reads")
            )
            continue
        if border.mean() > 0.9:
            problems.append(
                Problem(
                    "CR555",
                    node,
                    f"frame {frame} of {truth} shows no colour picture",
                    "check its alignment and crop",
                )
            )
            continue
        place = placement(evaluator, source, frame)
        mask = torch.from_numpy(1.0 - border.astype(np.float32))[None]
        pair = Pair(
            frame,
            ycc.clamp(-0.5, 1.0),
            wanted[1:].contiguous(),
            mask,
            UNKNOWN if place is None else place.where(a.box),
        )
        for tensor in (pair.ycc, pair.chroma, pair.mask):
            digest.update(repr(tuple(tensor.shape)).encode())
            digest.update(tensor.contiguous().numpy().data)
        if file is None and len(span) * pair.height * pair.width * BYTES > IN_MEMORY:
            file = PairFile(folder if folder is not None else _data_folder(evaluator, node))
        pairs.append(pair if file is None else file.add(pair))
    if problems:
        raise EngineError(problems)
    return Dataset(tuple(pairs), digest.hexdigest(), linear)


def _data_folder(evaluator: Evaluator, node: str) -> Path | None:
    said = node in evaluator.graph.nodes and evaluator.graph.knobs(node).get("dataDirectory")
    return evaluator.path(node, "dataDirectory") if said else None


def _differences(a: Image, b: Image, source: str, truth: str, node: str, frame: int) -> list[Problem]:
    def said(what: str, mine: object, yours: object) -> Problem:
        reason = f"frame {frame}: {source} has {what} {mine}, {truth} has {yours}; both must be the same"
        return Problem(
            "CR553", node, reason, "crop both alike, copy the bounding box, and remove alpha on both"
        )

    found = []
    if a.box != b.box:
        found.append(said("data window", a.box, b.box))
    if a.format != b.format:
        found.append(said("format", a.format, b.format))
    if set(a.channels) != set(b.channels):
        found.append(said("channels", " ".join(a.channels), " ".join(b.channels)))
    elif set(a.channels) != set(RGB):
        reason = (
            f"frame {frame}: {source} has channels {' '.join(a.channels)}; training uses red, green, blue"
        )
        found.append(Problem("CR553", node, reason, "remove the others on both branches"))
    if a.box.empty:
        found.append(Problem("CR553", node, f"frame {frame} of {source} is empty", "check its crop"))
    return found


def places(pairs: Sequence[Pair]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Least and greatest (x, y) that pairs of known place cover, in the position input's units; -1..1 if none
    is."""
    low, high = [-1.0, -1.0], [1.0, 1.0]
    known = [p for p in pairs if p.where[4] > 0]
    if known:
        xs = [v for p in known for v in (p.where[0], p.where[0] + p.where[1] * p.width)]
        ys = [v for p in known for v in (p.where[2], p.where[2] + p.where[3] * p.height)]
        low, high = [min(xs), min(ys)], [max(xs), max(ys)]
    return (low[0], low[1]), (high[0], high[1])
