"""docs/projects.md: its example is a project, its tables name every field and code."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from chroma_recovery.preset.fields import fields_of
from chroma_recovery.project.load import load_project
from chroma_recovery.project.settings import GroupEntry, ProjectSettings, ReferenceRule, ShotEntry

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/projects.md").read_text()

EDL = """\
TITLE: EXAMPLE
001  A001  V  C  01:00:00:00 01:00:03:00 00:00:00:00 00:00:03:00
* FROM CLIP NAME: sh020
002  A001  V  C  01:01:00:00 01:01:03:00 00:00:03:00 00:00:06:00
* FROM CLIP NAME: sc04_010
003  A001  V  C  01:02:00:00 01:02:03:00 00:00:06:00 00:00:09:00
* FROM CLIP NAME: sc04_020
004  A001  V  C  00:00:42:04 00:00:45:04 00:00:09:00 00:00:12:00
* FROM CLIP NAME: sh070
005  A001  V  C  01:04:00:00 01:04:03:00 00:00:12:00 00:00:15:00
* FROM CLIP NAME: titles
"""


def test_the_example_is_a_project(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "project.yaml").write_text(textwrap.dedent(block))
    (tmp_path / "cut.edl").write_text(EDL)
    units = load_project(tmp_path / "project.yaml", tmp_path).units
    assert list(units) == ["sc04", "sh020", "sc04_010", "sc04_020", "sh070"]
    assert units["sc04"].preset.training.steps == 60000
    assert units["sh020"].preset.training.patch == 256
    assert units["sc04_010"].preset.inference.model.startswith("pipeline/03_copycat_training/sc04/sc04_v001.")
    assert [p.source for p in units["sh070"].preset.pairs] == [1012, 1030, 1041, 1066, 1080]


def test_every_field_is_named() -> None:
    told = set(re.findall(r"`([a-z_.\[\]]+)`", PAGE))
    own = {n for cls in (ProjectSettings, ShotEntry, GroupEntry) for n in fields_of(cls)}
    sides = {f"reference.{n}" for n in fields_of(ReferenceRule)}
    assert own - {w.removesuffix("[]") for w in told} <= {"source", "reference"}
    assert sides <= told


def test_every_code_is_named() -> None:
    codes = re.compile(r'"(CR[0-9]{3})"')
    files = (ROOT / "src/chroma_recovery/project").glob("*.py")
    used = {code for file in files for code in codes.findall(file.read_text())}
    here = {c for c in used if c[:4] in ("CR18", "CR58", "CR61", "CR80")}
    assert here <= set(re.findall(r"\| (CR[0-9]{3}) \|", PAGE))
