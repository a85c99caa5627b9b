"""What tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chroma_recovery.engine import decoder


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[decoder._Pool]:
    """Workers of this test's own."""
    pool = decoder._Pool()
    monkeypatch.setattr(decoder, "_pool", pool)
    yield pool
    pool.close()
