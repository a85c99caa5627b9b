"""``chroma-recovery preset`` as a user types it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chroma_recovery.cli import main
from chroma_recovery.preset import load

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = str(ROOT / "presets" / "example_shot.yaml")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for name in ("faded", "good"):
        (tmp_path / name).mkdir()
        for frame in range(1, 30):
            head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">2I", 64, 48)
            (tmp_path / name / f"{name}.{frame:04d}.png").write_bytes(head)
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = main(["preset", *words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict) and found["ok"] == (code == 0)
    return found


def test_new_then_lint_then_check(clips, capsys):
    preset = clips / "sh010.yaml"
    words = [
        "preset",
        "new",
        str(preset),
        "--source",
        str(clips / "faded"),
        "--reference",
        str(clips / "good"),
    ]
    assert main(words) == 0
    text = preset.read_text(encoding="utf-8")
    schema = text.split("\n")[0].split("$schema=")[1]
    assert (clips / schema).resolve().samefile(ROOT / "presets" / "schema" / "preset-1.json")
    assert "64x48 in the first file's header" in text
    assert load(preset).preset.source.last == 29
    assert main(["check", str(preset)]) == 0
    capsys.readouterr()
    assert main(["preset", "lint", str(preset)]) == 0
    shown = capsys.readouterr()
    assert "0 errors, 0 warnings" in shown.out and "advice: " in shown.err


def test_new_never_overwrites(clips, capsys):
    preset = clips / "sh010.yaml"
    preset.write_text("mine\n", encoding="utf-8")
    words = ["new", str(preset), "--source", str(clips / "faded"), "--reference", str(clips / "good")]
    assert main(["preset", *words]) == 4
    assert preset.read_text(encoding="utf-8") == "mine\n"
    assert "CR602" in capsys.readouterr().err


def test_new_wants_clips_and_a_preset_name(clips, capsys):
    words = ["--source", str(clips / "none.####.exr"), "--reference", str(clips / "good")]
    assert main(["preset", "new", str(clips / "a.yaml"), *words]) == 1
    assert main(["preset", "new", str(clips / "a.txt"), *words]) == 1
    assert "CR606" in capsys.readouterr().err
    assert not (clips / "a.yaml").exists()


def test_show(capsys):
    assert main(["preset", "show", EXAMPLE, "inference.write"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["inference:", "  write:"]
    assert lines[2].split("# ")[1].endswith("example_shot.yaml:39") and "ZIP" in lines[2]
    assert lines[3].split("# ")[1].startswith(str(ROOT / "presets" / "shot.yaml").replace("\\", "/"))
    found = asked(capsys, "show", EXAMPLE)
    assert found["fields"]["source.fps"]["from"] == "default"
    assert found["fields"]["training.patch"] == {
        "value": 512,
        "from": found["fields"]["training.patch"]["from"],
    }


def test_what_show_prints_is_the_same_preset(capsys, tmp_path):
    assert main(["preset", "show", EXAMPLE]) == 0
    flat = tmp_path / "flat.yaml"
    flat.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load(flat).preset == load(Path(EXAMPLE)).preset


def test_explain(capsys):
    found = asked(capsys, "explain", "training.patch")
    assert found["unit"] == "pixels" and found["default"] == "512"
    assert found["graph"] == [
        {"node": "CopyCat_training", "knob": "cropSize", "before": "512", "after": "32"}
    ]
    assert main(["preset", "explain", "patch", "--preset", EXAMPLE]) == 0
    assert "CopyCat_training.cropSize: 512 -> 32" in capsys.readouterr().out
    assert main(["preset", "explain", "crop"]) == 0
    assert "crop.keys[].box" in capsys.readouterr().out
    assert main(["preset", "explain", "scope"]) == 0
    assert "nothing in it depends on this field alone" in capsys.readouterr().out
    assert main(["preset", "explain", "pach"]) == 1


def test_diff(capsys, tmp_path):
    other = tmp_path / "b.yaml"
    other.write_text(Path(EXAMPLE).read_text(encoding="utf-8") + "training: {median: 4}\n", encoding="utf-8")
    found = asked(capsys, "diff", EXAMPLE, str(other))
    assert [(v["field"], v["first"], v["second"]) for v in found["values"]] == [("training.median", 10, 4)]
    places = [f"{c['node']}.{c['knob']}" for c in found["graph"] if c["knob"] != "file"]
    assert places == ["Reference_median.size"]
    assert asked(capsys, "diff", EXAMPLE, EXAMPLE)["same"]


def test_diff_without_the_files_compares_values(capsys, tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    text = (
        "shot: a\nsource: {path: s.#.exr, first: 1, last: 9}\nreference: {path: r.#.exr, first: 1, last: 9}\n"
    )
    first.write_text(text + "pairs: [1, 4, 6, 9]\n", encoding="utf-8")
    second.write_text(text + "pairs: [1, 4, 7, 9]\n", encoding="utf-8")
    found = asked(capsys, "diff", str(first), str(second))
    assert [v["field"] for v in found["values"]] == ["pairs[6]", "pairs[7]"]
    assert found["problems"][0]["code"] == "CR606" and not found["same"]


def test_upgrade_of_a_preset_of_today_changes_nothing(capsys, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(Path(EXAMPLE).read_bytes())
    assert asked(capsys, "upgrade", str(path)) == {"ok": True, "from": 1, "to": 1, "changed": False}
    assert path.read_bytes() == Path(EXAMPLE).read_bytes() and len(list(tmp_path.iterdir())) == 1


def test_upgrade_of_an_older_preset_keeps_the_old_text(capsys, tmp_path, monkeypatch):
    import chroma_recovery.preset.versions as versions

    path = tmp_path / "a.yaml"
    path.write_text("schema: 0\nshot: a  # mine\n", encoding="utf-8")
    assert main(["preset", "upgrade", str(path)]) == 1  # nothing leads on from a format that never was
    capsys.readouterr()
    real = versions.upgraded
    monkeypatch.setattr(versions, "upgraded", lambda text: real(text, upgrades={0: lambda text: text}))
    assert asked(capsys, "upgrade", str(path))["changed"]
    assert path.read_text(encoding="utf-8") == "schema: 1\nshot: a  # mine\n"
    assert (tmp_path / "a.schema0.yaml").read_text(encoding="utf-8") == "schema: 0\nshot: a  # mine\n"


def test_lint_fails_on_an_error_and_goes_on(capsys, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("training: {patch: 5120}\n", encoding="utf-8")
    found = asked(capsys, "lint", str(bad), EXAMPLE)
    assert found["error"] > 1 and not found["ok"]
    assert {p["place"].rsplit("/", 1)[-1].split(":")[0] for p in found["problems"]} == {"bad.yaml"}


def test_schema(capsys, tmp_path):
    assert main(["preset", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(
        (ROOT / "presets/schema/preset-1.json").read_text()
    )
    out = tmp_path / "s.json"
    assert main(["preset", "schema", "--base", "--out", str(out)]) == 0
    jsonschema.Draft7Validator.check_schema(json.loads(out.read_text(encoding="utf-8")))
