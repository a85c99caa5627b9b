"""The stub as a file that can be started in Nuke's place."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["write_stub"]


def write_stub(
    folder: Path,
    *,
    name: str = "Nuke15.1",
    environment: Mapping[str, str] | None = None,
    windows: bool = os.name == "nt",
) -> Path:
    """Write an executable that runs the stub with this Python, and return its path: a shell script, or a .bat
    file for Windows. environment: set for the stub, e.g. ``{"CHROMA_RECOVERY_STUB_STEPS": "20"}``."""
    source = str(Path(__file__).resolve().parents[2])
    given = {"PYTHONPATH": source, **(environment or {})}
    if windows:
        path = folder / f"{name}.bat"
        lines = ["@echo off", *(f'set "{k}={_percent(v)}"' for k, v in given.items())]
        lines.append(f'"{_percent(sys.executable)}" -m chroma_recovery.testing.stub_nuke %*')
        path.write_bytes(("\r\n".join(lines) + "\r\n").encode())
        return path
    path = folder / name
    lines = ["#!/bin/sh", *(f"export {k}={shlex.quote(v)}" for k, v in given.items())]
    lines.append(f'exec {shlex.quote(sys.executable)} -m chroma_recovery.testing.stub_nuke "$@"')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _percent(text: str) -> str:
    """In a .bat file ``%`` begins a variable."""
    return text.replace("%", "%%")
