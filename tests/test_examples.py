"""The presets shown in README and guides load as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chroma_recovery.preset.load import loads

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("page", ["README.md", "docs/first-shot.md"])
def test_shown_presets_load(page: str) -> None:
    shown = re.findall(
        r"^```yaml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert shown
    for text in shown:
        loaded = loads(text, page)
        assert loaded.preset.shot == "sh010"
        assert [p.source for p in loaded.preset.hold_out_pairs] == [485]
        assert loaded.warnings == ()
