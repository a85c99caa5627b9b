"""Parity before anything: do Source and Reference agree in everything but colour, by headers and by pixels?

Every check is one row with the frames it is about. *differs* is wrong for training pairs and named by the guide;
*look* may be meant; *note* is for the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.opening import FileHeader
from ..errors import ImageFileError
from ..frames import format_frames
from .clips import Sequence
from .signatures import Pace, pace_of

__all__ = ["Check", "FrameFacts", "Parity", "compare", "facts_of", "parity_table"]

THUMB = (64, 36)
"""Width and height of the pictures whose median is the frame's brightness."""

ABSENT = "does not exist"


@attrs.frozen
class Check:
    """One row. verdict: same, differs, look or note. frames: the exact frames that it is about, by side."""

    name: str
    source: str
    reference: str
    verdict: str
    source_frames: tuple[int, ...] = ()
    reference_frames: tuple[int, ...] = ()
    meaning: str = ""


@attrs.frozen(eq=False)
class FrameFacts:
    """One frame's header and pixels. problem: why it cannot be read, else empty. low, high: least and greatest value
    of R'G'B'. outside: share of values beyond 0..1. middle: median of the brightness."""

    frame: int
    header: FileHeader | None = None
    problem: str = ""
    low: float = 0.0
    high: float = 0.0
    outside: float = 0.0
    middle: float = 0.0


@attrs.frozen(eq=False)
class Parity:
    """checks: every row. source, reference: the facts by frame. paces: how Source and Reference move."""

    checks: tuple[Check, ...]
    source: dict[int, FrameFacts]
    reference: dict[int, FrameFacts]
    paces: tuple[Pace, Pace]

    @property
    def holds(self) -> bool:
        """No row says *differs*."""
        return all(c.verdict != "differs" for c in self.checks)


def facts_of(clip: Sequence, frame: int) -> FrameFacts:
    """Header and pixels of one frame; what is wrong is told, not raised."""
    header = None
    try:
        header = clip.header(frame)
        seen = clip.glimpse(frame)
    except ImageFileError as error:
        return FrameFacts(frame, header, error.problems[0].message)
    except (MemoryError, ValueError) as error:
        return FrameFacts(frame, header, str(error) or type(error).__name__)
    grey: Any = cv2.resize(seen.picture.mean(-1), THUMB, interpolation=cv2.INTER_AREA)
    return FrameFacts(frame, header, "", seen.low, seen.high, seen.outside, float(np.median(grey)))


def compare(
    source: Sequence,
    reference: Sequence,
    *,
    tell: Callable[[int, int], None] | None = None,
    every: int = 1,
    pace: bool = True,
) -> Parity:
    """Read both sequences and compare them. every: read the pixels of each n-th frame only; files are looked for,
    and repeated and combed frames found, in every one. pace: whether these are looked for, which reads a part of every
    frame. tell: called with done and all frames. Memory does not grow with the size of the frames."""
    both: list[dict[int, FrameFacts]] = []
    total, done = len(source.span) + len(reference.span), 0
    for clip in (source, reference):
        found: dict[int, FrameFacts] = {}
        for n, frame in enumerate(clip.span):
            if not clip.path(frame).is_file():
                found[frame] = FrameFacts(frame, None, ABSENT)
            elif n % every == 0 or frame == clip.span.last:
                found[frame] = facts_of(clip, frame)
            done += 1
            if tell is not None:
                tell(done, total)
        both.append(found)
    paces = (Pace(), Pace())
    if pace:
        paces = pace_of(source, woven=False), pace_of(reference)  # a scan of film is not interlaced
    return Parity(
        tuple(_checks(source, reference, both[0], both[1], paces if pace else None)), both[0], both[1], paces
    )


