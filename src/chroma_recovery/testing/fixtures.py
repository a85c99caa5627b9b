"""pytest fixtures: put ``pytest_plugins = ["chroma_recovery.testing.fixtures"]`` into a ``conftest.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .session import FakeNuke

__all__ = ["nuke_session", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "nuke(mode, edition, version, ...): what kind of Nuke nuke_session is")


@pytest.fixture
def nuke_session(request: pytest.FixtureRequest) -> Iterator[FakeNuke]:
    """A fake Nuke, installed as ``nuke`` while the test runs: NukeX 15.1v4 with a GUI, or what the test says:
    ``@pytest.mark.nuke(mode="terminal", edition="nc")``."""
    marker = request.node.get_closest_marker("nuke")
    fake = FakeNuke(*marker.args, **marker.kwargs) if marker is not None else FakeNuke()
    with fake.installed():
        yield fake
