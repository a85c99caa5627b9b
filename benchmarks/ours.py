"""This package's engine, called as everything else calls it: a graph with a CopyCat node is trained."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from shots import Shot

from chroma_recovery.demo.density import Array
from chroma_recovery.engine.call import Call, NodeOp
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import apply_model, choose_device, load_checkpoint, placement, train
from chroma_recovery.engine.learning.luma_chroma import decode, encode, recombine, to_ycc
from chroma_recovery.engine.nodes import NODES
from chroma_recovery.frames import FrameRange
from chroma_recovery.graph import Graph, UserKnob

KNOBS: dict[str, Any] = {
    "batchSizeType": "Manual",
    "cropSize": "256",
    "modelSize": "Medium",
    "epochs": 100_000,
    "checkpointInterval": 1_000_000,
    "imageInterval": 1_000_000,
    "useGPUIfAvailable": False,
}


def planes(frame: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)


def picture(encoded: torch.Tensor) -> Image:
    """Encoded R'G'B' planes as the scene-linear image that a Read gives."""
    return Image.of(decode(encoded).permute(1, 2, 0).contiguous().numpy())


def truth_of(source: Array, reference: Array, mask: Array) -> Image:
    """The Ground Truth as stage 3 builds it: the Source's luma, the Reference's chroma, none outside it."""
    chroma = to_ycc(planes(reference))[1:] * torch.from_numpy(mask)
    return picture(recombine(planes(source), chroma))


class Engine:
    """A trained model, applied to display-encoded frames. steps: of the training."""

    def __init__(self, shot: Shot, seconds: float, *, seed: int = 1) -> None:
        inputs = [picture(planes(shot.source[n])) for n in shot.pairs]
        truths = [truth_of(shot.source[n], shot.references[n], shot.masks[n]) for n in shot.pairs]
        sets = {"Input": inputs, "Truth": truths, "Shot": inputs[:1]}
        graph = Graph()
        for name in sets:
            graph.add("Read", name)
        knobs = {**KNOBS, "batchSize": min(4, len(inputs))}
        users = [UserKnob("cr_run", 1, value="bench"), UserKnob("cr_seed", 1, value=str(seed))]
        graph.add("CopyCat", "CopyCat1", inputs=("Input", "Truth"), user_knobs=users, knobs=knobs)

        def read(call: Call) -> Image:
            return sets[call.name][call.frame - 1]

        op = NodeOp(
            read,
            range=lambda call: FrameRange(1, len(sets[call.name])),
            format=lambda call: sets[call.name][0].format,
        )
        with tempfile.TemporaryDirectory() as folder:
            evaluator = Evaluator(graph, project=Path(folder), nodes={**NODES, "Read": op})
            result = train(evaluator, "CopyCat1", minutes=seconds / 60, out=Path(folder) / "models")
            self.steps = result.steps
            self.network = load_checkpoint(result.checkpoint).network
            place = placement(evaluator, "Shot", 1)
        self.where = place.where(inputs[0].box) if place is not None else (0.0, 0.0, 0.0, 0.0, 0.0)
        self.device = choose_device(gpu=False)

    def __call__(self, frame: Array) -> Array:
        done = apply_model(self.network, picture(planes(frame)), self.where, device=self.device)
        return encode(planes(done.rgb())).permute(1, 2, 0).contiguous().numpy()
