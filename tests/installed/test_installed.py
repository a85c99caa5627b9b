"""Three ways of installing, each from the artefact that an artist gets, started in the stand-in with a GUI and without.

The stand-in runs from a copy of the checkout under another package name, so ``chroma_recovery`` can only come from the
artefact.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chroma_recovery.package import build_release
from chroma_recovery.package.release import entries

ROOT = Path(__file__).parents[2]
LIBRARIES = Path(str(importlib.util.find_spec("attrs").origin)).parents[1]  # type: ignore[union-attr]
PRESET = (
    "extends: shot\nshot: sh010\n"
    "source: {path: s.####.exr, first: 1, last: 40, format: {width: 512, height: 384}}\n"
    "reference: {path: r.####.exr, first: 1, last: 40, kind: dvd, format: {width: 512, height: 384}}\n"
    "pairs: [1, 10, 20, 30, 40]\ntraining: {patch: 128}\n"
)
DRIVER = """\
import json, os, sys
standin, libraries, mode, folder, keep, preset, out = sys.argv[1:]
bare = list(sys.path)
sys.path[:0] = [standin, libraries]
from standin_recovery.testing import FakeNuke
import standin_recovery.testing.startup as startup
from standin_recovery.nk import read
sys.path[:] = bare + ([libraries] if keep == "keep" else [])
for name in [n for n in sys.modules if n.split(".")[0] in ("attr", "attrs", "yaml")]:
    del sys.modules[name]
before = (list(sys.path), dict(os.environ))
fake = FakeNuke(mode, "nukex", "16.0v1")
with fake.installed() as nuke:
    ran = startup.start(fake, [folder])
    early = sorted(n for n in sys.modules if n.split(".")[0] in ("attr", "yaml", "chroma_recovery"))
    added = [p for p in sys.path if p not in before[0] and p != folder]
    kept = sys.path[: len(before[0])] == before[0] or sys.path[1 : len(before[0]) + 1] == before[0]
    if mode == "gui":
        fake.dialogs.answers += [preset]
        fake.menus.invoke("Nuke/Chroma Recovery/Whole Recovery")
    else:
        from chroma_recovery.cli import main
        assert main(["check", preset]) == 0
    import attrs, chroma_recovery, yaml
    result = {
        "ran": ran, "early": early, "added": added, "kept": kept, "nodes": len(fake.nodes),
        "environment": dict(os.environ) == before[1], "messages": fake.dialogs.messages,
        "from": {m.__name__: m.__file__ for m in (attrs, chroma_recovery, yaml)},
    }
open(out, "w").write(json.dumps(result))
"""


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's package under another name."""
    folder = tmp_path_factory.mktemp("standin")
    ignore = shutil.ignore_patterns("__pycache__", "demo", "engine", "*.mp4")
    shutil.copytree(ROOT / "src/chroma_recovery", folder / "standin_recovery", ignore=ignore)
    return folder


def started(standin: Path, folder: Path, mode: str, tmp_path: Path, *, keep: bool) -> dict:  # type: ignore[type-arg]
    """Start the stand-in in a process of its own with one plug-in folder. keep: the libraries stay importable."""
    preset, out, driver = tmp_path / "sh010.yaml", tmp_path / "out.json", tmp_path / "driver.py"
    preset.write_text(PRESET)
    driver.write_text(DRIVER)
    words = [
        str(standin),
        str(LIBRARIES),
        mode,
        str(folder),
        "keep" if keep else "drop",
        str(preset),
        str(out),
    ]
    clean = {k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT", "TEMP", "TMP")}
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(driver), *words],
        env=clean,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "chroma_recovery: n" not in done.stdout, done.stdout
    found: dict = json.loads(out.read_text())  # type: ignore[type-arg]
    return found


def judge(found: dict, mode: str, home: Path) -> None:  # type: ignore[type-arg]
    """What every installation has to do."""
    assert Path(found["from"]["chroma_recovery"]).is_relative_to(home)
    assert found["kept"], "sys.path was changed before its end"
    assert found["environment"], "an environment variable was changed"
    assert any(name.endswith("init.py") for name in found["ran"])
    if mode == "gui":
        assert found["nodes"] > 60, found["messages"]
        allowed = {"chroma_recovery", "chroma_recovery.nuke_host"}
        allowed |= {f"chroma_recovery.nuke_host.{n}" for n in ("menu", "availability", "editions", "panel")}
        assert set(found["early"]) <= allowed
    else:
        assert found["early"] == []
        assert not any(name.endswith("menu.py") for name in found["ran"])


@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_unzipped_release_and_one_line(standin: Path, tmp_path: Path, mode: str) -> None:
    archive = tmp_path / "release.zip"
    build_release(archive, (sys.version_info[0], sys.version_info[1]))
    dot_nuke = tmp_path / "dot_nuke"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(dot_nuke)
    (dot_nuke / "init.py").write_text("import nuke\nnuke.pluginAddPath('./chroma_recovery')\n")
    found = started(standin, dot_nuke, mode, tmp_path, keep=False)
    judge(found, mode, dot_nuke)
    assert Path(found["from"]["attrs"]).is_relative_to(dot_nuke / "chroma_recovery/vendor")
    assert Path(found["from"]["yaml"]).is_relative_to(dot_nuke / "chroma_recovery/vendor")


@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_what_the_studio_has_wins_over_what_we_bring(standin: Path, tmp_path: Path, mode: str) -> None:
    archive = tmp_path / "release.zip"
    build_release(archive, (sys.version_info[0], sys.version_info[1]))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "plugins")
    found = started(standin, tmp_path / "plugins/chroma_recovery", mode, tmp_path, keep=True)
    judge(found, mode, tmp_path / "plugins")
    assert Path(found["from"]["attrs"]).is_relative_to(LIBRARIES)


@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_repository_root_on_nuke_path(standin: Path, tmp_path: Path, mode: str) -> None:
    judge(started(standin, ROOT, mode, tmp_path, keep=True), mode, ROOT / "src")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``pip install --target`` of this checkout, without network."""
    folder = tmp_path_factory.mktemp("target")
    words = [
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_pip_target(standin: Path, target: Path, tmp_path: Path, mode: str) -> None:
    found = started(standin, target / "chroma_recovery/nuke_start", mode, tmp_path, keep=True)
    judge(found, mode, target)


def test_a_release_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        build_release(tmp_path / name, (3, 10))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_release_holds_licences_and_no_binaries() -> None:
    names = entries((3, 11))
    assert not [n for n in names if n.endswith((".so", ".pyd", ".pyc", ".mp4"))]
    licences = {
        n.split("/")[2].rsplit("-", 1)[0].lower() for n in names if n.startswith("chroma_recovery/licences/")
    }
    assert licences == {"attrs", "pyyaml"}
    assert "chroma_recovery/lib/chroma_recovery/presets/shot.yaml" in names
    assert "chroma_recovery/LICENSE" in names
    assert all(n.startswith("chroma_recovery/") and ".." not in n for n in names)


def test_a_broken_install_prints_one_line(tmp_path: Path) -> None:
    for name in ("init.py", "menu.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    script = "import sys, types; m = types.ModuleType('nuke'); m.GUI = True; sys.modules['nuke'] = m; "
    script += "import runpy; [runpy.run_path(n) for n in ('init.py', 'menu.py')]; print('Nuke goes on')"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0].startswith("chroma_recovery: not loaded:")
    assert lines[-1] == "Nuke goes on"
    assert len(lines) == 3
    assert done.stderr == ""
