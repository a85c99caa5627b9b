"""Where a graph is measured: display pictures and luma of its nodes, and hold-outs through clones of its own nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import attrs
import numpy as np

from ..engine import ycbcr
from ..engine.evaluate import Evaluator
from ..engine.image import Box, Pixels
from ..engine.overlap import ReadAhead
from ..graph import Graph
from ..stages.names import Names
from .encoding import encoding_of, srgb
from .measures import chroma_psnr, ciede2000
from .views import Views

__all__ = ["BASELINE", "HoldOutTaps", "display_rgb", "ycbcr_luma"]

BASELINE = "MatchGrade baseline"

SAMPLED = 1 << 18
"""Pixels of a hold-out that are compared: single ones, not means, so that grain and edges count as they are."""


def in_training_domain(graph: Graph, names: Names, node: str) -> bool:
    """Whether a node's pixels are in the training domain rather than in the working space."""
    ends = {
        names.training_input,
        names.training_ground_truth,
        names.validation_input,
        names.validation_ground_truth,
    }
    return node in ends or graph[node].cls == "Inference"


def display_rgb(evaluator: Evaluator, domain: str, node: str, frame: int, names: Names) -> Pixels:
    """A node's whole format as sRGB display values, (height, width, 3) float32, about 0-1, top row first.

    display domain: the inverse of the ingest, so the picture is what was exported. log: the same from the log.
    aces-odt: through the Rec.709 output transform, which pixels of the training domain have had already.
    """
    image = evaluator.image(node, frame)
    rgb = image.crop_to(Box(0, 0, image.format.width, image.format.height)).rgb()
    colour = evaluator.colour
    trained = in_training_domain(evaluator.graph, names, node)
    if domain == "aces-odt":
        if trained:
            return rgb
        odt = evaluator.graph.knobs("To_training_domain")
        return colour.display(rgb, colour.working, str(odt["display"]), str(odt["view"]))
    source = "acescct" if domain == "log" and trained else colour.working
    return colour.convert(rgb, source, "srgb-texture")


def ycbcr_luma(evaluator: Evaluator, domain: str, node: str, frame: int) -> Pixels:
    """Y of a node's picture in the domain in which the network works, (height, width) float32, 16/255-235/255.

    Pixels of the display domain are working-space linear and are encoded first, as Nuke's Colorspace does.
    """
    rgb = evaluator.image(node, frame).rgb()
    return ycbcr.luma(rgb if domain == "display" else ycbcr.decode(rgb, "sRGB"))


def shot_views(
    evaluator: Evaluator,
    domain: str,
    names: Names,
    frames: Sequence[int],
    *,
    recovered: str = "",
    see: Callable[[int], None] | None = None,
) -> Iterator[Views]:
    """Source and Recovered of each frame as delivered: the Source through crop and delivery format, and the rendered
    frames as they are read back. recovered: another node to measure, such as the final plate's Read. see: told each
    frame while its pictures are kept by the evaluator. Files of the next frame are read while one is measured."""
    bring, show = encoding_of(evaluator, domain)
    nodes = names.original, recovered or names.recovered_read
    with ReadAhead(evaluator, nodes, frames) as ahead:
        for frame in frames:
            ahead.next()
            source, made = (evaluator.image(node, frame).filling()[..., :3] for node in nodes)
            if see is not None:
                see(frame)
            ahead.release()
            if bring is srgb:
                yield Views(frame, source, made, show, bring)
            else:  # several threads share a frame
                yield Views(frame, bring(source), bring(made), show)


class HoldOutTaps:
    """Clones of Inference and MatchGrade on the hold-out Input, so that both see what training never saw.

    graph: changed in place; give a copy. Without hold-outs there is nothing to tap.
    """

    def __init__(self, graph: Graph, names: Names) -> None:
        self.graph, self.names = graph, names
        self.nodes: dict[str, str] = {}
        if names.validation_input is None:
            return
        self.nodes["Source"] = names.validation_input
        self.nodes["Recovered"] = graph.clone(names.inference, inputs=[names.validation_input])
        baseline = names.matchgrade_fit
        if baseline is not None and "To_training_domain" not in graph.nodes:
            target = graph[baseline].inputs[1]
            log = graph.clone("To_log", inputs=[names.validation_input])
            graded = graph.clone(baseline, inputs=[log, target])
            self.nodes[BASELINE] = graph.clone("From_log", inputs=[graded])

    def errors(
        self, evaluator: Evaluator, domain: str, frames: Sequence[int]
    ) -> dict[str, list[HoldOutError]]:
        """Errors by name, one for each hold-out pair, in the order of the frames.

        Every picture is compared with the Ground Truth (Source luma, Reference chroma); a picture that moved luma,
        as the baseline's does, is given the Source's luma first, so that only colour is judged. Of large pictures
        every second (third ...) pixel of every second line is compared, :data:`SAMPLED` at most.
        """
        truth = self.names.validation_ground_truth
        if truth is None or not frames:
            return {}
        found: dict[str, list[HoldOutError]] = {name: [] for name in self.nodes}
        for frame in frames:
            wanted = _sampled(display_rgb(evaluator, domain, truth, frame, self.names))
            for name, node in self.nodes.items():
                picture = _sampled(display_rgb(evaluator, domain, node, frame, self.names))
                apart = ciede2000(with_luma_of(picture, wanted), wanted)
                found[name].append(
                    HoldOutError(
                        float(np.mean(apart)), float(np.percentile(apart, 95)), chroma_psnr(picture, wanted)
                    )
                )
        return found


def _sampled(picture: Pixels) -> Pixels:
    every = max(1, math.ceil(math.sqrt(picture.shape[0] * picture.shape[1] / SAMPLED)))
    return np.ascontiguousarray(picture[::every, ::every])


@attrs.frozen
class HoldOutError:
    """Of one hold-out pair. mean, p95: CIEDE2000 over pixels. psnr: of Cb, Cr, dB."""

    mean: float
    p95: float
    psnr: float


def with_luma_of(picture: Pixels, other: Pixels) -> Pixels:
    """The picture with the other's BT.601 luma: both display R'G'B', chroma kept, shrunk where it leaves 0-1."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma = (other @ weights)[..., None]
    chroma = picture - (picture @ weights)[..., None]
    room = np.where(chroma > 0, 1 - luma, luma) / np.maximum(np.abs(chroma), 1e-6)
    shrink = np.clip(room.min(axis=-1, keepdims=True), 0, 1)
    result: Pixels = (luma + chroma * shrink).astype(np.float32)
    return result
