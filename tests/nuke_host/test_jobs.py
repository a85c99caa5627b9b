"""Training and rendering by a Nuke: from outside with the stub executable, inside with the stand-in, as a command."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.cli import main
from chroma_recovery.nuke_host.drive import frame_words, missing_frames
from chroma_recovery.nuke_host.log import Event, understand
from chroma_recovery.testing.stub_program import write_stub

TERMINAL = Path(__file__).parents[2] / "src/chroma_recovery/nuke_host/terminal.py"


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHROMA_RECOVERY_STUB_STEPS", "20")
    (tmp_path / "bin").mkdir()
    return write_stub(tmp_path / "bin")


@pytest.fixture
def short(preset_file: Path) -> Path:
    """Few frames, so that the stub is done soon; it only looks whether the plates are there."""
    for branch in ("source", "reference"):
        for frame in range(471, 500):
            plate = preset_file.parent / f"plates/{branch}.{frame:04d}.exr"
            plate.parent.mkdir(exist_ok=True)
            plate.write_bytes(b"x")
    text = (
        preset_file.read_text()
        + "inference: {first: 471, last: 474}\ntraining: {steps: 20, checkpoint_every: 10}\n"
    )
    preset_file.write_text(text)
    return preset_file


def command(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any, str]:
    code = main([str(w) for w in (*words, "--json")])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def test_train_then_render_then_resume(
    short: Path, stub: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "project"
    code, told, log = command(capsys, "train", short, "--out", out, "--nuke", stub)
    assert code == 0, told
    model = Path(told["files"][0])
    assert model.name.endswith(".20.cat")
    assert "train: " in log
    code, told, _ = command(capsys, "render", short, "--out", out, "--nuke", stub)
    assert code == 0, told
    frames = [Path(f) for f in told["files"]]
    assert [f.name.rsplit("_", 1)[1] for f in frames] == [f"0{n}.exr" for n in range(471, 475)]
    assert all(model.stem in f.name for f in frames), "the model is named in the files"
    frames[1].unlink()
    frames[2].write_bytes(b"")
    code, told, _ = command(capsys, "render", short, "--out", out, "--nuke", stub, "--resume")
    assert [Path(f).name.rsplit("_", 1)[1] for f in told["files"]] == ["0472.exr", "0473.exr"]
    code, told, _ = command(capsys, "render", short, "--out", out, "--nuke", stub, "--resume")
    assert told["nothing_to_do"]
    code, told, _ = command(capsys, "render", short, "--out", out, "--nuke", stub)
    assert (code, told["problems"][0]["code"]) == (3, "CR927")
    code, told, _ = command(capsys, "train", short, "--out", out, "--nuke", stub)
    assert (code, told["problems"][0]["code"]) == (3, "CR925")


def test_without_nuke_the_command_is_shown(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, _ = command(capsys, "train", short, "--out", tmp_path / "a b")
    assert code == 0
    script = tmp_path / "a b/pipeline/03_copycat_training/sh010.nk"
    assert told["command"] == ["nuke", "-X", "CopyCat_training", "-F", "1", "--gpu", script.as_posix()]
    assert (tmp_path / "a b/pipeline/03_copycat_training/sh010").is_dir(), "CopyCat needs its data directory"
    assert "trainingMode" not in script.read_text() or "trainingMode Train" in script.read_text()


def test_resume_is_written_into_the_script(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(capsys, "train", short, "--out", tmp_path / "p")
    command(capsys, "train", short, "--out", tmp_path / "p", "--resume")
    assert "trainingMode Resume" in (tmp_path / "p/pipeline/03_copycat_training/sh010.nk").read_text()


def test_render_without_a_model(short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = command(capsys, "render", short, "--out", tmp_path)
    assert (code, told["problems"][0]["code"]) == (3, "CR926")


@pytest.mark.parametrize(
    ("name", "value", "code", "word"),
    [
        ("LICENCE", "missing", "CR921", "licence"),
        ("FAIL_FRAME", "472", "CR922", "No space left on device"),
        ("CRASH_FRAME", "472", "CR923", "139"),
    ],
)
def test_failures_are_told_in_plain_words(
    short: Path,
    stub: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    code: str,
    word: str,
) -> None:
    model = tmp_path / "p/pipeline/03_copycat_training/sh010/x.10.cat"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"x")
    monkeypatch.setenv(f"CHROMA_RECOVERY_STUB_{name}", value)
    rc, told, _ = command(capsys, "render", short, "--out", tmp_path / "p", "--nuke", stub)
    assert rc == 3
    assert told["problems"][0]["code"] == code
    assert word in json.dumps(told["problems"])


def test_an_error_line_counts_although_the_exit_code_is_0(
    short: Path,
    stub: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = tmp_path / "p/pipeline/03_copycat_training/sh010/x.10.cat"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"x")
    monkeypatch.setenv("CHROMA_RECOVERY_STUB_FAIL_FRAME", "473")
    monkeypatch.setenv("CHROMA_RECOVERY_STUB_EXIT", "0")
    rc, told, _ = command(capsys, "render", short, "--out", tmp_path / "p", "--nuke", stub)
    assert (rc, told["problems"][0]["code"]) == (3, "CR922")


def test_a_nuke_that_is_not_there(short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rc, told, _ = command(capsys, "train", short, "--out", tmp_path / "p", "--nuke", tmp_path / "no nuke")
    assert (rc, told["problems"][0]["code"]) == (3, "CR920")


def test_nuke_may_be_given_from_here(
    short: Path,
    stub: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    rc, told, _ = command(capsys, "train", short, "--out", "p", "--nuke", stub.relative_to(tmp_path))
    assert rc == 0, told


def in_terminal(stub: Path, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """``nuke -t terminal.py ...`` by the stub."""
    call = [str(w) for w in (stub, "-t", TERMINAL, *words)]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, env={**os.environ})


def test_the_same_command_inside_nuke(short: Path, stub: Path, tmp_path: Path) -> None:
    done = in_terminal(stub, tmp_path, "check", short)
    assert done.returncode == 0, done.stderr
    assert "No errors." in done.stdout
    done = in_terminal(stub, tmp_path, "build", short, "--out", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    assert main(["build", str(short), "--out", str(tmp_path / "q")]) == 0
    inside, outside = (
        {f.relative_to(d): f.read_bytes() for f in sorted(d.rglob("*.nk"))}
        for d in (tmp_path / "p", tmp_path / "q")
    )
    assert len(inside) == 6
    assert inside == outside
    done = in_terminal(stub, tmp_path, "train", short, "--out", tmp_path / "p")
    assert done.returncode == 0, done.stdout + done.stderr
    done = in_terminal(stub, tmp_path, "render", short, "--out", tmp_path / "p", "--frames=471-472")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "p").rglob("*.exr"))) == 2
    done = in_terminal(stub, tmp_path, "check", "nowhere.yaml")
    assert done.returncode == 1


def test_understand_real_lines() -> None:
    assert understand("[Step:20/30] Loss:0.022428\n") == Event("step", "0.022428", 20, 30)
    line = " [*] Cat file saved at /a b/Training_251223_192904.22500.cat"
    assert understand(line) == Event("saved", "/a b/Training_251223_192904.22500.cat", what="model")
    assert understand("Frame 1 (1 of 1)") == Event("frame", "1", 1, 1)
    failed = "[18:41.54] ERROR: CopyCat1: No valid or writable data directory is selected."
    assert understand(failed) == Event("error", "CopyCat1: No valid or writable data directory is selected.")
    assert understand("[19:28.55] Warning: /x.nk is for nuke16.0v7; this is nuke16.0v1").kind == "warning"
    assert understand("A license for nuke_r was not found").kind == "licence"
    assert understand("Writing /x/a.0471.exr took 0.42 seconds").text == "/x/a.0471.exr"
    assert understand("Total render time: 0.00 seconds").kind == "text"


def test_frames_for_nuke(tmp_path: Path) -> None:
    assert frame_words([471, 472, 473, 480]) == ["-F", "471-473", "-F", "480"]
    (tmp_path / "a.0002.exr").write_bytes(b"x")
    (tmp_path / "a.0003.exr").write_bytes(b"")
    assert missing_frames(tmp_path / "a.####.exr", [1, 2, 3]) == [1, 3]
