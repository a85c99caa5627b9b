"""The two sequences of a preset as files: which frames there are, their headers, and their pictures at working size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import numpy as np
import OpenImageIO as oiio

from ..engine.image import Pixels
from ..errors import ImageFileError, PresetError
from ..frames import FrameRange, Pattern, timecode
from ..paths import posix
from ..preset.load import Loaded
from ..preset.model import Clip
from .reading import Glimpse, Kept, area_scaled, glimpse

__all__ = ["Header", "Sequence", "area_scaled", "clips_of", "pixel_map"]

COLOUR_NAMES = ("oiio:ColorSpace", "chromaticities", "acesImageContainerFlag")


@attrs.frozen
class Header:
    """What a file says of itself. window: data window x, y, width, height, rows downwards. channels: as written.
    kind: storage type (half, float, uint8 ...). fps: frames per second, 0 if unsaid. timecode: as the header says
    it, else empty. transform: the colour attributes, as one text."""

    width: int
    height: int
    pixel_aspect: float
    window: tuple[int, int, int, int]
    channels: tuple[str, ...]
    kind: str
    fps: float
    timecode: str
    transform: str


@attrs.frozen
class Sequence:
    """name: Source or Reference. span: the frames that the preset names. fps: frames per second."""

    name: str
    pattern: Pattern
    span: FrameRange
    fps: float
    _kept: Kept = attrs.field(factory=Kept, init=False, eq=False, repr=False)

    @classmethod
    def of(cls, name: str, clip: Clip, folder: Path) -> Sequence:
        """A preset's clip; relative paths start at ``folder``. Raises PresetError (CR185) for a clip of several
        sequences."""
        if clip.then:
            hint = "choose the pairs of each shot with the shot's own preset"
            raise PresetError.at("CR185", f"{name.lower()}.then", "pairs are chosen in one sequence", hint)
        return cls(
            name, Pattern.parse(posix(folder / clip.path)), FrameRange(clip.first, clip.last), clip.fps
        )

    def path(self, frame: int) -> Path:
        return Path(self.pattern.at(frame))

    def missing(self) -> tuple[int, ...]:
        """Frames of the span without a file."""
        return tuple(f for f in self.span if not self.path(f).is_file())

    def beyond(self) -> tuple[int, ...]:
        """Frames outside the span that have files: a range that was cut short, or handles."""
        folder, name = self.path(self.span.first).parent, self.pattern.regex()
        if not self.pattern.is_sequence or not folder.is_dir():
            return ()
        found = (name.match(p.name) for p in folder.iterdir())
        return tuple(sorted(n for n in (int(m[1]) for m in found if m) if n not in self.span))

    def header(self, frame: int) -> Header:
        """Raises ImageFileError: CR510 no such file, CR511 no image."""
        path = self.path(frame)
        if not path.is_file():
            raise ImageFileError.at("CR510", posix(path), f"{self.name} frame {frame} does not exist")
        opened = oiio.ImageInput.open(str(path))
        if opened is None:
            raise ImageFileError.at("CR511", posix(path), f"cannot be read: {oiio.geterror().strip()[:200]}")
        spec = opened.spec()
        opened.close()
        rate: Any = spec.getattribute("framesPerSecond")
        rate = rate[0] / rate[1] if isinstance(rate, tuple) and rate[1] else rate
        said = (
            f"{n.removeprefix('oiio:')} {_short(spec.getattribute(n))}"
            for n in COLOUR_NAMES
            if spec.getattribute(n) is not None
        )
        return Header(
            spec.full_width or spec.width,
            spec.full_height or spec.height,
            round(float(spec.get_float_attribute("PixelAspectRatio", 1.0)), 5),
            (spec.x - spec.full_x, spec.y - spec.full_y, spec.width, spec.height),
            tuple(spec.channelnames),
            str(spec.format),
            float(rate or 0),
            str(spec.get_string_attribute("smpte:TimeCode", "")),
            "; ".join(said),
        )

    def timecode(self, frame: int) -> str:
        """The header's, else counted from frame 0 at the clip's rate."""
        try:
            return self.header(frame).timecode or timecode(frame, self.fps)
        except ImageFileError:
            return timecode(frame, self.fps)

    def glimpse(self, frame: int) -> Glimpse:
        """The frame at working size, and what its whole says; the last few are kept, so several steps may ask. Errors
        as ``engine.files.read_image``."""
        return self._kept.of(self.path(frame))

    def picture(self, frame: int, width: int | None = None) -> Pixels:
        """Display-encoded R'G'B' of the full frame, (height, width, 3) float32, top row first; at most ``width``
        pixels across, area-averaged. Errors as ``engine.files.read_image``."""
        if width is None:
            return glimpse(self.path(frame), 1 << 30).picture
        found = self.glimpse(frame)
        if width > found.picture.shape[1] < found.full[0]:
            return glimpse(self.path(frame), width).picture
        return area_scaled(found.picture, width)


def clips_of(loaded: Loaded) -> tuple[Sequence, Sequence]:
    """Source and Reference of a preset."""
    p = loaded.preset
    return (
        Sequence.of("Source", p.source, loaded.folder_of("source.path")),
        Sequence.of("Reference", p.reference, loaded.folder_of("reference.path")),
    )


def _short(value: Any) -> str:
    return " ".join(f"{v:.4g}" for v in value) if isinstance(value, tuple) else str(value)


def pixel_map(full: tuple[int, int], small: tuple[int, int]) -> Any:
    """3x3 from pixel indices (centres at whole numbers) of a small picture to those of the full one; sizes are
    (width, height)."""
    sx, sy = full[0] / small[0], full[1] / small[1]
    return np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5], [0, 0, 1.0]])
