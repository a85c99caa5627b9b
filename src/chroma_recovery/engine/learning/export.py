"""A checkpoint as files that run without this package: TorchScript for Nuke's CatFileCreator, ONNX for others.

A ``.pt`` is a program as much as it is data: only models that :func:`load_checkpoint` accepts are exported (numbers
alone, nothing pickled), the record beside the export holds the SHA-256 of everything that went in and came
out, and what was written is run against the engine before it is kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import torch

from ... import nk
from ...errors import EngineError, PathError, Problem
from ...paths import posix, write_bytes
from ..image import Image
from .apply import apply_model
from .cat_script import cat_script
from .checkpoint import Checkpoint, load_checkpoint
from .device import Device
from .network import ChromaNetwork
from .placement import UNKNOWN, SourceArea
from .script_module import ScriptModule

__all__ = ["TOLERANCE", "Export", "export_model", "onnx_bytes", "torchscript_bytes"]

TOLERANCE = 1e-4
"""Greatest difference allowed between the exported file and the engine on the picture both are tried on."""

OPSET = 17
"""Version of ONNX's operators; runtimes since 2022 have it."""

TRIAL = (67, 101)
"""Height and width of that picture; no multiples of anything."""


@attrs.frozen
class Export:
    """What was written. area: the place of the picture that was put in, None if none is known. position:
    whether the model uses it. difference: greatest one to the engine on the trial picture. steadied: whether the
    engine takes the shot's flicker out of what this model sees, frame by frame, which the exported files do not do."""

    model: Path
    script: Path
    record: Path
    onnx: Path | None
    area: SourceArea | None
    position: bool
    difference: float
    sha256: dict[str, str]
    steadied: bool


