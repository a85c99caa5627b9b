"""Which model files a preset may hand to Nuke.

A ``.cat`` or ``.catnc`` holds a TorchScript program that Nuke's Inference and CopyCat run. One below the project folder
was made there; any other has to be named with its SHA-256, which says that this very file is trusted. Checkpoints of
this package are numbers only (safetensors) and need no such word, but are compared where one is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..errors import Problem
from ..paths import posix
from .model import Preset

__all__ = ["file_sha256", "untrusted_models"]

PROGRAMS = (".cat", ".catnc", ".pt")
"""Endings of files that are run, not only read."""


def file_sha256(path: Path) -> str:
    """Of a file, in hexadecimal digits; empty if it is not there."""
    if not path.is_file():
        return ""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def untrusted_models(preset: Preset, here: Preset, project: Path) -> Iterator[Problem]:
    """What is wrong with the model files that a preset names: CR195 a file with another SHA-256 than said, CR196 a
    program from outside the project folder without one.

    here: the same preset with paths as this machine has them. project: relative paths of models start there.
    """
    models = (
        ("inference.model", preset.inference.model, here.inference.model, preset.inference.model_sha256),
        (
            "training.checkpoint",
            preset.training.checkpoint,
            here.training.checkpoint,
            preset.training.checkpoint_sha256,
        ),
    )
    for field, named, found, said in models:
        if not named:
            continue
        path = project / found
        digest = file_sha256(path) if said else ""
        if said and digest and digest != said:
            yield Problem(
                "CR195",
                f"{field}_sha256",
                f"{posix(found)} is another file than the one meant: its SHA-256 is {digest}",
                "do not run it before you know where it comes from",
            )
        elif (
            not said
            and PurePosixPath(posix(named)).suffix.casefold() in PROGRAMS
            and not _below(path, project)
        ):
            yield Problem(
                "CR196",
                field,
                f"{posix(found)} is a program that Nuke runs, from outside the project folder, "
                "and nothing says that it is trusted",
                f"if you trust it, say so with {field}_sha256: {file_sha256(path) or '<its SHA-256>'}",
            )


def _below(path: Path, project: Path) -> bool:
    """Whether a file lies in the project folder, links followed."""
    base = project.resolve()
    return base in path.resolve().parents
