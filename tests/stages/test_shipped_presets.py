"""Every shipped preset, extended the way a user does, in every version of Nuke we name."""

from __future__ import annotations

from pathlib import Path

import pytest

from chroma_recovery.graph.checks import check
from chroma_recovery.graph.layout import overlaps
from chroma_recovery.headers import PictureSize
from chroma_recovery.nk import read, write
from chroma_recovery.preset.load import load
from chroma_recovery.stages import ProjectPaths, build

PRESETS = Path(__file__).parents[2] / "presets"
SHIPPED = ("shot", "scene", "sequence", "non_reference")
SHOT = """\
extends: {base}
shot: sh010
source: {{path: plates/source.####.exr, first: 1, last: 400}}
reference: {{path: plates/made.####.exr, first: 1, last: 400, kind: constructed, citation: "Lima, c. 1850"}}
pairs: [{pairs}]
documentation: {{assumptions: painted from watercolours, rationale: covers all dresses}}
nuke: {{version: "{version}"}}
"""


@pytest.mark.parametrize("version", ["15.0", "15.1", "16.0", "16.1", "17.0"])
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_preset_builds(name: str, version: str, tmp_path: Path) -> None:
    base = (PRESETS / f"{name}.yaml").as_posix()
    pairs = ", ".join(str(n * 13 + 1) for n in range(30))
    file = tmp_path / "mine.yaml"
    file.write_text(SHOT.format(base=base, pairs=pairs, version=version), encoding="utf-8")
    size = PictureSize(2048, 1556)
    paths = ProjectPaths("plates/source.####.exr", "plates/made.####.exr", size, size)
    recovery = build(load(file).preset, paths=paths)
    for path, graph in recovery.files.items():
        assert check(graph) == [], path
        assert overlaps(graph) == [], path
        assert read(write(graph)) == graph, path
    assert len(recovery.graph["Source_dataset_staging"].inputs) == len(recovery.plan.training)
