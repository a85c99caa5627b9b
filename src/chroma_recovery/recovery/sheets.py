"""Contact sheets of any number of pairs, in pages: a JPEG is at most 65,535 pixels high, and an eye tires sooner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..qc.pictures import Bytes, Display, bytes_of, scaled, sheet, write_jpeg

__all__ = ["PAGE", "write_pages"]

PAGE = 20
"""Pairs on a page."""

CELL = 360
"""Pixels across of one picture."""


def write_pages(
    folder: Path,
    stem: str,
    rows: Iterable[tuple[str, Mapping[str, Display]]],
    *,
    overwrite: bool,
    cell: int = CELL,
) -> list[Path]:
    """Write ``<stem>.jpg``, or ``<stem>_001.jpg``, ``<stem>_002.jpg`` ... where the rows are more than a page.

    rows: (title, label -> display picture), taken one by one and made small at once, so memory holds one page.
    overwrite: replace what is there, and remove pages that an earlier run of more or fewer pairs left. Raises PathError
    (CR602) without it.
    """
    page: list[tuple[str, dict[str, Bytes]]] = []
    written: list[Path] = []

    def flush(name: str) -> None:
        picture = sheet(page, width=cell)
        written.append(write_jpeg(folder / f"{name}.jpg", picture, overwrite=overwrite))
        page.clear()

    for title, pictures in rows:
        if len(page) == PAGE:
            flush(f"{stem}_{len(written) + 1:03d}")
        page.append((title, {label: scaled(bytes_of(p), cell) for label, p in pictures.items()}))
    if page:
        flush(f"{stem}_{len(written) + 1:03d}" if written else stem)
    if overwrite:
        ours = re.compile(re.escape(stem) + r"(_[0-9]{3,})?\.jpg\Z")
        for old in [p for p in folder.glob("*.jpg") if ours.match(p.name) and p not in written]:
            old.unlink()
    return written
