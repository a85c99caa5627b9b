"""Finished pairs, one line each: what a run that was cut off need not do again."""

from __future__ import annotations

import json
from pathlib import Path

import attrs

from .table import PairRecord, record_of

__all__ = ["Journal"]


@attrs.frozen
class Journal:
    """file: JSON, one finished pair to a line, added as it is finished. A later line of the same mark counts."""

    file: Path

    def add(self, mark: str, record: PairRecord) -> None:
        """mark: what the record depends on; a pair with another mark is done again."""
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"mark": mark, **attrs.asdict(record)}) + "\n")

    def finished(self) -> dict[str, PairRecord]:
        """Records by mark. Lines cut off by a crash, or written by another version, are passed over."""
        found: dict[str, PairRecord] = {}
        if self.file.is_file():
            with self.file.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    try:
                        values = json.loads(line)
                        mark = str(values.pop("mark"))
                        found[mark] = record_of(values)
                    except (ValueError, TypeError, KeyError, AttributeError):
                        continue
        return found
