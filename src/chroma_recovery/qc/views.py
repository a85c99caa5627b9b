"""One frame of a shot as it is measured: Source and Recovered side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import attrs

from ..engine.image import Pixels
from .encoding import Bring, as_given
from .scan import SMALL, FullSize, full_size, luma_of, reduced
from .shown import Shown

__all__ = ["SMALL", "Views", "luma_of", "reduced"]


@attrs.frozen(eq=False, slots=False)
class Views:
    """Source and Recovered of one frame at full size.

    source, recovered: (height, width, 3) float32, top row first, the same crop and format. bring: takes rows of them to
    R'G'B' as the graph's YCbCr domain encodes it (the sRGB curve on the working space's values), 0-1, pixel by pixel;
    nothing to do where they are that already. display: brings pictures of that domain, of any size, to display R'G'B'
    (sRGB curve, Rec.709 primaries); nothing to do where they are that already.
    """

    frame: int
    source: Pixels = attrs.field(repr=False)
    recovered: Pixels = attrs.field(repr=False)
    display: Callable[[Pixels], Pixels] = attrs.field(default=as_given, repr=False)
    bring: Bring = attrs.field(default=as_given, repr=False)

    @cached_property
    def full(self) -> FullSize:
        """What is measured at every pixel."""
        return full_size(self.source, self.recovered, self.bring)

    @property
    def small_recovered(self) -> Pixels:
        """Recovered, R'G'B' of the YCbCr domain, at most :data:`SMALL` pixels across."""
        return self.full.small_recovered

    @cached_property
    def shown(self) -> Shown:
        """Both as display R'G'B', at most :data:`SMALL` pixels across."""
        return Shown(self.display(self.full.small_source), self.display(self.full.small_recovered))
