"""Nothing that stops a program leaves half a file under its final name, and going on gives the same bytes."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery import paths
from chroma_recovery.cli import main
from chroma_recovery.errors import PathError
from chroma_recovery.paths import write_text, writing

POSIX = pytest.mark.skipif(os.name == "nt", reason="fork and limits of POSIX")
PRESET = """\
shot: sh010
source: {path: plates/p.####.exr, first: 1, last: 100, format: {width: 640, height: 480}}
reference: {path: dvd/d.####.exr, first: 1, last: 100, format: {width: 640, height: 480}}
pairs: [1, 20, 40, 60, 80]
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    (folder / "sh010.yaml").write_text(PRESET)
    (folder / "new.yaml").write_text(PRESET + "training: {steps: 4321}\n")
    assert main(["build", str(folder / "sh010.yaml"), "--out", str(folder / "old")]) == 0
    (folder / "plates").mkdir()
    for frame in (1, 2, 3):
        out = oiio.ImageOutput.create("a.exr")
        spec = oiio.ImageSpec(32, 24, 3, "half")
        assert out.open(str(folder / f"plates/p.{frame:04d}.exr"), spec)
        assert out.write_image(np.full((24, 32, 3), frame / 4, np.float32)) and out.close()
    return folder


# -- the disk


@POSIX
def test_a_full_disk_leaves_nothing_half(template: Path, tmp_path: Path) -> None:
    """A limit on the size of files: the system itself refuses in the middle of a write, to OpenImageIO as well."""
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))\n"
    code += "from chroma_recovery.cli import main; raise SystemExit(main(sys.argv[1:]))"
    words = ["build", str(template / "sh010.yaml"), "--out", str(tmp_path / "out"), "--json"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["code"] == "CR603" and "cannot be written" in problem["message"]
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file() and p.stat().st_size >= 700] == []
    assert not list(tmp_path.rglob(".*.part*"))
    limited = code.partition("\n")[0].replace("700", "200")
    limited += (
        f"\nsys.path.insert(0, {str(Path(__file__).parent)!r})\nimport jobs; from pathlib import Path\n"
    )
    limited += "raise SystemExit(jobs.render(False)(Path(sys.argv[1])))"
    place = tmp_path / "render"
    place.mkdir()
    (place / "plates").symlink_to(template / "plates")
    done = subprocess.run(
        [sys.executable, "-c", limited, str(place)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "CR514" in done.stdout
    assert [p.name for p in place.rglob("*") if p.is_file() and "plates" not in p.parts] == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EIO])
def test_what_the_disk_says_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    (tmp_path / "kept").write_text("old")

    def refuse(file: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(paths.os, "fsync", refuse)
    for name, overwrite in (("new", False), ("kept", True)):
        with pytest.raises(PathError, match=r"CR603.*cannot be written"):
            write_text(tmp_path / name, "text", overwrite=overwrite)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"kept": "old"}


def test_folders_that_cannot_be_written(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    for out in ("file", "file/below", "x" * 300, "/".join(["x" * 200] * 30)):
        assert main(["build", str(template / "sh010.yaml"), "--out", str(tmp_path / out)]) == 4
        assert "CR603" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o555)
        assert main(["build", str(template / "sh010.yaml"), "--out", str(locked / "out")]) == 4


# -- names


@pytest.mark.parametrize(
    "name", ["плёнка 35 мм", "フィルム", "a b  c", "é" * 60, "e\u0301", "-rf", "#1", "a'b\"c;d&e"]
)
def test_folders_of_any_name(template: Path, tmp_path: Path, name: str) -> None:
    """Folders that people have; what Tcl would take for its own is refused by the name of the path, not run."""
    place = tmp_path / name
    place.mkdir()
    preset = place / "sh010.yaml"
    preset.write_text(PRESET)
    assert main(["build", str(preset), "--out", str(place / "out")]) == 0
    assert len(list((place / "out").rglob("*.nk"))) >= 3


@pytest.mark.parametrize("folder", ["con", "a/NUL", "aux.d/x", "COM1", "lpt9.txt"])
def test_names_that_windows_keeps(tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    preset = tmp_path / "sh010.yaml"
    preset.write_text(PRESET + f'output: {{folder: "{folder}"}}\n')
    assert main(["build", str(preset), "--out", str(tmp_path / "out")]) == 1
    assert "CR178" in capsys.readouterr().err
    preset.write_text(PRESET.replace("sh010", folder.removesuffix("/x").split("/")[-1]))
    assert main(["build", str(preset), "--out", str(tmp_path / "out")]) == 1


# -- two at once, and the clock


def test_two_runs_in_one_folder_of_a_preset(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from chroma_recovery.cli import recovery
    from chroma_recovery.project import Places
    from chroma_recovery.project.lock import locked

    words = ["run", str(template / "sh010.yaml"), "--out", str(tmp_path / "out"), "--stages", "training"]
    with locked(Places(tmp_path / "out").lock("sh010"), "runs sh010"):
        assert main(words) == 1
        assert f"process {os.getpid()} on" in capsys.readouterr().err
        assert not list((tmp_path / "out").rglob("*.nk"))
        assert main([*words[:-1], "inference", "--frames", "1"]) != 1  # frames of their own
        monkeypatch.setattr(recovery, "alone", lambda *a: recovery.nullcontext())
        assert main(words) != 1
        assert list((tmp_path / "out").rglob("*.nk"))


def test_a_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    from chroma_recovery.project.lock import locked

    code = "from chroma_recovery.project.lock import locked; from pathlib import Path; import os, sys\n"
    code += "with locked(Path(sys.argv[1]), 'x'):\n    os._exit(9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "l")], check=False)
    assert json.loads((tmp_path / "l").read_text())["what"] == "x"
    with locked(tmp_path / "l", "y"):
        assert json.loads((tmp_path / "l").read_text())["what"] == "y"


def test_nothing_is_decided_by_the_clock() -> None:
    """Durations are measured with a clock that nobody sets; what changed is told by other means than "newer"."""
    package = Path(paths.__file__).parent
    for file in sorted(package.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        assert "time.time()" not in text and "datetime.now()" not in text, file.name


def test_writing_never_replaces_what_another_process_made(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="CR602"), writing(tmp_path / "a") as scratch:
        scratch.write_text("mine")
        (tmp_path / "a").write_text("theirs")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a": "theirs"}
