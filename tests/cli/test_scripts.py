"""``check``, ``build`` and ``nodes`` as a user types them, without the engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chroma_recovery import nk
from chroma_recovery.cli import main

PRESET = """\
shot: sh010
source: {path: plates/s.####.exr, first: 471, last: 499, format: {width: 4096, height: 3072}}
reference: {path: dvd/r.####.exr, first: 471, last: 499, format: {width: 4096, height: 3072}}
pairs: [471, 478, {source: 485, hold_out: true}, {source: 492, note: "=HYPERLINK(x)"}, 499]
crop: {box: [664, 360, 4004, 2815]}
inference: {crop: [664, 360, 4004, 2815]}
"""


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    path = tmp_path / "sh010.yaml"
    path.write_text(PRESET)
    return path


def test_build_writes_the_guides_layout(
    preset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["build", str(preset), "--out", str(out)]) == 0
    written = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert written == {
        "pipeline/sh010.nk",
        "pipeline/01_dataset_curation/sh010.nk",
        "pipeline/01_dataset_curation/sh010_pairs.csv",
        "pipeline/02_alignment/sh010.nk",
        "pipeline/03_copycat_training/sh010.nk",
        "pipeline/04_inference_render/sh010_render.nk",
        "pipeline/05_validation/sh010.nk",
    }
    assert capsys.readouterr().out.count(".nk") == 6
    copycat = nk.read((out / "pipeline/sh010.nk").read_text()).of_class("CopyCat")[0]
    assert copycat.knobs["epochs"] == 30000 and copycat.knobs["batchSize"] == 3


def test_the_pair_table_is_no_spreadsheet_formula(preset: Path, tmp_path: Path) -> None:
    main(["build", str(preset), "--out", str(tmp_path)])
    rows = (tmp_path / "pipeline/01_dataset_curation/sh010_pairs.csv").read_text().splitlines()
    assert rows[1] == "1,training,471,00:00:19:15,471,00:00:19:15,"
    assert rows[3].endswith(",'=HYPERLINK(x)")
    assert rows[5].startswith("5,hold-out,485,")


def test_a_second_build_changes_nothing_and_an_edit_needs_overwrite(preset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["build", str(preset), "--out", str(out)]
    assert main(arguments) == 0
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert main(arguments) == 0
    preset.write_text(PRESET + "training: {steps: 60000}\n")
    assert main(arguments) == 4
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert main([*arguments, "--overwrite"]) == 0
    assert (out / "pipeline/sh010.nk").read_bytes() != before[out / "pipeline/sh010.nk"]


def test_check_tells_the_epochs_and_writes_nothing(
    preset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(preset), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (
        facts["ok"]
        and facts["epochs"] == 30000
        and facts["training_pairs"] == 4
        and facts["hold_out_pairs"] == 1
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sh010.yaml"]


def test_every_mistake_is_reported_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "shot: sh010\nsource: {path: a.exr, first: x, last: 9}\nreference: {paht: b.exr}\npairs: [1, 2]\n"
    )
    assert main(["build", str(broken), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert f"{broken.as_posix()}:2:" in said and "did you mean 'path'" in said and "problems found" in said
    assert not (tmp_path / "out").exists()


def test_sizes_come_from_the_files_or_the_preset_says_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = tmp_path / "lost.yaml"
    lost.write_text(PRESET.replace(", format: {width: 4096, height: 3072}", "", 1))
    assert main(["check", str(lost)]) == 1
    said = capsys.readouterr().err
    assert "CR606" in said and "source.format" in said


def test_nodes_shows_the_graph_of_a_script(
    preset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["build", str(preset), "--out", str(tmp_path)])
    capsys.readouterr()
    assert main(["nodes", str(tmp_path / "pipeline/02_alignment/sh010.nk"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    align = next(n for n in shown["nodes"] if n["name"] == "Align_auto")
    assert align["class"].endswith("f_align_v403") and len(align["inputs"]) == 2 and shown["problems"] == []


def test_a_damaged_script_is_an_error_with_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.nk").write_text("version 15.1 v1\nBlur {\n size 3\n")
    assert main(["nodes", str(tmp_path / "bad.nk")]) == 1
    assert "bad.nk:2" in capsys.readouterr().err
    assert main(["nodes", str(tmp_path / "none.nk")]) == 1


def test_build_never_imports_the_engine(preset: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from chroma_recovery.cli import main; "
        f"assert main(['build', {str(preset)!r}, '--out', {str(tmp_path / 'o')!r}]) == 0; "
        "engine = {'numpy', 'torch', 'cv2', 'OpenImageIO', 'PyOpenColorIO', 'scipy'}; "
        "assert not engine & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
