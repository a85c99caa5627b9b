"""The loss log: one line every ten steps, readable while training runs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TextIO

from ...errors import PathError
from ...paths import posix, write_text

__all__ = ["LossLog", "read_losses"]

HEAD = ("step", "loss", "validation")


class LossLog:
    """CSV with columns step, loss, validation (empty where not measured). Losses: see :func:`base.fault`,
    Cb and Cr in full range. Written line by line, so that a killed run leaves what it knew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    def start(self) -> None:
        """Begin anew. Raises PathError (CR603) if the folder cannot be written."""
        self._open([])

    def resume(self, step: int) -> None:
        """Go on after a step; later lines of the earlier run are dropped."""
        kept = [row for row in read_losses(self.path) if row[0] <= step] if self.path.exists() else []
        self._open(kept)

    def _open(self, rows: list[tuple[int, float, float | None]]) -> None:
        """The rows of before at once, whole or not at all; then line by line."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows([HEAD, *map(_held, rows)])
        write_text(self.path, text.getvalue(), overwrite=True)
        try:
            self._file = self.path.open("a", newline="", encoding="utf-8")
        except OSError as error:
            raise PathError.at("CR603", posix(self.path), f"cannot be written: {error.strerror}") from error

    def add(self, step: int, loss: float, validation: float | None) -> None:
        if self._file is not None:
            csv.writer(self._file).writerow(_held((step, loss, validation)))
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _held(row: tuple[int, float, float | None]) -> tuple[int, str, str]:
    step, loss, validation = row
    return step, f"{loss:.8g}", "" if validation is None else f"{validation:.8g}"


def read_losses(path: Path) -> list[tuple[int, float, float | None]]:
    """Rows of a loss log; a last line cut short by a kill is left out."""
    rows: list[tuple[int, float, float | None]] = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            try:
                rows.append((int(row[0]), float(row[1]), float(row[2]) if row[2] else None))
            except (ValueError, IndexError):
                continue
    return rows
