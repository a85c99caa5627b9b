"""The whole command on a small job: judged, recorded, resumed, and written into the preset only when asked."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from chroma_recovery.cli import main
from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.known_pairs import corner_errors, known_pair, scene
from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.errors import PresetError
from chroma_recovery.pairs.accept import accepted_pairs, accepted_text
from chroma_recovery.pairs.clips import Sequence
from chroma_recovery.pairs.table import PairRecord, as_csv, as_yaml, record_of
from chroma_recovery.preset.load import load, loads

PRESET = """\
# my shot
extends: shot
shot: sh1
source: {path: Source/f.####.exr, first: 1, last: 12}   # the scan
reference: {path: Reference/f.####.exr, first: 1, last: 12, kind: dvd}
pairs:
  - 2     # wide
  - 4
  - {source: 7, note: "cars"}
training: {median: 3, batch: 1}
"""


@pytest.fixture
def job(tmp_path: Path, film: list[Any], sequence: Callable[..., Sequence]) -> Path:
    look = DvdReference(borders=(6, 4), raster=(320, 180), shift=(2.0, -1.0), blur=0.3)
    sequence("Source", film[:12])
    made: list[Any] = [look(f) for f in film[:12]]
    made[6] = None
    sequence("Reference", made)
    preset = tmp_path / "sh1.yaml"
    preset.write_text(PRESET, encoding="utf-8")
    return preset


def test_pairs_are_judged_recorded_and_resumed(job: Path, capsys: Any) -> None:
    out = job.parent / "out"
    words = ["pairs", str(job), "--out", str(out), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    by_frame = {p["source"]: p for p in told["pairs"]}
    assert by_frame[2]["reference"] == 2 and by_frame[2]["matrix"]
    assert by_frame[7]["verdict"] == "reject" and "does not exist" in by_frame[7]["reasons"][0]
    folder = out / "pipeline/01_dataset_curation"
    table = yaml.safe_load((folder / "pairs/sh1_pair_table.yaml").read_text())
    assert [p["source"] for p in table["pairs"]] == [2, 4, 7]
    missing = next(c for c in table["parity"] if c["name"] == "missing frames")
    assert missing["verdict"] == "differs" and missing["reference_frames"] == [7]
    rows = list(csv.DictReader((folder / "pairs/sh1_pair_table.csv").open()))
    assert rows[2]["verdict"] == "reject"
    assert len(list(folder.glob("QC/*/sh1_pairs_001.jpg"))) == 1
    journal = folder / "pairs/sh1.journal.jsonl"
    before = journal.read_text()
    assert job.read_text() == PRESET
    assert main(words) == 0
    assert journal.read_text() == before  # nothing was done again
    assert json.loads(capsys.readouterr().out)["pairs"] == told["pairs"]


def test_accepting_edits_only_what_was_decided(job: Path, capsys: Any) -> None:
    assert (
        main(
            [
                "pairs",
                str(job),
                "--out",
                str(job.parent / "out"),
                "--parity",
                "none",
                "--accept",
                "--by",
                "me",
            ]
        )
        == 0
    )
    text = job.read_text()
    table = yaml.safe_load(
        (job.parent / "out/pipeline/01_dataset_curation/pairs/sh1_pair_table.yaml").read_text()
    )
    first = table["pairs"][0]
    assert first["verdict"] == "accept", first["reasons"]
    assert {p["by"] for p in table["pairs"]} == {"me"}
    assert (
        text.startswith("# my shot\nextends: shot\n")
        and "# the scan" in text
        and "training: {median: 3, batch: 1}" in text
    )
    preset = load(job).preset
    assert [p.source for p in preset.pairs] == [2, 4]
    assert preset.alignment.keys[0].translate == pytest.approx(first["translate"])
    assert preset.alignment.keys[0].use == first["method"]
    assert preset.crop.box == tuple(first["crop"])


def record(source: int, verdict: str, **more: Any) -> PairRecord:
    return PairRecord("sh1", source, "a", more.pop("reference", source), "b", verdict, **more)


def test_decisions_keep_what_a_person_said() -> None:
    loaded = loads(PRESET)
    records = [record(2, "look"), record(7, "accept", reference=8), record(10, "accept", hold_out=True)]
    pairs = accepted_pairs(loaded, records)
    assert [(p.source, p.reference_frame, p.note, p.hold_out) for p in pairs] == [
        (2, 2, "", None),
        (4, 4, "", None),
        (7, 8, "cars", None),
        (10, 10, "", True),
    ]
    boxes = [record(2, "accept", crop=(0, 0, 90, 80)), record(7, "accept", crop=(0, 20, 90, 80))]
    preset = loads(accepted_text(PRESET, loaded, boxes)).preset
    assert preset.crop.box == (0, 0, 90, 80) and [k.pair for k in preset.crop.keys] == [7]
    with pytest.raises(PresetError, match="no pair would be left"):
        accepted_text(PRESET, loaded, [record(n, "reject") for n in (2, 4, 7)])


def test_tables_hold_everything_and_no_formula() -> None:
    one = record(2, "look", reasons=("a", "b"), note="=1+1", matrix=(1.0,) * 9, crop=(1, 2, 3, 4))
    assert record_of(yaml.safe_load(as_yaml([one]))["pairs"][0]) == one
    assert "'=1+1" in as_csv([one]) and "a; b" in as_csv([one])


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A scan, a smaller Reference of it, the same mirrored and in another aspect; and the map between the first two."""
    folder = tmp_path_factory.mktemp("stills")
    pair = known_pair(
        scene(next(iter(read_clip(frames=1))), 480, 360), 480, 360, seed=3, fade="strong", perspective=0.008
    )
    small = cv2.resize(pair.reference, (320, 240), interpolation=cv2.INTER_AREA)
    for name, pixels in (
        ("the scan.tif", pair.source),
        ("small.jpg", small),
        ("mirrored.png", small[:, ::-1]),
        ("wide.png", pair.reference[40:310]),
    ):
        cv2.imwrite(str(folder / name), (np.clip(pixels, 0, 1) * 255).astype(np.uint8)[..., ::-1])
    return folder, pair.matrix


def judged(folder: Path, out: Path, name: str, capsys: Any, *more: str) -> list[Any]:
    preset = out / f"{name.partition('.')[0]}.yaml"
    words = ["pairs", str(preset), "--stills", str(folder / "the scan.tif"), str(folder / name)]
    words = words if not preset.exists() else ["pairs", str(preset)]
    assert main([*words, "--out", str(out / "out"), "--parity", "none", "--json", *more]) == 0
    found: list[Any] = json.loads(capsys.readouterr().out)["pairs"]
    return found


def test_a_mirrored_still_is_named(stills: tuple[Path, Any], tmp_path: Path, capsys: Any) -> None:
    told = judged(stills[0], tmp_path, "mirrored.png", capsys)
    assert all(t["verdict"] == "reject" and "mirrored" in t["reasons"][0] for t in told)


@pytest.mark.parametrize(
    ("name", "verdict", "into"),
    [
        ("small.jpg", "look", np.diag([2 / 3, 2 / 3, 1.0])),  # what is so small says too little
        ("wide.png", "accept", np.array([[1, 0, 0], [0, 1, -40], [0, 0, 1.0]])),
    ],
)
def test_stills_of_any_size_are_placed_and_their_corners_accepted(
    stills: tuple[Path, Any], tmp_path: Path, capsys: Any, name: str, verdict: str, into: Any
) -> None:
    folder, matrix = stills
    told = judged(folder, tmp_path, name, capsys, "--accept")
    assert [(t["source"], t["verdict"]) for t in told] == [(1, verdict), (2, verdict)], told[0]["reasons"]
    found = np.array(told[0]["matrix"]).reshape(3, 3)
    assert corner_errors(found, into @ matrix, 480, 360).max() < 0.5
    preset = load(tmp_path / f"{name.partition('.')[0]}.yaml").preset
    assert (
        preset.source.format is not None and preset.source.format.width == 480
    )  # run reads no TIFF's header
    keys = preset.alignment.keys
    if verdict == "look":
        assert keys == () and preset.crop.box is None
        return
    assert [k.pair for k in keys] == [1, 2] and keys[0].corners == pytest.approx(told[0]["corners"])
    assert keys[0].translate == (0, 0) and keys[0].scale == (1, 1)  # corners hold the whole map
    x, y, r, t = preset.crop.box
    region = preset.alignment.f_align.region
    assert region is not None and x < region[0] < region[2] < r and y < region[1] < region[3] < t
    assert [t["source"] for t in judged(folder, tmp_path, name, capsys)] == [1, 2]  # resumed as two
