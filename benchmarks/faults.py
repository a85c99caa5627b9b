#!/usr/bin/env python3
"""Does quality control find what is wrong, and let pass what is right? Clean shots, planted faults, wrong pairs.

    python benchmarks/faults.py --footage DIR --json faults.jsonl [--clips demo city] [--fades strong uneven]

Every clip is faded on purpose at a small size and recovered in closed form from five of its frames, by one LUT and by
the engine's own base, with the Source's flicker taken out as training does it; ``truth`` is the upper bound, the true
chroma at the Source's luma. A shot is clean where its mean colour, against the truth, drifts and leaps by less than
1 dE; it may break no rule. Then faults are planted into the recovered frames, and a rule of the fault's own has to
break; and one pair's Reference is taken from elsewhere, which the solve has to refuse (CR520) or Q223 to name. Stopped,
it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from faults_table import tell
from footage import clips, frames_of
from rows import Rows, words
from shots import EVERY_FADE

from chroma_recovery.demo.fade import FadedScan
from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.engine.comparison import brightness
from chroma_recovery.engine.learning.apply import predict_chroma
from chroma_recovery.engine.learning.base import fit_base
from chroma_recovery.engine.learning.dataset import Dataset, Pair
from chroma_recovery.engine.learning.device import Device
from chroma_recovery.engine.learning.flicker import Comparisons
from chroma_recovery.engine.learning.luma_chroma import recombine, to_ycc
from chroma_recovery.engine.learning.network import ARCHITECTURES, ChromaNetwork
from chroma_recovery.engine.learning.steadying import colour_map
from chroma_recovery.engine.lut import fit_lut
from chroma_recovery.engine.registration import Motions, RegistrationError, register
from chroma_recovery.qc.pair_places import PairPlaces
from chroma_recovery.qc.rules import rule
from chroma_recovery.qc.shot import measure_shot
from chroma_recovery.qc.taps import with_luma_of
from chroma_recovery.qc.views import Views

Picture = Any
SIZE, LENGTH, LATER = (320, 180), 24, 48
SMALL = (128, 72)
WHOLE = (-1.0, 2 / SIZE[0], -1.0, 2 / SIZE[1], 1.0)
"""Of a frame: its place on itself."""
NOISE = np.random.default_rng(1).normal(size=LENGTH)


def footage(name: str, folder: Path | None, count: int) -> list[Picture]:
    small = (cv2.resize(p, SIZE, interpolation=cv2.INTER_AREA) for p in frames_of(name, folder, count))
    return [np.clip(p, 0, 1).astype(np.float32) for p in small]


def some(count: int) -> list[int]:
    return sorted({int(v) for v in np.linspace(0, count - 1, 5)})


def by_lut(source: Sequence[Picture], truth: Sequence[Picture]) -> list[Picture]:
    pair = [np.concatenate([s[n][::2, ::2].reshape(-1, 3) for n in some(len(s))]) for s in (source, truth)]
    lut = fit_lut(pair[0], pair[1], 17)
    return [lut.apply(p) for p in source]


def planes(picture: Picture) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).contiguous()


def by_base(source: Sequence[Picture], truth: Sequence[Picture]) -> list[Picture]:
    """What the engine's training begins with: the Source's flicker taken out, then the base fitted to the pairs."""
    comparisons = Comparisons()
    for number, picture in enumerate(source):
        comparisons.add(number, cv2.resize(picture, SMALL, interpolation=cv2.INTER_AREA))
    steady = {n: colour_map((float(r), float(g), float(b))) for n, (r, g, b) in comparisons.factors().items()}
    seen = [to_ycc(planes(p)) for p in source]
    pairs = []
    for number in some(len(source)):
        chroma = to_ycc(planes(truth[number]))[1:].contiguous()
        pair = Pair(number, seen[number], chroma, torch.ones(1, *chroma.shape[1:]), WHOLE)
        pairs.append(pair.mapped(*(part.float() for part in steady[number])))
    network = ChromaNetwork(ARCHITECTURES["Medium"])
    fit_base(network, Dataset(tuple(pairs), "", linear=False))
    network.strength.zero_()  # the base alone
    made = []
    for number, picture in enumerate(source):
        chroma = predict_chroma(
            network.through(*steady[number]), seen[number], WHOLE, device=Device("cpu", "float32")
        )
        made.append(recombine(planes(picture), chroma).permute(1, 2, 0).contiguous().numpy())
    return made


RECOVERED: dict[str, Callable[[Sequence[Picture], Sequence[Picture]], list[Picture]]] = {
    "lut": by_lut,
    "base": by_base,
    "truth": lambda source, truth: list(truth),
}


def lab(change: Callable[[Picture], Picture], picture: Picture) -> Picture:
    moved = change(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)).astype(np.float32)
    return with_luma_of(np.clip(cv2.cvtColor(moved, cv2.COLOR_LAB2RGB), 0, 1), picture)


def tint(picture: Picture, amount: float) -> Picture:
    return lab(lambda x: x + np.array([0, amount, 0], np.float32), picture)


def turn(picture: Picture, degrees: float) -> Picture:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return lab(lambda x: x @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]], np.float32), picture)


def blurred(picture: Picture, spread: float) -> Picture:
    def soft(x: Picture) -> Picture:
        return np.concatenate([x[..., :1], cv2.GaussianBlur(x, (0, 0), spread)[..., 1:]], -1)

    return lab(soft, picture)


def moved(picture: Picture, pixels: int) -> Picture:
    return lab(lambda x: np.concatenate([x[..., :1], np.roll(x[..., 1:], pixels, axis=1)], -1), picture)


def quarter(picture: Picture, amount: float) -> Picture:
    made = np.array(picture)
    high, wide = picture.shape[0] // 2, picture.shape[1] // 2
    made[:high, :wide] = tint(np.ascontiguousarray(picture[:high, :wide]), amount)
    return made


FAULTS: dict[str, tuple[set[str], Callable[[int, Picture], Picture]]] = {
    "hue drift, 25 degrees": ({"Q403"}, lambda n, p: turn(p, 25 * n / (LENGTH - 1))),
    "tint drift, 4 dE": ({"Q403"}, lambda n, p: tint(p, 4 * n / (LENGTH - 1))),
    "flicker, 2 dE": ({"Q401"}, lambda n, p: tint(p, 2 * NOISE[n])),
    "one frame, 3 dE": ({"Q401"}, lambda n, p: tint(p, 3.0 * (n == LENGTH // 2))),
    "step, 3 dE": ({"Q402", "Q403"}, lambda n, p: tint(p, 3.0 * (n > LENGTH // 2))),
    "last frame, 3 dE": ({"Q211"}, lambda n, p: tint(p, 3.0 * (n == LENGTH - 1))),
    "clipped range": ({"Q104"}, lambda n, p: np.clip(p, 0.12, 0.6)),
    "chroma blurred, sigma 4": ({"Q501", "Q503"}, lambda n, p: blurred(p, 4)),
    "chroma 5 pixels aside": ({"Q501", "Q503"}, lambda n, p: moved(p, 5)),
    "tint over a quarter, 8 dE": ({"Q408", "Q403"}, lambda n, p: quarter(p, 8 * n / (LENGTH - 1))),
    "border of 2 pixels": (
        {"Q202"},
        lambda n, p: np.where(np.arange(SIZE[0])[None, :, None] < 2, 0, p).astype(np.float32),
    ),
}


def measured(source: Sequence[Picture], made: Sequence[Picture]) -> tuple[dict[str, float], list[str], int]:
    found = measure_shot(Views(n, a, b) for n, (a, b) in enumerate(zip(source, made, strict=True)))
    values = {m.code: round(m.value, 4) for m in found.measures if m.code >= "Q2"}
    return values, sorted(m.code for m in found.broken), len({o.frame for o in found.outliers})


def frames_in_time(rows: Rows, clip: str, fade: str, clean: list[Picture]) -> None:
    scan = FadedScan(EVERY_FADE[fade], *SIZE, seed=3)
    source = [scan(p, n) for n, p in enumerate(clean)]
    for by, recover in RECOVERED.items():
        planted = FAULTS if by == "lut" and fade == "strong" else {}
        wanted = [
            w for w in ("", *planted) if not rows.has(kind=kind_of(w), clip=clip, fade=fade, by=by, what=w)
        ]
        if not wanted:
            continue
        made = [
            with_luma_of(np.clip(r, 0, 1), s) for r, s in zip(recover(source, clean), source, strict=True)
        ]
        for what in wanted:
            codes, plant = planted.get(what, (set(), lambda n, p: p))
            values, broken, out = measured(source, [plant(n, p) for n, p in enumerate(made)])
            row: dict[str, Any] = {
                "kind": kind_of(what),
                "clip": clip,
                "fade": fade,
                "by": by,
                "what": what,
                "broken": broken,
            }
            drift, leap = unsteady(made, [with_luma_of(c, s) for c, s in zip(clean, source, strict=True)])
            row |= {"found": bool(codes & set(broken)), "outliers": out, "drift": drift, "leap": leap}
            rows.add(**row, values=values)


def unsteady(made: Sequence[Picture], truth: Sequence[Picture]) -> tuple[float, float]:
    """How far the mean colour, against the truth, drifts over the shot and leaps from the frames around, dE in a*, b*:
    what a steady recovery keeps small whatever its error."""
    labs = (
        [cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[..., 1:].mean(axis=(0, 1)) for p in side]
        for side in (made, truth)
    )
    path = np.subtract(*(np.array(lab, np.float64) for lab in labs))

    def around(reach: int) -> Picture:
        return np.array(
            [np.median(path[max(0, n - reach) : n + reach + 1], axis=0) for n in range(len(path))]
        )

    smooth = around(3)
    drift = max(float(np.hypot(*(smooth - at).T).max()) for at in smooth)
    return round(drift, 2), round(float(np.hypot(*(path - around(2)).T).max()), 2)


def kind_of(what: str) -> str:
    return "fault" if what else "clean"


def aligned(source: Picture, reference: Picture) -> Picture | None:
    inside = np.zeros(source.shape[:2], bool)
    inside[SIZE[1] // 10 : -(SIZE[1] // 10), SIZE[0] // 10 : -(SIZE[0] // 10)] = True
    grey = brightness(np.asarray(source**2.2, np.float32))
    try:
        found = register(grey, np.asarray(reference**2.2, np.float32), inside, Motions())
    except RegistrationError:
        return None
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.clip(cv2.warpPerspective(reference, found.matrix, SIZE, flags=flags), 0, 1)


def lightness(one: Picture, other: Picture) -> float:
    """99th percentile of the difference of L*: how much of the picture is another at all."""
    apart = (cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[10:-10, 12:-12, 0] for p in (one, other))
    return round(float(np.percentile(np.abs(np.subtract(*apart)), 99)), 1)


def pairs(rows: Rows, clip: str, fade: str, clean: list[Picture], other: Picture) -> None:
    scan = FadedScan(EVERY_FADE[fade], *SIZE, seed=3)
    look = DvdReference(shift=(2, -1), borders=(7, 5), raster=(240, 192))
    chosen = some(min(LENGTH, len(clean)))
    sources = {n: scan(clean[n], n) for n in chosen}
    right = {n: aligned(sources[n], look(clean[n])) for n in chosen}
    limit = rule("Q223").limit or 0.0

    def judged(changed: dict[int, Picture]) -> tuple[float, int]:
        places = PairPlaces()
        for n in chosen:
            reference = changed.get(n, right[n])
            if reference is not None:
                places.add(n, sources[n], reference)
        worst = max(places.found(), key=lambda p: p.beyond)
        return round(worst.beyond, 4), worst.number

    if not rows.has(kind="pair", clip=clip, fade=fade, by="", what="right"):
        value, _ = judged({})
        rows.add(kind="pair", clip=clip, fade=fade, by="", what="right", found=value > limit, value=value)
    at = chosen[1]
    wrong = {f"{apart} frames off": at + apart for apart in (5, 12, 40)}
    kinds = {what: clean[n] for what, n in wrong.items() if n < len(clean)}
    kinds |= {"mirrored": np.ascontiguousarray(clean[at][:, ::-1]), "another shot": other}
    half = np.array(clean[at])
    half[:, : SIZE[0] // 2] = other[:, : SIZE[0] // 2]
    kinds["half of another shot"] = half
    for what, picture in kinds.items():
        if rows.has(kind="pair", clip=clip, fade=fade, by="", what=what):
            continue
        reference = aligned(sources[at], look(picture))
        if reference is None:
            rows.add(kind="pair", clip=clip, fade=fade, by="", what=what, found=True, value="CR520")
            continue
        value, number = judged({at: reference})
        moved_by = None if right[at] is None else lightness(reference, right[at])
        found = value > limit and number == at
        rows.add(
            kind="pair", clip=clip, fade=fade, by="", what=what, found=found, value=value, moved=moved_by
        )


def main() -> None:
    parser = words(__doc__)
    parser.add_argument("--footage", type=Path, metavar="DIR", help="folder of further clips (footage.py)")
    parser.add_argument("--clips", nargs="+")
    parser.add_argument("--fades", nargs="+", default=list(EVERY_FADE), choices=list(EVERY_FADE))
    asked = parser.parse_args()
    names = asked.clips or clips(asked.footage)
    if asked.quick:
        names, asked.fades = names[:1], ["strong"]
    rows = Rows("faults", asked.json, ("kind", "clip", "fade", "by", "what"))
    for number, clip in enumerate(names):
        clean = footage(clip, asked.footage, LATER)
        other = footage(names[(number + 1) % len(names)], asked.footage, 12)[-1]
        for fade in asked.fades:
            frames_in_time(rows, clip, fade, clean[:LENGTH])
            if fade in ("strong", "uneven"):
                pairs(rows, clip, fade, clean, other)
    tell(rows.rows, list(RECOVERED))


if __name__ == "__main__":
    main()
