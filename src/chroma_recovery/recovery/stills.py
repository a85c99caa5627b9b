"""The pictures of a report: the same frame as Source, aligned Reference, baseline and Recovered, in one geometry.

Recovered frames are read back from disk, so the report shows what is delivered and costs no second inference; what was
not rendered is evaluated, and so is the baseline, which is rendered after the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import attrs

from ..engine.evaluate import Evaluator
from ..engine.image import Box, Image, Pixels
from ..frames import Pattern
from ..paths import posix
from ..qc.pictures import jpeg
from ..qc.report import Contact, Still
from ..qc.results import ShotMeasures
from ..qc.scopes import VectorScope, vectorscope_plot, waveform, waveform_plot
from ..qc.views import reduced
from ..stages.names import Names
from ..stages.plan import NumberedPair, Plan
from .sampling import some_of

__all__ = ["BASELINE", "RECOVERED", "REFERENCE", "SOURCE", "Stills"]

T = TypeVar("T")

SOURCE, REFERENCE, BASELINE, RECOVERED = "Source", "Reference", "Baseline", "Recovered"

WIDTH, THUMB = 1100, 240
"""Pixels across of a still and of a cell of a contact sheet."""

MOST_STILLS, MOST_CELLS = 8, 16


@attrs.define
class Stills:
    """Pictures of one recovery. evaluator: its graph gets clones of its own nodes that show the aligned Reference in
    the delivered geometry."""

    evaluator: Evaluator
    plan: Plan
    names: Names
    _references: dict[bool, str] = attrs.field(init=False, factory=dict)
    _taken: dict[tuple[str, int, int], Pixels] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        graph = self.evaluator.graph
        held_out = [n.name for n in graph if n.clone_of == self.names.dissolve]
        for held, node in ((False, self.names.dissolve), *((True, name) for name in held_out[:1])):
            cropped = graph.clone(self.names.live_area, inputs=[node])
            self._references[held] = graph.clone(self.names.delivery_format, inputs=[cropped])

    # -- which frames

    def chosen(self, frames: Sequence[int], measured: ShotMeasures) -> list[tuple[int, str]]:
        """Frames to show, in frame order, with the reason: the worst outliers, hold-outs, begin, middle, end."""
        there = set(frames)
        found: dict[int, str] = {}
        worst = sorted(measured.outliers, key=lambda o: -abs(o.value - o.limit) / (abs(o.limit) or 1.0))
        for outlier in worst:
            if len(found) < 3 and outlier.frame in there:
                found.setdefault(outlier.frame, f"stands out ({outlier.code})")
        for frame in self._foreseen(frames):
            if len(found) < MOST_STILLS:
                found.setdefault(frame, "")
        return sorted(found.items())

    def _foreseen(self, frames: Sequence[int]) -> list[int]:
        """Frames that are shown whatever is measured."""
        there = set(frames)
        held = [p.pair.source for p in self.plan.hold_outs if p.pair.source in there]
        trained = [p.pair.source for p in self.plan.training if p.pair.source in there]
        return [*held[:2], *some_of(frames), *trained[:1]]

    def take(self, frames: Sequence[int], frame: int) -> None:
        """Make the small pictures of one of the frames that will be shown while its files are in memory; they are held
        until :meth:`forget`."""
        pair_frames = (p.pair.source for p in _spread(self.plan.pairs, MOST_CELLS))
        for width, wanted in (
            (WIDTH, self._foreseen(frames)),
            (THUMB, [*_spread(frames, MOST_CELLS), *pair_frames]),
        ):
            if frame in wanted:
                for node in (self.names.original, self.names.recovered_read):
                    if node is not None:
                        self._taken[node, frame, width] = self.picture(node, frame, width)

    def role(self, frame: int) -> str:
        """What a frame is to the training."""
        pair = self._pairs.get(frame)
        return (
            "never seen in training"
            if pair is None
            else "hold-out pair"
            if pair.hold_out
            else "training pair"
        )

    @property
    def _pairs(self) -> dict[int, NumberedPair]:
        return {p.pair.source: p for p in self.plan.pairs}

    # -- pictures

    def nodes(self, frame: int) -> dict[str, tuple[str, int]]:
        """Label -> (node, frame) of everything that shows this Source frame, in the order in which it is shown."""
        found = {SOURCE: (self.names.original, frame)}
        pair = self._pairs.get(frame)
        if pair is not None:
            found[REFERENCE] = (self._references[pair.hold_out], pair.number)
        if self.names.write_matchgrade is not None:
            found[BASELINE] = (self.evaluator.graph[self.names.write_matchgrade].inputs[0] or "", frame)
        found[RECOVERED] = (self._rendered(self.names.write, self.names.recovered_read, frame), frame)
        return found

    def _rendered(self, write: str, read: str | None, frame: int) -> str:
        """The Read of rendered frames where this frame is there, else what feeds the Write."""
        file = Path(Pattern.parse(posix(self.evaluator.path(write))).at(frame))
        if read is not None and file.is_file():
            return read
        return self.evaluator.graph[write].inputs[0] or write

    def forget(self) -> None:
        """Let go of what was taken."""
        self._taken.clear()

    def picture(self, node: str, frame: int, width: int) -> Pixels:
        """Display R'G'B' of a node in the working space, at most so wide; averaged in linear light."""
        taken = self._taken.get((node, frame, width))
        if taken is not None:
            return taken
        image: Image = self.evaluator.image(node, frame)
        whole = image.crop_to(Box(0, 0, image.format.width, image.format.height)).rgb()
        colour = self.evaluator.colour
        small = reduced(whole, width)
        if self.plan.preset.colour.domain == "aces-odt":
            odt = self.evaluator.graph.knobs("To_training_domain")
            return colour.display(small, colour.working, str(odt["display"]), str(odt["view"]))
        return colour.convert(small, colour.working, "srgb-texture")

    def all_of(self, frame: int, width: int) -> dict[str, Pixels]:
        """Every picture of a frame by label."""
        return {label: self.picture(node, at, width) for label, (node, at) in self.nodes(frame).items()}

    def stills(self, frames: Sequence[int], measured: ShotMeasures) -> tuple[list[Still], Scopes]:
        """The chosen frames as JPEG, and the scopes over them."""
        scopes = Scopes()
        found = []
        for frame, why in self.chosen(frames, measured):
            pictures = self.all_of(frame, WIDTH)
            scopes.add(frame, pictures)
            shown = {label: jpeg(picture, quality=86) for label, picture in pictures.items()}
            pair = self._pairs.get(frame)
            found.append(Still(frame, self.role(frame), shown, why, pair is not None and pair.hold_out))
        return found, scopes

    # -- contact sheets

    def contact(self, frames: Sequence[int]) -> Contact:
        """Frames spread evenly over the shot, Source above Recovered."""
        cells = []
        for frame in _spread(frames, MOST_CELLS):
            nodes = self.nodes(frame)
            shown = [self.picture(*nodes[label], THUMB) for label in (SOURCE, RECOVERED)]
            cells.append((str(frame), tuple(jpeg(p, quality=82) for p in shown)))
        return Contact("The shot", (SOURCE, RECOVERED), tuple(cells))

    def pairs(self) -> Contact:
        """Pairs spread evenly, Source above aligned Reference."""
        cells = []
        for pair in _spread(self.plan.pairs, MOST_CELLS):
            reference = self._references[pair.hold_out], pair.number
            shown = [self.picture(*at, THUMB) for at in ((self.names.original, pair.pair.source), reference)]
            name = f"pair {pair.number}, frame {pair.pair.source}" + (", hold-out" if pair.hold_out else "")
            cells.append((name, tuple(jpeg(p, quality=82) for p in shown)))
        return Contact("The pairs", (SOURCE, "aligned Reference"), tuple(cells))


