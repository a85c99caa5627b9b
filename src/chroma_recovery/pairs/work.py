"""All pairs of a preset in one go: matched in time, aligned, cropped, judged, recorded. Resumable; memory stays flat,
because one pair is open at a time and every finished pair is a line of the journal and one small picture on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from .. import __version__
from ..engine.comparison import Mask, Matrix
from ..errors import EngineError
from ..paths import contained, posix
from ..preset.load import Loaded
from ..preset.model import Pair
from .alignment import RegistrationError, Side, align, as_f_align, best_partner, implausible
from .clips import Sequence, clips_of
from .crop import around, common_box, live_mask, lost_to, nuke_box, worth_of
from .journal import Journal
from .judge import blurred, judge, judged_residual
from .keys import conforming, corners_of, key_of, matrix_of
from .lettering import overlays
from .orientation import orientation_of
from .residual import LINES
from .sheets import contact_sheets, row_of
from .table import PairRecord
from .timing import Timing

__all__ = ["PairWork"]

BENT = 0.25
"""Pixels at 1080 lines by which a Transform may miss the solved map; beyond, a CornerPin is keyed."""

EVEN = 0.1
"""Pixels by which the keyed Transform may be worse and is still preferred: what is keyed is certain, F_Align solves
anew in the graph."""

UNLIKE = 0.5
"""Agreement below which the Reference is tried mirrored and turned, to say so."""

SURE = 0.9
"""Another Reference frame is taken if its cost is below this share of the given one's."""