def export_model(
    path: Path, out: Path, *, onnx: bool = False, area: SourceArea | None = None, overwrite: bool = False
) -> Export:
    """Write ``<name>.pt``, ``<name>_cat.nk``, ``<name>_export.json`` and, if asked, ``<name>.onnx`` into ``out``.

    path: the ``.safetensors`` of a checkpoint. area: where on the Source's frame the picture lies that
    Inference will get; None takes the area of the training from the checkpoint. Nothing that exists is
    replaced unless ``overwrite`` is set; all of it is looked at before anything is written.

    Raises EngineError (CR556, CR557) for the checkpoint, (CR562) if something cannot be compiled or differs
    from the engine, (CR563) without the onnx library; PathError (CR602, CR603).
    """
    checkpoint = load_checkpoint(path)
    network = checkpoint.network
    position = bool(float(network.position_on) > 0)
    if area is None:
        area = SourceArea.from_json(checkpoint.facts.get("placement"))
    name = re.sub(r"[^A-Za-z0-9._-]", "_", path.stem)
    files = {f"{name}.pt": torchscript_bytes(network, area)}
    if onnx:
        files[f"{name}.onnx"] = onnx_bytes(network, area)
    difference = _difference(files[f"{name}.pt"], network, area)
    script = nk.write(cat_script(name, area=area if position else None))
    files[f"{name}_cat.nk"] = script.encode()
    hashes = {k: hashlib.sha256(v).hexdigest() for k, v in files.items()}
    record = {
        **_record(checkpoint, difference),
        "files": hashes,
        "area": None if area is None else attrs.asdict(area),
    }
    files[f"{name}_export.json"] = (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
    if not overwrite:
        _refuse_others(out, files)
    for file, data in files.items():
        write_bytes(out / file, data, overwrite=overwrite)
    return Export(
        out / f"{name}.pt",
        out / f"{name}_cat.nk",
        out / f"{name}_export.json",
        out / f"{name}.onnx" if onnx else None,
        area,
        position,
        difference,
        hashes,
        checkpoint.steadying is not None,
    )


def torchscript_bytes(network: ChromaNetwork, area: SourceArea | None = None) -> bytes:
    """A ``.pt`` that ``torch.jit.load`` reads anywhere. Same network and area, same bytes. Raises EngineError
    (CR562)."""
    module = _module(network, area, strips=True)

    def compiled() -> bytes:
        buffer = io.BytesIO()
        torch.jit.save(torch.jit.script(module), buffer)
        return buffer.getvalue()

    return _without_sources(_quietly("TorchScript", compiled))


def onnx_bytes(network: ChromaNetwork, area: SourceArea | None = None) -> bytes:
    """An ONNX model, input ``image`` and output ``recovered``, (1, 3, h, w) float32 of any h and w. The area
    is fixed in it. Raises EngineError (CR562), (CR563) without the onnx library."""
    from importlib.util import find_spec

    if not find_spec("onnx"):
        raise EngineError.at(
            "CR563", "", "ONNX needs the onnx library", "pip install 'chroma-recovery[export]'"
        )
    module = _module(network, area, strips=False)

    def traced() -> bytes:
        buffer = io.BytesIO()
        sides = {2: "height", 3: "width"}
        torch.onnx.export(
            module,
            (torch.rand(1, 3, *TRIAL),),
            buffer,  # type: ignore[arg-type]
            input_names=["image"],
            output_names=["recovered"],
            dynamic_axes={"image": sides, "recovered": sides},
            opset_version=OPSET,
            dynamo=False,
        )
        return buffer.getvalue()

    return _quietly("ONNX", traced)


def _module(network: ChromaNetwork, area: SourceArea | None, *, strips: bool) -> ScriptModule:
    module = ScriptModule(network, strips=strips).eval()
    if area is not None:
        module.frame_width, module.frame_height = float(area.width), float(area.height)
        module.area_x, module.area_y = float(area.x), float(area.y)
    return module


def _quietly(what: str, make: Callable[[], bytes]) -> bytes:
    """torch says at every turn that TorchScript is old; Nuke reads nothing newer."""
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return make()
    except Exception as error:  # the compilers raise whatever they like
        text = str(error).strip().splitlines() or [type(error).__name__]
        reason = f"{what} cannot be written with torch {torch.__version__}: {text[0][:160]}"
        raise EngineError.at("CR562", "", reason, "use the torch of constraints.txt") from error


def _without_sources(data: bytes) -> bytes:
    """The archive without its debug records: they name files of the machine that wrote it."""
    old, buffer = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                new.writestr(zipfile.ZipInfo(entry.filename), old.read(entry))
    return buffer.getvalue()


def _difference(data: bytes, network: ChromaNetwork, area: SourceArea | None) -> float:
    """Run the exported file and the engine on one picture; values from -0.1 to 1.3."""
    height, width = TRIAL
    pixels = np.random.default_rng(0).uniform(-0.1, 1.3, (height, width, 3)).astype(np.float32)
    image = Image.of(pixels)
    where = UNKNOWN if area is None else area.placement.where(image.box)
    wanted = torch.from_numpy(
        apply_model(network, image, where, device=Device("cpu", "float32")).rgb().copy()
    )

    def ran() -> bytes:
        loaded = torch.jit.load(io.BytesIO(data), map_location="cpu")  # type: ignore[no-untyped-call]
        got: torch.Tensor = loaded(torch.from_numpy(pixels).permute(2, 0, 1)[None])
        return bytes(got[0].permute(1, 2, 0).contiguous().numpy().data)

    got = np.frombuffer(_quietly("TorchScript", ran), np.float32).reshape(height, width, 3)
    away = float(np.abs(got - wanted.numpy()).max())
    if not away <= TOLERANCE:
        raise EngineError.at(
            "CR562",
            "",
            f"the exported model differs from the engine by {away:.2g}",
            "use the torch of constraints.txt",
        )
    return away


def _record(checkpoint: Checkpoint, difference: float) -> dict[str, Any]:
    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    path, described = checkpoint.path, checkpoint.path.with_suffix(".json")
    kept = ("run", "step", "domain", "dataset", "architecture")
    return {
        "chroma_recovery_export": 1,
        "checkpoint": {path.name: digest(path), described.name: digest(described)},
        "model": {k: checkpoint.facts.get(k) for k in kept},
        "torch": str(torch.__version__),
        "difference_to_engine": difference,
        "steadying": None if checkpoint.steadying is None else "not carried",
    }


def _refuse_others(out: Path, files: dict[str, bytes]) -> None:
    """Raise PathError (CR602) naming every file that is there and holds something else."""
    problems = [
        Problem(
            "CR602",
            posix(out / file),
            "exists and holds something else",
            "choose another folder or --overwrite",
        )
        for file, data in files.items()
        if (out / file).exists() and not ((out / file).is_file() and (out / file).read_bytes() == data)
    ]
    if problems:
        raise PathError(problems)
