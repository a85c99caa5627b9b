"""Each pure layer imports, whole, where no imaging library and no Nuke exists."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
PACKAGE = SOURCE / "chroma_recovery"

PURE = ("errors", "frames", "headers", "paths", "colour", "graph", "nk", "preset", "stages", "build")
IMAGING = (
    "numpy",
    "torch",
    "cv2",
    "OpenImageIO",
    "PyOpenColorIO",
    "scipy",
    "skimage",
    "safetensors",
    "jinja2",
)
NUKE = ("nuke", "nukescripts", "PySide2", "PySide6", "PyQt5", "PyQt6")

BLOCKER = """\
import importlib, sys

class Blocker:
    def __init__(self, names):
        self.names = names
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ImportError(f"{name} is blocked")
        return None

blocked, modules = (words.split(",") for words in sys.argv[1:3])
sys.meta_path.insert(0, Blocker(blocked))
for module in modules:
    importlib.import_module(module)
assert not set(blocked) & {name.partition(".")[0] for name in sys.modules}
print("imported", len(modules))
"""


def modules(layer: str) -> list[str]:
    """All modules of a layer, itself included."""
    names = [f"chroma_recovery.{layer}"]
    if (PACKAGE / layer).is_dir():
        names += [m.name for m in pkgutil.walk_packages([str(PACKAGE / layer)], f"chroma_recovery.{layer}.")]
    return names


def run(blocked: tuple[str, ...], names: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKER, ",".join(blocked), ",".join(names)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_blocker_blocks() -> None:
    done = run(IMAGING, ["chroma_recovery.demo.density"])
    assert done.returncode != 0
    assert "numpy is blocked" in done.stderr


@pytest.mark.parametrize("layer", PURE)
def test_pure_layer_imports_without_imaging_and_without_nuke(layer: str) -> None:
    names = modules(layer)
    done = run(IMAGING + NUKE, names)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"imported {len(names)}"


def test_the_command_starts_without_the_engine() -> None:
    done = run(IMAGING + NUKE, ["chroma_recovery", "chroma_recovery.cli"])
    assert done.returncode == 0, done.stderr


def imports(tree: ast.AST) -> Iterator[str]:
    """Top names of every absolute import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_only_nuke_host_imports_nuke_or_qt() -> None:
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "nuke_host"
        and set(imports(ast.parse(path.read_text(encoding="utf-8")))) & set(NUKE)
    ]
    assert found == []


def test_modules_have_names_that_say_something() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [p for p in PACKAGE.rglob("*") if p.stem in empty] == []
