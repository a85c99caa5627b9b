"""The stub executable: words, logs, files and failures."""

import os
import re
import subprocess
import sys

import pytest

from chroma_recovery.graph.graph import Graph, NukeVersion
from chroma_recovery.nk import write
from chroma_recovery.testing import write_stub
from chroma_recovery.testing.stub_arguments import CommandLineError, parse
from chroma_recovery.testing.stub_nuke import main

PROGRESS = re.compile(r"\[Step:(\d+)/(\d+)\].*")
SAVED = re.compile(r" \[\*\] (Cat file|Optimiser|Contactsheet) saved at (.+)")


THIS = NukeVersion(15, 1, 4)


def script(folder, *, pairs=3, version=THIS, **knobs):
    graph = Graph(version, {"first_frame": 1, "last_frame": 4, "project_directory": folder.as_posix()})
    graph.add("Read", "Source", file="in.####.exr", first=1, last=pairs, knobs={"on_error": "error"})
    graph.add("Read", "Truth", file="truth.####.exr", first=1, last=pairs)
    training = {"dataDirectory": "data", "epochs": 10, "batchSizeType": "Manual", "batchSize": 3, **knobs}
    graph.add("CopyCat", "CopyCat1", inputs=("Source", "Truth"), knobs=training)
    graph.add(
        "Write", "Write1", inputs=("Source",), file="out/a.####.exr", create_directories=True, first=2, last=3
    )
    graph.add("Write", "Off", inputs=("Truth",), file="off.####.exr", disable=True)
    file = folder / "job.nk"
    file.write_text(write(graph), encoding="utf-8")
    for frame in range(1, pairs + 1):
        (folder / f"in.{frame:04d}.exr").touch()
        (folder / f"truth.{frame:04d}.exr").touch()
    return str(file)


@pytest.fixture
def nuke(monkeypatch, capfd):
    """Run the stub in this process -> (exit code, stdout, stderr)."""
    for name in [n for n in os.environ if n.startswith("CHROMA_RECOVERY_STUB_") or n == "NUKE_PATH"]:
        monkeypatch.delenv(name)

    def run(*words, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"CHROMA_RECOVERY_STUB_{name}", value)
        with monkeypatch.context() as context:
            context.setattr(sys, "argv", ["nuke"])
            code = main([str(w) for w in words])
        return code, *capfd.readouterr()

    return run


# -- words


def test_words():
    line = parse(
        [
            "-m",
            "8",
            "--nukex",
            "--gpu",
            "0",
            "-V",
            "2",
            "-F",
            "1-5x2",
            "-F",
            "9",
            "--cont",
            "-X",
            "A,B",
            "job.nk",
            "one",
            "-3",
            "7",
            "10-12",
        ]
    )
    assert (line.mode, line.edition, line.threads, line.gpu) == ("execute", "nukex", 8, True)
    assert (line.nodes, line.script, line.words) == (["A", "B"], "job.nk", ["one", "-3"])
    assert line.frames == [1, 3, 5, 9, 7, 10, 11, 12]
    assert "go_on" in line.switches
    assert parse(["--gpu", "-x", "--remap", "P:/,/mnt/p/", "a.nk"]).remap == [("P:/", "/mnt/p/")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-x --remap a,b,c a.nk", "pairs"),
        ("--remap a,b a.nk", "GUI"),
        ("--frames 1 a.nk", "unknown switch"),
        ("-m four -x a.nk", "threads"),
        ("-x a.nk -F 1", "not known"),
        ("-t a.py build -m 3", "not known"),
        ("-F first -x a.nk", "frame range"),
        ("-x -F", "needs a value"),
    ],
)
def test_wrong_words(words, message, nuke):
    with pytest.raises(CommandLineError, match=message):
        parse(words.split())
    code, _, err = nuke(*words.split())
    assert code == 1 and message in err


# -- training


