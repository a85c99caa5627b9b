"""A recovery without files, and a fake Nuke in every mode and edition that matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.build import Scripts, assemble
from chroma_recovery.testing import FakeNuke

PRESET = """\
# the artist's own words
extends: shot
shot: sh010
source: {path: plates/source.####.exr, first: 471, last: 499, format: {width: 2048, height: 1556}}
reference: {path: plates/reference.####.exr, first: 471, last: 499, format: {width: 2048, height: 1556}, kind: dvd}
pairs:
  - 471        # wide
  - 478
  - {source: 485, hold_out: true}   # faces
  - 492
  - {source: 499, note: last}
alignment:
  keys:
    - {pair: 478, translate: [2, -1]}
"""

MODES = [
    ("gui", "nukex"),
    ("gui", "studio"),
    ("gui", "indie"),
    ("gui", "nc"),
    ("terminal", "nukex"),
    ("terminal", "nc"),
]


@pytest.fixture
def preset_file(tmp_path: Path) -> Path:
    """A preset whose frames do not exist; the project folder is its own."""
    file = tmp_path / "sh010.yaml"
    file.write_text(PRESET, encoding="utf-8")
    return file


@pytest.fixture
def scripts(preset_file: Path) -> Scripts:
    return assemble(preset_file, project=preset_file.parent)


@pytest.fixture(params=MODES, ids=lambda m: "-".join(m))
def any_nuke(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The module ``nuke``; ``nuke.fake`` is the session behind it."""
    mode, edition = request.param
    fake = FakeNuke(mode, edition, "15.1v4")
    with fake.installed() as nuke:
        yield nuke


@pytest.fixture
def nuke() -> Iterator[Any]:
    """NukeX with a GUI."""
    with FakeNuke("gui", "nukex", "15.1v4").installed() as module:
        yield module
