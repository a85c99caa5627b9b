"""Which checkpoint a model knob means, for models that Nuke and the engine both use."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ...errors import EngineError, Problem

__all__ = ["model_file"]


def model_file(path: Path, place: str) -> Path:
    """The safetensors file that a knob means: itself, or the one that belongs to a ``.cat`` or ``.catnc``: of the same
    name beside it, or the one beside it that its export's record names.

    A ``.pt`` is a program and is never run here. Raises EngineError (CR558): a model that CopyCat trained runs in
    Nuke alone, an exported one where its checkpoint is missing or another.
    """
    if path.suffix == ".safetensors":
        return path
    if path.suffix not in (".cat", ".catnc"):
        reason, hint = f"{path.name!r} is no model file", "name a .safetensors file made by training"
        if path.suffix == ".pt":
            reason, hint = (
                f"{path.name} is an exported program, which is never run here",
                "name its checkpoint",
            )
        raise EngineError(Problem("CR558", place, reason, hint))
    beside = path.with_suffix(".safetensors")
    if beside.is_file():
        return beside
    named = _exported_from(path.with_name(f"{path.stem}_export.json"))
    if named is None:
        reason = f"{path.name} is Nuke's own model, for Nuke alone, and no {beside.name} lies beside it"
        raise EngineError(Problem("CR558", place, reason, "train here, or render this node in Nuke"))
    checkpoint, digest = path.with_name(named[0]), named[1]
    if not checkpoint.is_file():
        reason = f"{path.name} was exported from {checkpoint.name}, which does not lie beside it"
        raise EngineError(Problem("CR558", place, reason, "put the checkpoint and its .json beside it"))
    if hashlib.sha256(checkpoint.read_bytes()).hexdigest() != digest:
        reason = f"{path.name} was exported from another {checkpoint.name} than lies beside it"
        raise EngineError(Problem("CR558", place, reason, "export again, or put the right one there"))
    return checkpoint


def _exported_from(record: Path) -> tuple[str, str] | None:
    """Name and SHA-256 of the checkpoint in a record of an export; None without one that can be read."""
    try:
        said = json.loads(record.read_text(encoding="utf-8")) if record.stat().st_size < 1 << 20 else None
        files = said["checkpoint"] if isinstance(said, dict) else {}
        name = next(n for n in files if n.endswith(".safetensors"))
        digest = files[name]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, StopIteration):
        return None
    return (name, digest) if "/" not in name and "\\" not in name and isinstance(digest, str) else None