class PairWork:
    """loaded: the preset. project: the --out folder. date: of the contact sheets, YYYY-MM-DD. by: who decides."""

    def __init__(
        self, loaded: Loaded, project: Path, *, date: str, by: str = "measured", timing: Timing | None = None
    ) -> None:
        self.loaded, self.project, self.date, self.by, self.timing = loaded, project, date, by, timing
        self.source, self.reference = clips_of(loaded)
        preset = loaded.preset
        below = f"{preset.output.folder}/01_dataset_curation"
        self.folder = contained(project, f"{below}/pairs")
        self.rows = contained(project, f"{below}/pairs/{preset.shot}_rows")
        self.sheets = contained(project, f"{below}/QC/{date}")
        self.journal = Journal(self.folder / f"{preset.shot}.journal.jsonl")
        self._live: dict[str, Mask] = {}
        self._look_at(preset.pairs)
        self._start: Matrix | None = None

    def run(
        self,
        pairs: tuple[Pair, ...],
        *,
        resume: bool = True,
        tell: Callable[[int, int, str], None] | None = None,
    ) -> list[PairRecord]:
        """Work through the pairs. A pair whose two files and settings are as they were when it was finished is not done
        again. Errors of single pairs become rejects, with the error as the reason."""
        done = self.journal.finished() if resume else {}
        self._look_at(pairs)
        self.folder.mkdir(parents=True, exist_ok=True)
        records: list[PairRecord] = []
        same: dict[str, PairRecord] = {}
        held = set(self.loaded.preset.hold_out_pairs)
        for number, pair in enumerate(pairs, start=1):
            mark, files = self._mark(pair), self._files(pair)
            record = done.get(mark)
            if record is None:
                record = attrs.evolve(
                    self._again(pair, same.get(files)) or self._one(pair),
                    hold_out=pair in held or bool(pair.hold_out),
                    note=pair.note,
                )
                self.journal.add(mark, record)
            elif record.matrix and record.verdict == "accept":
                self._start = np.array(record.matrix).reshape(3, 3)
            same[files] = record
            records.append(attrs.evolve(record, by=self.by))
            if tell is not None:
                tell(number, len(pairs), f"{pair.source} {record.verdict}")
        return self._among_neighbours(records)

    def contact_sheets(self, records: list[PairRecord]) -> list[Path]:
        """Source | aligned Reference | difference | edges, twelve pairs to a sheet."""
        return contact_sheets(records, self._row_file, self.sheets, self.loaded.preset.shot)

    # -- one pair

    def _again(self, pair: Pair, twin: PairRecord | None) -> PairRecord | None:
        """What was found for the same two files under other frame numbers: stills stand for several frames."""
        if twin is None or self.reference.pattern.is_sequence:
            return None
        row = self._row_file(twin.source)
        if row.is_file():
            self._row_file(pair.source).write_bytes(row.read_bytes())
        return attrs.evolve(
            twin,
            source=pair.source,
            source_timecode=self.source.timecode(pair.source),
            reference=pair.reference_frame,
            reference_timecode=self.reference.timecode(pair.reference_frame),
            seconds=0.0,
        )

    def _one(self, pair: Pair) -> PairRecord:
        begun = time.monotonic()
        shot, s, r = self.loaded.preset.shot, pair.source, pair.reference_frame
        record = PairRecord(shot, s, self.source.timecode(s), r, self.reference.timecode(r), "reject")
        try:
            record = self._measured(pair, record)
        except (RegistrationError, EngineError) as error:
            text = error.problems[0].message if isinstance(error, EngineError) else str(error)
            record = attrs.evolve(record, reasons=(text,))
        return attrs.evolve(record, seconds=round(time.monotonic() - begun, 3))

    def _measured(self, pair: Pair, record: PairRecord) -> PairRecord:
        source = self._side(self.source, pair.source)
        frame = pair.reference_frame
        reference = self._side(self.reference, frame)
        try:
            aligned = align(source, reference, start=self._start)
        except RegistrationError as error:
            turned = orientation_of(source, reference)
            if turned:
                raise RegistrationError(turned) from error
            raise
        missing = "" if self.timing is None else self.timing.why_not(pair.source)
        concerns = [missing] if missing else []
        near = {n: self._side(self.reference, n) for n in self._near(pair) if n != frame}
        costs = best_partner(source, [(frame, reference), *near.items()], aligned.matrix)
        order = sorted(costs, key=lambda n: costs[n][0])
        confidence = 1 - costs[order[0]][0] / max(costs[order[1]][0], 1e-9) if len(order) > 1 else 0.0
        if order[0] != frame and costs[order[0]][0] < SURE * costs[frame][0]:
            concerns.append(
                f"Reference frame {order[0]} fits better than {frame}, which the preset or the timing says"
            )
            frame, reference = order[0], near[order[0]]
            aligned = align(source, reference, start=aligned.matrix)
        doubt = "" if self.timing is None else self.timing.doubt(confidence)
        concerns += [doubt] if doubt else []
        found = overlays(source, reference, aligned.matrix)
        common = common_box(source, reference, aligned.matrix)
        box = around(common, found, worth_of(source, reference, aligned.matrix))
        refusals = [] if box is not None else ["no part of the picture is free of borders and lettering"]
        kept = box or common
        fit = conforming(source.full, reference.full, self._aspects(pair.source, frame))
        key = key_of(fit @ aligned.matrix, source.full, source.full)
        bent = key.off * LINES / source.full[1] > BENT
        corners = corners_of(fit @ aligned.matrix, source.full, source.full) if bent else ()
        keyed = aligned.matrix if bent else np.linalg.inv(fit) @ matrix_of(key, source.full, source.full)
        manual = judged_residual(source, reference, keyed, kept)
        solved = as_f_align(source, reference, kept, aligned.matrix)
        auto = manual if solved is None else judged_residual(source, reference, solved, kept)
        method, left = ("manual", manual)
        if solved is not None and auto.p95 < manual.p95 - EVEN:
            method, left = ("auto", auto)
        soft = blurred(source, reference)
        lost = lost_to(common, kept, found, source.size[1])
        concerns += [words for words in (soft, lost) if words]
        if left.agreement < UNLIKE:
            turned = orientation_of(source, reference)
            refusals += [turned] if turned else []
        verdict = judge(left, concerns=concerns, refusals=refusals)
        if verdict.verdict != "reject":
            self._start = aligned.matrix
        self.rows.mkdir(parents=True, exist_ok=True)
        self._row_file(pair.source).write_bytes(row_of(source, reference, aligned.matrix, kept))
        return attrs.evolve(
            record,
            reference=frame,
            reference_timecode=self.reference.timecode(frame),
            verdict=verdict.verdict,
            reasons=verdict.reasons,
            method=method,
            p50=round(left.p50, 5),
            p95=round(left.p95, 5),
            auto_p95=99.0 if solved is None else round(auto.p95, 4),
            manual_p95=round(manual.p95, 4),
            translate=key.translate,
            scale=key.scale,
            rotate=key.rotate,
            off=key.off,
            corners=corners,
            matrix=tuple(float(v) for v in aligned.matrix.ravel()),
            crop=() if box is None else nuke_box(box, source.size, source.full),
            overlays=len(found),
            confidence=round(float(confidence), 3),
        )

    def _near(self, pair: Pair) -> Iterator[int]:
        """Reference frames to compare: the given one's neighbours, and the one that the timing of the shot says."""
        if not self.reference.pattern.is_sequence:
            return
        frames = {pair.reference_frame - 1, pair.reference_frame, pair.reference_frame + 1}
        if self.timing is not None and self.timing.confidence > 0.1:
            frames.add(round(self.timing.at(pair.source)))
        yield from (
            f for f in sorted(frames) if f in self.reference.span and self.reference.path(f).is_file()
        )

    def _aspects(self, source: int, reference: int) -> tuple[float, float]:
        """Pixel aspects of both sides, as the graph has them: the preset's format, else the header's."""
        p = self.loaded.preset
        one, other = (
            clip.header(frame).pixel_aspect if said is None else said.pixel_aspect
            for clip, frame, said in (
                (self.source, source, p.source.format),
                (self.reference, reference, p.reference.format),
            )
        )
        return one, other

    def _look_at(self, pairs: tuple[Pair, ...]) -> None:
        """Choose the frames that show where each side has picture: of up to five pairs, evenly spread."""
        at = sorted({round(n) for n in np.linspace(0, len(pairs) - 1, 5)}) if pairs else []
        self._spots = {
            self.source.name: [pairs[n].source for n in at],
            self.reference.name: [pairs[n].reference_frame for n in at],
        }
        self._live.clear()

    def _side(self, clip: Sequence, frame: int) -> Side:
        seen = clip.glimpse(frame)
        return Side(seen.picture, self._live_of(clip, seen.picture), seen.full)

    def _live_of(self, clip: Sequence, small: Any) -> Mask:
        if clip.name not in self._live or self._live[clip.name].shape != small.shape[:2]:
            pictures = [small]
            for frame in self._spots[clip.name]:
                try:
                    other = clip.glimpse(frame).picture
                except EngineError:
                    continue  # parity names it
                if other.shape == small.shape:
                    pictures.append(other)
            self._live[clip.name] = live_mask(pictures)
        return self._live[clip.name]

    def _row_file(self, frame: int) -> Path:
        return self.rows / f"{frame}.jpg"

    # -- the whole shot

    def _among_neighbours(self, records: list[PairRecord]) -> list[PairRecord]:
        """Alignments that stand apart from the others' of the shot are looked at by a person."""
        if self.loaded.preset.scope != "shot":
            return records
        placed = {
            r.source: np.array(r.matrix).reshape(3, 3) for r in records if r.matrix and r.verdict != "reject"
        }
        if len(placed) < 3:
            return records
        odd = implausible(placed, self._side(self.source, next(iter(placed))).full)
        return [
            attrs.evolve(
                r, verdict="look" if r.verdict == "accept" else r.verdict, reasons=(*r.reasons, odd[r.source])
            )
            if r.source in odd
            else r
            for r in records
        ]

    def _files(self, pair: Pair) -> str:
        """The two files of a pair: where they are, how long, how old."""
        stamps = []
        for clip, frame in ((self.source, pair.source), (self.reference, pair.reference_frame)):
            path = clip.path(frame)
            stat = path.stat() if path.is_file() else None
            stamps.append([posix(path), *([stat.st_size, stat.st_mtime_ns] if stat else [])])
        return json.dumps(stamps)

    def _mark(self, pair: Pair) -> str:
        """What a finished pair depends on: its frames, their files, formats and timing, and this program."""
        timed = None if self.timing is None else round(self.timing.at(pair.source), 2)
        formats = [str(f) for f in (self.loaded.preset.source.format, self.loaded.preset.reference.format)]
        frames = [pair.source, pair.reference_frame]
        return json.dumps([__version__, frames, json.loads(self._files(pair)), timed, formats])