def _checks(
    source: Sequence,
    reference: Sequence,
    s: dict[int, FrameFacts],
    r: dict[int, FrameFacts],
    paces: tuple[Pace, Pace] | None,
) -> Iterable[Check]:
    yield _one("frames", len(source.span), len(reference.span), meaning="number of frames in the preset")
    yield _one("first frame", source.span.first, reference.span.first, other="look")
    yield _one(
        "frame rate", f"{source.fps:g}", f"{reference.fps:g}", other="look", meaning="as the preset says"
    )
    lost = [tuple(f for f, v in side.items() if v.problem == ABSENT) for side in (s, r)]
    yield _frames("missing frames", lost[0], lost[1], "differs", "")
    bad = [tuple(f for f, v in side.items() if v.problem not in ("", ABSENT)) for side in (s, r)]
    why = next((v.problem for side in (s, r) for v in side.values() if v.problem not in ("", ABSENT)), "")
    yield _frames("unreadable frames", bad[0], bad[1], "differs", why)
    more = source.beyond(), reference.beyond()
    yield _frames(
        "files outside the range", more[0], more[1], "note", "handles, or a range that was cut short"
    )
    fields: tuple[tuple[str, Callable[[FileHeader], Any], str], ...] = (
        ("size", lambda h: f"{h.width}x{h.height}", "differs"),
        ("pixel aspect", lambda h: f"{h.pixel_aspect:g}", "differs"),
        ("data window", lambda h: " ".join(map(str, h.window)), "look"),
        ("colour channels", lambda h: ", ".join(c for c in h.channels if c != "A"), "differs"),
        ("alpha", lambda h: "yes" if "A" in h.channels else "no", "look"),
        ("storage", lambda h: h.kind, "note"),
        ("frame rate in the header", lambda h: f"{h.fps:g}" if h.fps else "unsaid", "look"),
        ("colour in the header", lambda h: h.transform or "unsaid", "look"),
    )
    for name, field, other in fields:
        yield _field(name, field, s, r, other)
    outside = [tuple(f for f, v in side.items() if v.outside > 0.0005) for side in (s, r)]
    span = [
        f"{min((v.low for v in side.values() if not v.problem), default=0):.3g} .. "
        f"{max((v.high for v in side.values() if not v.problem), default=0):.3g}"
        for side in (s, r)
    ]
    verdict = "differs" if any(outside) else "same"
    yield Check(
        "values in 0-1",
        span[0],
        span[1],
        verdict,
        outside[0],
        outside[1],
        "training clamps what lies outside",
    )
    yield _transforms(s, r)
    if paces is not None:
        a, b = paces
        yield _frames("repeated frames", a.repeated, b.repeated, "differs", a.rhythm or b.rhythm)
        yield _frames("combed frames", a.combed, b.combed, "differs", "interlaced: woven of two moments")
    dark = [tuple(f for f, v in side.items() if not v.problem and v.high < 0.01) for side in (s, r)]
    yield _frames("black frames", dark[0], dark[1], "differs", "")


def _one(name: str, a: object, b: object, *, other: str = "differs", meaning: str = "") -> Check:
    return Check(name, str(a), str(b), "same" if a == b else other, meaning=meaning)


def _frames(name: str, a: tuple[int, ...], b: tuple[int, ...], bad: str, meaning: str) -> Check:
    texts = [format_frames(x, join=", ") or "none" for x in (a, b)]
    return Check(name, texts[0], texts[1], bad if a or b else "same", a, b, meaning if a or b else "")


def _field(
    name: str,
    field: Callable[[FileHeader], Any],
    s: dict[int, FrameFacts],
    r: dict[int, FrameFacts],
    other: str,
) -> Check:
    """The usual value of each side, and the frames that say something else."""
    usual, odd = [], []
    for side in (s, r):
        values = {f: field(v.header) for f, v in side.items() if v.header is not None}
        most = Counter(values.values()).most_common(1)[0][0] if values else "no frame"
        usual.append(str(most))
        odd.append(tuple(f for f, v in values.items() if v != most))
    same = usual[0] == usual[1] and not any(odd)
    meaning = "changes within the clip" if any(odd) else ""
    return Check(name, usual[0], usual[1], "same" if same else other, odd[0], odd[1], meaning)


def _transforms(s: dict[int, FrameFacts], r: dict[int, FrameFacts]) -> Check:
    """One side scene-linear or logarithmic, the other for display: then the middle of the brightness is far apart."""
    middles = [[v.middle for v in side.values() if not v.problem and v.high >= 0.01] for side in (s, r)]
    if not all(middles):
        return Check("brightness", "unread", "unread", "look")
    a, b = (float(np.clip(np.median(m), 1e-4, 0.999)) for m in middles)
    power = np.log(a) / np.log(b)
    far = not 0.45 < power < 2.2
    meaning = f"as if one side were raised to {power:.2g}: is it linear or log?" if far else ""
    return Check("brightness (median)", f"{a:.3f}", f"{b:.3f}", "look" if far else "same", meaning=meaning)


def parity_table(parity: Parity) -> list[tuple[str, str, str, str, str]]:
    """Rows for people: check, Source, Reference (long texts cut), verdict, frames and meaning."""
    rows: list[tuple[str, str, str, str, str]] = []
    for c in parity.checks:
        at = [
            f"{side} {format_frames(frames, join=', ')}"
            for side, frames in (("Source", c.source_frames), ("Reference", c.reference_frames))
            if frames and format_frames(frames, join=", ") not in (c.source, c.reference)
        ]
        rows.append(
            (c.name, c.source, c.reference, c.verdict, "; ".join([*at, c.meaning] if c.meaning else at))
        )
    return rows
