"""Images that an evaluator keeps, within a budget of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Container, Mapping

from .image import Image

__all__ = ["Kept", "Key"]

Key = tuple[str, int]
"""Name of a node, frame."""


class Kept:
    """The most recently used images; beside them pinned ones, which no budget touches. budget: bytes."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.bytes = 0
        self._images: OrderedDict[Key, Image] = OrderedDict()
        self._pinned: dict[Key, Image] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._pinned or key in self._images

    def find(self, key: Key) -> Image | None:
        pinned = self._pinned.get(key)
        if pinned is not None:
            return pinned
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
        return found

    def add(self, key: Key, image: Image) -> None:
        self._drop(key)
        self._images[key] = image
        self.bytes += image.nbytes
        while self.bytes > self.budget and len(self._images) > 1:
            self._drop(next(iter(self._images)))

    def pin(self, images: Mapping[Key, Image]) -> list[Key]:
        """Hold these until they are unpinned; gives the keys that were not pinned before."""
        new = [k for k in images if k not in self._pinned]
        self._pinned.update({k: images[k] for k in new})
        return new

    def unpin(self, keys: Collection[Key]) -> None:
        for key in keys:
            self._pinned.pop(key, None)

    def retain(self, keys: Container[Key]) -> None:
        """Drop every unpinned image but these."""
        for key in [k for k in self._images if k not in keys]:
            self._drop(key)

    def clear(self) -> None:
        self._images.clear()
        self.bytes = 0

    def _drop(self, key: Key) -> None:
        gone = self._images.pop(key, None)
        self.bytes -= gone.nbytes if gone is not None else 0
