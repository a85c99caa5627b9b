"""A finished project in small: the real scripts of a preset, tiny frames with the header that their scripts ask for,
and files in place of model and report."""

from __future__ import annotations

import hashlib
from pathlib import Path

import attrs
import numpy as np

from chroma_recovery.build import Scripts, assemble, write_scripts
from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import RGB, Box, Format, Image
from chroma_recovery.frames import Pattern
from chroma_recovery.nk.metadata import FRAME, read_metadata

FIRST, COUNT = 471, 4
PRESET = f"""\
extends: base look.yaml
shot: sh010
source: {{path: plates/source.####.exr, first: {FIRST}, last: {FIRST + COUNT - 1}, format: {{width: 64, height: 48}}}}
reference:
  path: dvd/colour.####.exr
  first: {FIRST}
  last: {FIRST + COUNT - 1}
  format: {{width: 64, height: 48}}
  kind: telecine
  citation: "Tape [1] 100 %"
pairs: [471, 472, 473, {{source: 474, hold_out: true}}]
training: {{patch: 32, steps: 40}}
validation: {{match_grade: false}}
documentation: {{institution: Filmoteca, restorationist: "A. Pérez", caveats: "Reel 2 is darker"}}
"""


@attrs.frozen
class Project:
    """root: holds the preset and ``out``, the project folder."""

    root: Path

    @property
    def preset(self) -> Path:
        return self.root / "sh010.yaml"

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def pipeline(self) -> Path:
        return self.out / "pipeline"

    @property
    def masters(self) -> list[Path]:
        return sorted((self.pipeline / "04_inference_render/sh010").glob("*.exr"))

    @property
    def model(self) -> Path:
        return self.pipeline / "03_copycat_training/sh010/sh010_v001.40.safetensors"

    def scripts(self) -> Scripts:
        return assemble(self.preset, project=self.out)


def make_project(root: Path) -> Project:
    root.mkdir()
    project = Project(root)
    (root / "base look.yaml").write_text("crop: {box: [0, 0, 64, 48]}\ninference: {crop: [0, 0, 64, 48]}\n")
    project.preset.write_text(PRESET, encoding="utf-8")
    scripts = project.scripts()
    write_scripts(scripts, project.out)
    project.model.parent.mkdir(parents=True, exist_ok=True)
    project.model.write_bytes(b"weights of a model " * 400)
    project.model.with_suffix(".json").write_text("{}")
    digest = hashlib.sha256(project.model.read_bytes()).hexdigest()
    for node, header in (("Write_recovered", "Header_recovered"), ("Write_final", "Header_final")):
        render(project, scripts, node, header, {"ModelHash": digest, "ModelCheckpoint": project.model.name})
    report = project.pipeline / "05_validation/sh010"
    (report / "report.html").write_text("<p>good</p>")
    (report / "report.json").write_text("{}")
    for stage in ("01_dataset_curation", "02_alignment"):
        sheet = project.pipeline / stage / "QC/sh010_sheet.jpg"
        sheet.parent.mkdir(parents=True)
        sheet.write_bytes(stage.encode())
        sheet.rename(sheet.with_name(f"sh010_{stage}.jpg"))
    sheet = project.pipeline / "01_dataset_curation/QC/2026-11-22/sh010_pairs_001.jpg"
    sheet.parent.mkdir()
    sheet.write_bytes(b"pairs")
    table = project.pipeline / "01_dataset_curation/pairs/sh010_pair_table.yaml"
    table.parent.mkdir()
    table.write_text("pairs: []")
    table.with_name("sh010.journal.jsonl").write_text("{}")
    return project


def render(project: Project, scripts: Scripts, node: str, header: str, more: dict[str, str]) -> None:
    """The frames of a Write, 8 pixels wide, with what the ModifyMetaData above it says."""
    graph = scripts.recovery.graph
    entries = read_metadata(graph.knobs(header)["metadata"].word)  # type: ignore[union-attr]
    pattern = Pattern.parse((project.out / str(graph.knobs(node)["file"])).as_posix())
    for frame in range(FIRST, FIRST + COUNT):
        said = {key[4:]: str(frame) if value == FRAME else value for _, key, value in entries}
        pixels = np.full((6, 8, 3), frame / 1000, np.float32)
        image = Image(pixels, RGB, Box(0, 0, 8, 6), Format(8, 6, 1.0), False, {})
        write_exr(Path(pattern.at(frame)), image, metadata={**said, **more})
