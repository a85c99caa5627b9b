"""What takes part in measuring a shot: sees every frame once, then says what the shot amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from .profile import Profile
from .results import Column, FrameRow, Measure
from .views import Views

__all__ = ["Meter", "Values"]

Values: TypeAlias = dict[str, float]
"""Column name -> value of one frame; what could not be measured on it is left out."""


class Meter(Protocol):
    """columns: what it may give for a frame."""

    @property
    def columns(self) -> Sequence[Column]: ...

    def see(self, views: Views) -> Values:
        """Numbers of the next frame; pictures must not be kept at full size."""

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """Measures of the shot, after the last frame. May add values to the rows (``FrameRow.values`` is a dict)."""