@attrs.define
class Scopes:
    """Vectorscopes over all stills, and the waveforms of one of them."""

    colours: dict[str, VectorScope] = attrs.field(factory=dict)
    luma: dict[str, Pixels] = attrs.field(factory=dict)
    frame: int | None = None

    def add(self, frame: int, pictures: dict[str, Pixels]) -> None:
        """Count a frame; the waveforms are of the first one that has a Reference, else of the first."""
        for label, picture in pictures.items():
            self.colours.setdefault(label, VectorScope()).add(picture)
        if self.frame is None or (REFERENCE in pictures and REFERENCE not in self.luma):
            self.frame, self.luma = frame, dict(pictures)

    def drawn(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Titles and SVG drawings for the report."""
        if self.frame is None:
            return {}
        order = [label for label in (SOURCE, REFERENCE, BASELINE, RECOVERED) if label in self.colours]
        round_ = [(n, vectorscope_plot(self.colours[n].density, name=f"vector-{n}")) for n in order]
        flat = [
            (n, waveform_plot(waveform(self.luma[n]), name=f"wave-{n}"))
            for n in (SOURCE, RECOVERED, REFERENCE, BASELINE)
            if n in self.luma
        ]
        return {
            "Vectorscope: chroma of all stills above, with the skin line": tuple(round_),
            f"Waveform: luma of frame {self.frame}; Source and Recovered must agree": tuple(flat),
        }


def _spread(items: Sequence[T], most: int) -> Iterator[T]:
    if len(items) <= most:
        yield from items
        return
    last = len(items) - 1
    for n in range(most):
        yield items[round(n * last / (most - 1))]