def test_training(nuke, tmp_path):
    file = script(tmp_path, epochs=25, checkpointInterval=10, imageInterval=20)
    (tmp_path / "data").mkdir()
    code, out, err = nuke("-X", "CopyCat1", "-F", "1", "--gpu", file)
    assert code == 0 and err == ""
    steps = [tuple(map(int, m.groups())) for line in out.splitlines() if (m := PROGRESS.match(line))]
    assert steps == [(1, 25), (10, 25), (20, 25)]
    saved = [m.groups() for line in out.splitlines() if (m := SAVED.match(line))]
    assert all(os.path.isfile(path) for _, path in saved)
    names = sorted(re.sub(r"Training_\d{6}_\d{6}", "RUN", p.name) for p in (tmp_path / "data").iterdir())
    assert names == [
        *("RUN.10.cat", "RUN.10.ost", "RUN.20.cat", "RUN.20.ost", "RUN.20.png"),
        *("RUN.25.cat", "RUN.25.ost", "RUN.25.png", "RUN.summary"),
    ]
    assert "Frame 1 (1 of 1)" in out and "Total render time:" in out
    assert out.startswith("Nuke 15.1v4, 64 bit")


def test_steps_are_epochs_times_pairs_over_batch(nuke, tmp_path):
    file = script(tmp_path, pairs=4, epochs=30)
    (tmp_path / "data").mkdir()
    _, out, _ = nuke("-X", "CopyCat1", "-F", "1", file)
    assert "[Step:40/40]" in out


def test_missing_directory(nuke, tmp_path):
    code, out, err = nuke("-X", "CopyCat1", "-F", "1", script(tmp_path))
    assert re.match(
        r"\[\d\d:\d\d\.\d\d\] ERROR: CopyCat1: No valid or writable data directory is selected\.$",
        err.strip(),
    )
    assert "Step" not in out and "Total render time: 0.00 seconds" in out and code == 1
    code, _, err = nuke("-X", "CopyCat1", "-F", "1", script(tmp_path), EXIT="0")
    assert code == 0 and "ERROR: " in err, "the exit code alone is not to be trusted"


def test_resume(nuke, tmp_path):
    (tmp_path / "data").mkdir()
    code, _, err = nuke("-X", "CopyCat1", script(tmp_path, trainingMode="Resume"))
    assert code == 1 and "no run to resume" in err
    nuke("-X", "CopyCat1", script(tmp_path), STEPS="7")
    code, out, _ = nuke("-X", "CopyCat1", script(tmp_path, trainingMode="Resume"), STEPS="100")
    assert code == 0 and "[Step:10/10]" in out and "[Step:1/10]" not in out
    runs = {p.name.split(".")[0] for p in (tmp_path / "data").iterdir()}
    assert len(runs) == 1, "it goes on with the same run"


def test_batch_larger_than_the_pairs(nuke, tmp_path):
    (tmp_path / "data").mkdir()
    code, _, err = nuke("-X", "CopyCat1", script(tmp_path, batchSize=9))
    assert code == 1 and "Batch Size 9" in err


def test_nc_writes_catnc(nuke, tmp_path):
    (tmp_path / "data").mkdir()
    nuke("--nc", "-X", "CopyCat1", script(tmp_path))
    assert any(p.suffix == ".catnc" for p in (tmp_path / "data").iterdir())


# -- rendering


def test_render_all_active_writes(nuke, tmp_path):
    code, out, err = nuke("-x", script(tmp_path, pairs=4))
    assert code == 0 and err == ""
    wanted = []
    for frame in range(1, 5):
        wanted += [
            f"Writing {tmp_path.as_posix()}/out/a.{frame:04d}.exr took 0.04 seconds",
            f"Frame {frame} ({frame} of 4)",
        ]
    assert [line for line in out.splitlines() if line.startswith(("Writing", "Frame"))] == wanted
    assert len(list((tmp_path / "out").iterdir())) == 4
    assert not list(tmp_path.glob("off.*"))


