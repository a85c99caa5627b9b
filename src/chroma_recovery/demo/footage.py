"""Writes the demo's footage: Source, Reference and Truth as EXR sequences, like the guide's export.

All three are display-encoded 0..1 in half floats, as a Rec.709 ODT export leaves them. Each film frame sits
a little differently in the scanner's gate (weave), so every pair needs its own alignment; the Truth sits
where the Source does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import attrs
import cv2
import numpy as np
import OpenImageIO as oiio

from ..errors import ImageFileError, PathError
from ..frames import Pattern
from ..paths import posix, writing
from .balance import DensityBalance
from .clip import HEIGHT, LENGTH, WIDTH, read_clip
from .density import Array
from .fade import FADES, DyeFade, FadedScan
from .reference import DvdReference, Matrix, similarity, warp

__all__ = ["FIRST", "OVERSCAN", "Footage", "picture_area", "write_footage"]

FIRST = 1001
"""Frame number of the first frame."""

OVERSCAN = (12, 8)
"""Columns at each side and rows at top and bottom of the Source that show the gate, not the picture."""

WEAVE = 0.4
"""Standard deviation of the gate's unsteadiness, pixels."""

MARGIN = 4
"""Pixels kept from every edge of the picture, for weave and the blur of borders."""

REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""Chromaticities of red, green, blue and white (ITU-R BT.709)."""

Area = tuple[int, int, int, int]


@attrs.frozen(kw_only=True)
class Footage:
    """Where the footage is and what is known of it.

    source, reference, truth: patterns such as ``.../source.####.exr``. first, last: frames, the same for
    all three. picture_area: x, y, r, t in Nuke's coordinates (origin at the bottom left): where Source and
    aligned Reference both show picture. alignment: per frame the 3x3 matrix from pixels of the Source to
    pixels of the Reference (centres at whole numbers, y down). size: width and height. fade, look, balance:
    how it was made.
    """

    source: Path
    reference: Path
    truth: Path
    first: int
    last: int
    picture_area: Area
    size: tuple[int, int]
    fade: DyeFade
    look: DvdReference
    balance: DensityBalance
    alignment: dict[int, Matrix] = attrs.field(eq=False)


def write_footage(
    out_dir: Path,
    *,
    fade: str = "strong",
    frames: int = LENGTH,
    seed: int = 3,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Footage:
    """Fade the shipped clip and write ``source/``, ``reference/`` and ``truth/`` below ``out_dir``.

    fade: a name of :data:`FADES`. frames: how many, from the first, 1..48. progress: called with done and
    all frames. Every frame is written beside its place and renamed. Raises ValueError for an unknown fade
    or count, PathError (CR602) before any work if a frame exists and ``overwrite`` is false, ImageFileError
    if the clip or a frame fails.
    """
    if fade not in FADES:
        raise ValueError(f"no fade is named {fade!r}; there are {', '.join(FADES)}")
    if not 1 <= frames <= LENGTH:
        raise ValueError(f"{frames} frames asked for; the clip has {LENGTH}")
    patterns = {name: out_dir / name / f"{name}.####.exr" for name in ("source", "reference", "truth")}
    if not overwrite:
        _refuse_existing(patterns, frames)
    film = Film(FADES[fade], DvdReference(), frames, seed)

    def make(item: tuple[int, Array]) -> None:
        number, clean = item
        for name, picture in film.pictures(number, clean).items():
            write_frame(Path(Pattern.parse(posix(patterns[name])).at(number)), picture, overwrite=overwrite)

    with ThreadPoolExecutor(2) as pool:
        for done, _ in enumerate(_bounded(pool, make, enumerate(read_clip(frames=frames), FIRST)), 1):
            if progress is not None:
                progress(done, frames)
    numbers = range(FIRST, FIRST + frames)
    return Footage(
        source=patterns["source"],
        reference=patterns["reference"],
        truth=patterns["truth"],
        first=numbers[0],
        last=numbers[-1],
        picture_area=picture_area(film.look, WIDTH, HEIGHT),
        size=(WIDTH, HEIGHT),
        fade=film.scan.fade,
        look=film.look,
        balance=film.balance,
        alignment={n: film.look.transform(WIDTH, HEIGHT) @ np.linalg.inv(film.weave(n)) for n in numbers},
    )


class Film:
    """A faded print of the clip and its older DVD. Frames can be made in any order, with the same pixels."""

    def __init__(self, fade: DyeFade, look: DvdReference, frames: int, seed: int) -> None:
        self.look, self.seed = look, seed
        self.scan = FadedScan(fade, WIDTH, HEIGHT, seed=seed)
        self._gate = _gate(WIDTH, HEIGHT)
        side, rows = (edge + MARGIN for edge in OVERSCAN)
        every = max(1, frames // 6)
        chosen = [
            (n, clean) for n, clean in enumerate(read_clip(frames=frames), FIRST) if (n - FIRST) % every == 0
        ]
        left, top, right, bottom = look.live_area(WIDTH, HEIGHT)
        self.balance = DensityBalance.fit(
            (self.scan(self.printed(n, clean), n)[rows:-rows, side:-side] for n, clean in chosen),
            like=(look(clean)[top:bottom, left:right] for _, clean in chosen),
        )

    def weave(self, number: int) -> Matrix:
        """3x3 matrix from where the film frame would sit to where it sat in the gate."""
        x, y = np.random.default_rng([self.seed, number, 0x3EAE]).normal(0, WEAVE, 2)
        return similarity(WIDTH, HEIGHT, shift=(float(x), float(y)))

    def printed(self, number: int, clean: Array) -> Array:
        """The unfaded print in the gate: black around the picture, moved by the weave."""
        return warp(clean * self._gate, self.weave(number))

    def pictures(self, number: int, clean: Array) -> dict[str, Array]:
        """Source, Reference and Truth of one frame of the clip, height x width x 3, display-encoded 0..1."""
        printed = self.printed(number, clean)
        return {
            "source": self.balance(self.scan(printed, number)),
            "reference": self.look(clean),
            "truth": self.look.truth(printed),
        }


def picture_area(look: DvdReference, width: int, height: int) -> Area:
    """Upright box where Source and aligned Reference both show picture, even numbers: x, y, r, t, y up."""
    left, top, right, bottom = look.live_area(width, height)
    across, down = (left, right - 1, right - 1, left), (top, top, bottom - 1, bottom - 1)
    x, y, _ = np.linalg.inv(look.transform(width, height)) @ np.array([across, down, (1, 1, 1, 1)], float)
    side, rows = OVERSCAN
    first_x = max(side, x[0], x[3]) + MARGIN
    last_x = min(width - 1 - side, x[1], x[2]) - MARGIN
    first_y = max(rows, y[0], y[1]) + MARGIN
    last_y = min(height - 1 - rows, y[2], y[3]) - MARGIN
    x0, x1 = _even_up(first_x), _even_down(last_x + 1)
    y0, y1 = _even_up(height - 1 - last_y), _even_down(height - first_y)
    return x0, y0, x1, y1


def write_frame(path: Path, picture: Array, *, overwrite: bool = False) -> None:
    """One EXR, half, ZIP, with the chromaticities of Rec.709; written beside its place and renamed.

    picture: height x width x 3, 0..1. Raises PathError (CR602) if it exists, ImageFileError (CR513) if it
    cannot be written.
    """
    height, width, channels = picture.shape
    spec = oiio.ImageSpec(width, height, channels, oiio.HALF)
    spec.attribute("compression", "zip")
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), REC709)
    spec.attribute("oiio:ColorSpace", "srgb_rec709_scene")
    with writing(path, overwrite=overwrite) as scratch:
        file = oiio.ImageOutput.create(str(scratch))
        written = bool(
            file
            and file.open(str(scratch), spec)
            and file.write_image(np.ascontiguousarray(picture, np.float32))
            and file.close()
        )
        if not written:
            said = file.geterror() if file else oiio.geterror()
            raise ImageFileError.at(
                "CR513", posix(path), f"cannot be written: {said.strip()[:300]}", "full disk?"
            )


def _gate(width: int, height: int) -> Array:
    """1 inside the film frame, 0 outside, with a soft edge; height x width x 1."""
    side, rows = OVERSCAN
    mask = np.zeros((height, width), np.float32)
    mask[rows : height - rows, side : width - side] = 1
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.8), np.float32)[..., None]


def _refuse_existing(patterns: dict[str, Path], frames: int) -> None:
    for pattern in patterns.values():
        for number in range(FIRST, FIRST + frames):
            path = Path(Pattern.parse(posix(pattern)).at(number))
            if path.exists():
                raise PathError.at(
                    "CR602",
                    posix(path),
                    "exists already; nothing was written",
                    "choose another folder or overwrite",
                )


def _bounded(
    pool: ThreadPoolExecutor, make: Callable[[tuple[int, Array]], None], items: Iterator[tuple[int, Array]]
) -> Iterator[None]:
    """Run ``make`` on two frames at a time without reading the whole clip into memory."""
    waiting = []
    for item in items:
        waiting.append(pool.submit(partial(make, item)))
        if len(waiting) > 3:
            yield waiting.pop(0).result()
    for task in waiting:
        yield task.result()


def _even_up(value: float) -> int:
    return int(np.ceil(value / 2)) * 2


def _even_down(value: float) -> int:
    return int(np.floor(value / 2)) * 2
