"""A finished project, a delivery of it, and copies of both to break."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from project_making import Project, make_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project that no test may change."""
    return make_project(tmp_path_factory.mktemp("delivery") / "made")


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy to break."""
    shutil.copytree(finished.root, tmp_path / "work")
    return Project(tmp_path / "work")


@pytest.fixture(scope="session")
def delivered_once(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from chroma_recovery.delivery import deliver

    to = tmp_path_factory.mktemp("delivered") / "Ω delivery 1"
    deliver(finished.scripts(), finished.out, to)
    return to


@pytest.fixture
def delivery(delivered_once: Path, tmp_path: Path) -> Path:
    """A copy of a delivery, to break."""
    return Path(shutil.copytree(delivered_once, tmp_path / delivered_once.name))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, object]]]:
    """Runs a command with ``--json``; gives its exit code and what it printed."""
    from chroma_recovery.cli import main

    def run(*words: object) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run