def test_limits_and_ranges(nuke, tmp_path):
    file = script(tmp_path)
    text = (
        (tmp_path / "job.nk")
        .read_text()
        .replace("create_directories true", "create_directories true\n use_limit true")
    )
    (tmp_path / "job.nk").write_text(text)
    _, out, _ = nuke("-X", "Write1", "-F", "1-3", file)
    assert re.findall(r"Frame (\d+) \((\d) of (\d)\)", out) == [("2", "1", "2"), ("3", "2", "2")]


def test_missing_frame_and_going_on(nuke, tmp_path):
    file = script(tmp_path)
    (tmp_path / "in.0002.exr").unlink()
    code, _, err = nuke("-X", "Write1", "-F", "1-3", file)
    assert code == 1 and "ERROR: Source: " in err and "in.0002.exr" in err
    assert (tmp_path / "out" / "a.0001.exr").exists() and not (tmp_path / "out" / "a.0003.exr").exists()
    code, _, err = nuke("--cont", "-X", "Write1", "-F", "1-3", file)
    assert code == 1 and (tmp_path / "out" / "a.0003.exr").exists() and err.count("ERROR") == 1


def test_missing_folder(nuke, tmp_path):
    file = script(tmp_path)
    text = (tmp_path / "job.nk").read_text().replace(" create_directories true\n", "")
    (tmp_path / "job.nk").write_text(text)
    code, _, err = nuke("-x", "-F", "1", file)
    assert code == 1 and "No such file or directory" in err and not (tmp_path / "out").exists()


def test_a_frame_that_fails(nuke, tmp_path):
    code, _, err = nuke("-X", "Write1", "-F", "1-3", script(tmp_path), FAIL_FRAME="2")
    assert code == 1 and "ERROR: Write1: cannot write frame 2" in err


def test_remap(nuke, tmp_path):
    file = script(tmp_path)
    other = tmp_path / "elsewhere"
    here, there = (tmp_path / "out").as_posix(), other.as_posix()
    code, _, _ = nuke("-X", "Write1", "-F", "1", "--remap", f"{here},{there}", file)
    assert code == 0 and (other / "a.0001.exr").exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [("version 15.1 v4\nBlur {\n", "CR320"), ("version 15.1 v4\nNope {\n}\n", "Nope: Unknown command")],
)
def test_wrong_scripts_fail(nuke, tmp_path, text, message):
    (tmp_path / "bad.nk").write_text(text)
    code, out, err = nuke("-x", tmp_path / "bad.nk")
    assert code == 1 and message in err and "Total" not in out


def test_nodes_that_cannot_run(nuke, tmp_path):
    file = script(tmp_path)
    assert "no such node" in nuke("-X", "Gone", file)[2]
    assert "not executable" in nuke("-X", "Source", file)[2]
    assert nuke("-x", tmp_path / "none.nk")[0] == 1


def test_warnings_while_loading(nuke, tmp_path):
    (tmp_path / "data").mkdir()
    file = script(tmp_path, version=NukeVersion(16, 0, 7))
    code, _, err = nuke("-X", "CopyCat1", file, VERSION="16.0v1")
    assert code == 0 and re.search(r"Warning: .+ is for nuke16\.0v7; this is nuke16\.0v1", err)
    (tmp_path / "job.nk").write_text(
        (tmp_path / "job.nk").read_text().replace(" epochs 10", " epochs 10\n numEpochs 5")
    )
    _, _, err = nuke("-X", "CopyCat1", file)
    assert "CopyCat1.numEpochs: no such knob" in err


def test_licence(nuke, tmp_path):
    code, _, err = nuke("-x", script(tmp_path), LICENCE="missing")
    assert code == 1 and "FOUNDRY LICENSE ERROR REPORT" in err and not (tmp_path / "out").exists()
    assert re.search(r"A license for .* was not found", err)


def test_nc_renders_its_own_scripts_only(nuke, tmp_path):
    code, _, err = nuke("--nc", "-x", script(tmp_path))
    assert code == 1 and ".nknc" in err


