"""The pair table: what was proposed, found, decided, why and by whom. YAML for programs, CSV for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import yaml

from ..build import plain_cell

__all__ = ["PairRecord", "as_csv", "as_yaml", "record_of"]


@attrs.frozen
class PairRecord:
    """One pair, accepted or not.

    source, reference: frames. verdict: accept, look or reject. method: auto (F_Align) or manual (Transform).
    p50, p95: what is left along the chosen path, pixels at 1080 lines. auto_p95: what this engine's F_Align
    leaves at reduced size, 99 where it finds nothing. manual_p95: what the keyed Transform leaves, or the
    CornerPin where corners are keyed. translate, scale, rotate, off: see ``alignment.Key``. corners: see
    ``alignment.corners_of``, empty where a Transform holds the map. matrix: Source pixels to Reference pixels,
    nine numbers by rows, y down. crop: x, y, r, t in the Source's frame, empty if there is none. overlays:
    subtitles and logos found. confidence: 0..1, that the Reference frame is the right one. by: who decided, a
    name or ``measured``. seconds: how long it took.
    """

    shot: str
    source: int
    source_timecode: str
    reference: int
    reference_timecode: str
    verdict: str
    reasons: tuple[str, ...] = ()
    method: str = "auto"
    p50: float = 99.0
    p95: float = 99.0
    auto_p95: float = 99.0
    manual_p95: float = 99.0
    translate: tuple[float, ...] = (0.0, 0.0)
    scale: tuple[float, ...] = (1.0, 1.0)
    rotate: float = 0.0
    off: float = 0.0
    corners: tuple[float, ...] = ()
    matrix: tuple[float, ...] = ()
    crop: tuple[int, ...] = ()
    overlays: int = 0
    confidence: float = 0.0
    hold_out: bool = False
    note: str = ""
    by: str = "measured"
    seconds: float = 0.0


_LISTS = ("reasons", "translate", "scale", "corners", "matrix", "crop")


def record_of(values: dict[str, Any]) -> PairRecord:
    """A record from its plain form. Raises TypeError if a field is missing or unknown."""
    plain: dict[str, Any] = {k: tuple(v) if k in _LISTS else v for k, v in values.items()}
    make: Any = PairRecord
    record: PairRecord = make(**plain)
    return record


def as_yaml(records: Sequence[PairRecord], parity: Sequence[Mapping[str, Any]] = ()) -> str:
    """All records, one mapping each, in frame order, below ``pairs``. parity: the rows of the comparison of the clips
    (fields of ``parity.Check``), below ``parity``; without any the key is left out."""
    table: dict[str, Any] = {"pairs": [_plain(r) for r in sorted(records, key=lambda r: r.source)]}
    if parity:
        table["parity"] = [
            {k: list(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in parity
        ]
    return yaml.safe_dump(table, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


def as_csv(records: Iterable[PairRecord]) -> str:
    """One line per pair, lists joined by blanks, reasons by semicolons; never a formula."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    names = [a.name for a in attrs.fields(PairRecord)]
    rows.writerow(names)
    for record in sorted(records, key=lambda r: r.source):
        values = _plain(record)
        rows.writerow([_cell(values[n], "; " if n == "reasons" else " ") for n in names])
    return text.getvalue()


def _plain(record: PairRecord) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in attrs.asdict(record, recurse=False).items()}


def _cell(value: Any, join: str) -> str:
    text = join.join(map(str, value)) if isinstance(value, list) else str(value)
    if isinstance(value, list) or not isinstance(value, str):
        return text
    return plain_cell(text)
