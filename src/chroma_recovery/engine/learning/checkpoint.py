"""Trained models on disk: ``<name>.safetensors`` holds numbers, ``<name>.json`` says what they are. No
pickles.

A file from a stranger can do no more than be refused: only tensors are read, their names and shapes must be
those of the architecture that the JSON names, and every number must be finite.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ...errors import EngineError, Problem
from ...paths import posix, write_text, writing
from .degrain import MOST
from .network import Architecture, ChromaNetwork
from .steadying import Steadying

__all__ = ["FORMAT", "Checkpoint", "load_checkpoint", "load_tensors", "save_checkpoint", "save_tensors"]

FORMAT = 5
"""Version of the checkpoint format; any other is refused."""

LARGEST = 1 << 30
"""Bytes; no network of ours is nearly as large."""

DOMAINS = {
    True: "scene-linear RGB in the working space; sRGB encoding and BT.601 Y'CbCr inside the model",
    False: "encoded RGB of the training domain; BT.601 Y'CbCr inside the model",
}


@attrs.frozen(eq=False)
class Checkpoint:
    """A loaded model. facts: what the JSON says, see :func:`save_checkpoint`. steadying: of the shots it was trained
    for, if any."""

    path: Path
    network: ChromaNetwork
    facts: dict[str, Any]
    steadying: Steadying | None = None


def save_checkpoint(
    path: Path, network: ChromaNetwork, facts: dict[str, Any], *, overwrite: bool = False
) -> None:
    """Write ``path`` (.safetensors) and the JSON beside it, each whole or not at all; the JSON last.

    facts: JSON values such as step, loss, seed, hyper-parameters, dataset digest. Raises PathError.
    """
    save_tensors(path, network.state_dict(), overwrite=overwrite)
    said = {
        "chroma_recovery_model": FORMAT,
        "architecture": network.architecture.as_json(),
        "domain": DOMAINS[network.architecture.linear],
        "torch": torch.__version__,
        **facts,
    }
    write_text(
        path.with_suffix(".json"), json.dumps(said, indent=1, sort_keys=True) + "\n", overwrite=overwrite
    )


def save_tensors(path: Path, tensors: dict[str, Tensor], *, overwrite: bool = False) -> None:
    plain = {k: v.detach().to("cpu", torch.float32).contiguous().clone() for k, v in tensors.items()}
    with writing(path, overwrite=overwrite) as scratch:
        save_file(plain, scratch)


def load_checkpoint(path: Path) -> Checkpoint:
    """Raises EngineError (CR556) if a file is missing or unreadable, (CR557) if it is no model of ours, is
    damaged, or was written by another version."""
    facts = _facts(path.with_suffix(".json"))
    version = facts.get("chroma_recovery_model")
    if type(version) is not int or version != FORMAT:
        hint = "train again, or use the version of chroma-recovery that wrote it"
        raise _bad(path, f"says model format {version!r}; this version reads {FORMAT}", hint)
    network = ChromaNetwork(_architecture(path, facts.get("architecture")))
    wanted = {k: tuple(v.shape) for k, v in network.state_dict().items()}
    network.load_state_dict(load_tensors(path, wanted))
    times = float(network.smoothing[0])
    if times not in range(MOST + 1):
        raise _bad(path, f"takes a mean {times:g} times; 0 to {MOST} are known")
    try:
        steadying = Steadying.from_json(facts.get("steadying"))
    except ValueError as error:
        raise _bad(path, str(error)) from error
    return Checkpoint(path, network.eval(), facts, steadying)


def load_tensors(path: Path, wanted: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Exactly the tensors named, with these shapes, float32 and finite. Raises EngineError (CR556, CR557)."""
    try:
        if path.stat().st_size > LARGEST:
            raise _bad(path, "is larger than any model of ours")
        with safe_open(path, framework="pt") as file:
            names = set(file.keys())
            if names != set(wanted):
                odd = sorted(names ^ set(wanted))[:3]
                raise _bad(path, f"holds other tensors than its architecture needs ({', '.join(odd)} ...)")
            for name, shape in wanted.items():
                found = tuple(file.get_slice(name).get_shape())
                if found != shape:
                    raise _bad(
                        path,
                        f"tensor {name} has shape {found}, needed is {shape}",
                    )
            tensors = {name: file.get_tensor(name) for name in wanted}
    except OSError as error:
        raise EngineError(
            Problem(
                "CR556",
                posix(path),
                f"cannot be read: {error.strerror or error}",
                "train first, or name another model",
            )
        ) from error
    except SafetensorError as error:
        raise _bad(path, f"is no safetensors file or is damaged ({error})") from error
    for name, tensor in tensors.items():
        if tensor.dtype != torch.float32 or not bool(torch.isfinite(tensor).all()):
            raise _bad(path, f"tensor {name} holds something other than finite 32-bit numbers")
    return tensors


def _facts(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > 1 << 24:
            raise _bad(path, "is larger than any description of ours")
        facts = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "a model is two files, .safetensors and .json, side by side"
        raise EngineError(
            Problem("CR556", posix(path), f"cannot be read: {error.strerror or error}", hint)
        ) from error
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"is no JSON ({str(error)[:80]})") from error
    if not isinstance(facts, dict):
        raise _bad(path, "is no JSON object")
    return facts


def _architecture(path: Path, said: Any) -> Architecture:
    limits = {"cell": (2, 32), "hidden": (1, 512), "bands": (0, 8)}
    if not isinstance(said, dict) or said.get("kind") != "hybrid":
        raise _bad(path, "names no architecture that this version knows")
    values: dict[str, Any] = {}
    for name, (low, high) in limits.items():
        value = said.get(name)
        if type(value) is not int or not low <= value <= high:
            raise _bad(path, f"architecture.{name} is {value!r}, allowed are {low} to {high}")
        values[name] = value
    if type(said.get("linear")) is not bool:
        raise _bad(path, f"architecture.linear is {said.get('linear')!r}")
    values["linear"] = said["linear"]
    widths = said.get("widths")
    if (
        not isinstance(widths, list)
        or not 1 <= len(widths) <= 6
        or any(type(w) is not int or not 1 <= w <= 1024 for w in widths)
    ):
        raise _bad(path, f"architecture.widths is {widths!r}")
    return Architecture(widths=tuple(widths), **values)


def _bad(path: Path, reason: str, hint: str = "train again, or name another model") -> EngineError:
    return EngineError(Problem("CR557", posix(path), reason, hint))