def test_gui_is_refused(nuke, tmp_path):
    assert nuke(script(tmp_path))[0] == 1


# -- scripts in terminal mode


def test_python(nuke, tmp_path):
    file = script(tmp_path)
    (tmp_path / "data").mkdir()
    py = tmp_path / "run.py"
    py.write_text(
        "import sys, nuke\nprint(sys.argv[1:], nuke.GUI, nuke.env['nukex'])\n"
        f"nuke.scriptOpen({file!r})\nnuke.execute('CopyCat1', 1, 1)\nsys.exit(3)\n"
    )
    code, out, _ = nuke("-t", "--nukex", py, "build", "--out", "x", "1-5")
    assert code == 3 and "['build', '--out', 'x'] False True" in out and "[Step:10/10]" in out


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("pass", 0),
        ("raise ValueError('bad')", 1),
        ("import sys; sys.exit('why')", 1),
        ("raise SystemExit", 0),
    ],
)
def test_ends_of_python(nuke, tmp_path, body, code):
    (tmp_path / "run.py").write_text(body)
    assert nuke("-t", tmp_path / "run.py")[0] == code


def test_errors_reach_python(nuke, tmp_path):
    file = script(tmp_path)
    (tmp_path / "run.py").write_text(
        f"import nuke\nnuke.scriptOpen({file!r})\n"
        "try:\n    nuke.execute('CopyCat1', 1, 1)\nexcept RuntimeError as e:\n    print('caught', e)\n"
    )
    code, out, err = nuke("-t", tmp_path / "run.py")
    assert (
        code == 0 and "caught No valid or writable data directory is selected." in out and "ERROR" not in err
    )


def test_nuke_path(nuke, tmp_path, monkeypatch):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "init.py").write_text("print('started')")
    (tmp_path / "tools" / "menu.py").write_text("print('menu')")
    (tmp_path / "run.py").write_text("")
    monkeypatch.setenv("NUKE_PATH", str(tmp_path / "tools"))
    _, out, _ = nuke("-t", tmp_path / "run.py")
    assert "started" in out and "menu" not in out
    assert "started" not in nuke("-t", "--safe", tmp_path / "run.py")[1]


# -- as a program


def test_executable(tmp_path):
    (tmp_path / "data").mkdir()
    file = script(tmp_path, epochs=1000)
    program = write_stub(tmp_path, environment={"CHROMA_RECOVERY_STUB_STEPS": "20"})
    words = [str(program), "-X", "CopyCat1", "-F", "1", "--gpu", file]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "[Step:20/20]" in done.stdout, done.stderr


def test_a_crash_says_nothing(tmp_path):
    program = write_stub(tmp_path, environment={"CHROMA_RECOVERY_STUB_CRASH_FRAME": "2"})
    words = [str(program), "-X", "Write1", "-F", "1-3", script(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "ERROR" not in done.stderr and "Total" not in done.stdout
    assert (tmp_path / "out" / "a.0001.exr").exists()


def test_batch_file_for_windows(tmp_path):
    program = write_stub(tmp_path, windows=True, environment={"A": "100%"})
    lines = program.read_bytes().decode().split("\r\n")
    assert program.name == "Nuke15.1.bat" and lines[0] == "@echo off" and 'set "A=100%%"' in lines
    assert lines[-2].endswith("-m chroma_recovery.testing.stub_nuke %*")


def test_words_with_spaces_reach_the_stub(tmp_path):
    odd = tmp_path / 'two words \'n "quotes"'
    odd.mkdir()
    program = write_stub(odd, environment={"CHROMA_RECOVERY_STUB_STEPS": "20"})
    (odd / "run.py").write_text("import sys; print(sys.argv[1:])")
    words = [str(program), "-t", str(odd / "run.py"), "a b", "$HOME"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "['a b', '$HOME']" in done.stdout, done.stderr
