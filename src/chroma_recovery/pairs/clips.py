"""The two sequences of a preset as files: which frames there are, their headers, and their pictures at working size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import numpy as np

from ..engine.decoder import header_of
from ..engine.image import Pixels
from ..engine.opening import FileHeader
from ..errors import ImageFileError, PresetError
from ..frames import FrameRange, Pattern, timecode
from ..paths import posix
from ..preset.load import Loaded
from ..preset.model import Clip
from .reading import Glimpse, Kept, area_scaled, glimpse

__all__ = ["Sequence", "area_scaled", "clips_of", "pixel_map"]


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

    def header(self, frame: int) -> FileHeader:
        """Raises ImageFileError: CR510 no such file, CR511 no image, CR515 the decoder crashed."""
        path = self.path(frame)
        if not path.is_file():
            raise ImageFileError.at("CR510", posix(path), f"{self.name} frame {frame} does not exist")
        found = header_of(path)
        return attrs.evolve(found, pixel_aspect=round(found.pixel_aspect, 5))

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


def pixel_map(full: tuple[int, int], small: tuple[int, int]) -> Any:
    """3x3 from pixel indices (centres at whole numbers) of a small picture to those of the full one; sizes are
    (width, height)."""
    sx, sy = full[0] / small[0], full[1] / small[1]
    return np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5], [0, 0, 1.0]])
