"""Pictures of the report that are made while the frames are measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exr_pictures import write

from chroma_recovery.build import assemble
from chroma_recovery.demo.clip import read_clip
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.frames import Pattern
from chroma_recovery.qc.taps import shot_views
from chroma_recovery.recovery.stills import THUMB, WIDTH, Stills

FRAMES = [1, 2, 3]
PRESET = """\
shot: sh
source: {path: s.####.exr, first: 1, last: 3}
reference: {path: r.####.exr, first: 1, last: 3, kind: dvd}
pairs: [1, 3]
alignment: {use: manual}
crop: {box: [0, 0, 320, 180]}
training: {median: 3, patch: 64, batch: 2, steps: 20}
"""


@pytest.fixture
def stills(tmp_path: Path) -> Stills:
    clip = [np.ascontiguousarray(p[:180, :320]) for p in read_clip(frames=3)]
    for number, picture in enumerate(clip, 1):
        write(tmp_path / f"s.{number:04d}.exr", picture)
        write(tmp_path / f"r.{number:04d}.exr", picture)
    (tmp_path / "sh.yaml").write_text(PRESET)
    recovery = assemble(tmp_path / "sh.yaml", project=tmp_path).recovery
    evaluator = Evaluator(recovery.graph, project=tmp_path)
    delivered = Pattern.parse(evaluator.path(recovery.names.recovered_read or "").as_posix())
    for number, picture in enumerate(clip, 1):
        write(Path(delivered.at(number)), picture)
    return Stills(evaluator, recovery.plan, recovery.names)


def test_pictures_taken_while_measuring_are_those_that_are_made_later(
    stills: Stills, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluator, names = stills.evaluator, stills.names
    nodes = [n for n in (names.original, names.recovered_read) if n]
    assert len(nodes) == 2
    plain = {(n, f, w): stills.picture(n, f, w) for n in nodes for f in FRAMES for w in (THUMB, WIDTH)}
    evaluator.forget()
    domain = stills.plan.preset.colour.domain
    for views in shot_views(evaluator, domain, names, FRAMES, see=lambda f: stills.take(FRAMES, f)):
        assert views.source.shape == views.recovered.shape

    def fails(*_: object) -> None:
        raise AssertionError("evaluated again")

    with monkeypatch.context() as patch:
        patch.setattr(evaluator, "image", fails)
        for key, picture in plain.items():
            np.testing.assert_array_equal(stills.picture(*key), picture)
    stills.forget()
    monkeypatch.setattr(evaluator, "image", fails)
    with pytest.raises(AssertionError):
        stills.picture(nodes[0], 1, THUMB)
