"""This package's engine, called as everything else calls it: a graph with a CopyCat node is trained."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rows import Clock
from shots import Shot

from chroma_recovery.demo.density import Array
from chroma_recovery.engine.call import Call, NodeOp
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import train
from chroma_recovery.engine.learning.learner import LEVEL
from chroma_recovery.engine.learning.luma_chroma import decode, encode, recombine, to_ycc
from chroma_recovery.engine.learning.validation import TRAININGS
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


CORES = 2
"""Budgets are seconds on so many cores, counted as processor time: a busy machine does not change the results."""
MOST = 2000
"""Steps that the engine makes by itself, see ``settings``."""
COST: list[float] = []
"""Processor seconds of a step, and of all that goes before the first."""


def planes(frame: Array) -> torch.Tensor:
    return torch.from_numpy(np.array(frame, np.float32)).permute(2, 0, 1)


def picture(encoded: torch.Tensor) -> Image:
    """Encoded R'G'B' planes as the scene-linear image that a Read gives."""
    return Image.of(decode(encoded).permute(1, 2, 0).contiguous().numpy())


def truth_of(source: Array, reference: Array, mask: Array) -> Image:
    """The Ground Truth as stage 3 builds it: the Source's luma, the Reference's chroma, none outside it."""
    chroma = to_ycc(planes(reference))[1:] * torch.from_numpy(mask)
    return picture(recombine(planes(source), chroma))


class Engine:
    """A trained model, applied to a shot's frames as its Inference node applies it; of the other frames of the shot
    training sees what it sees in use, their flicker. steps: of the training."""

    def __init__(self, shot: Shot, seconds: float, *, seed: int = 1) -> None:
        truths = [truth_of(shot.source[n], shot.references[n], shot.masks[n]) for n in shot.pairs]
        shown = [picture(planes(frame)) for frame in shot.source]
        sets = {"Shot": shown, "Truth": truths}
        graph = Graph()
        for name in sets:
            graph.add("Read", name)
        graph.add("FrameRange", "One", inputs=("Shot",), knobs={"first_frame": 1, "last_frame": 1})
        holds = []
        for number in shot.pairs:
            graph.add("FrameHold", f"Hold{number}", inputs=("One",), knobs={"firstFrame": number + 1})
            holds.append(f"Hold{number}")
        graph.add("AppendClip", "Input", inputs=tuple(holds), knobs={"firstFrame": 1})
        self.folder = tempfile.TemporaryDirectory()
        models = Path(self.folder.name) / "models"
        knobs = {**KNOBS, "batchSize": min(4, len(truths))}
        users = [UserKnob("cr_run", 1, value="bench"), UserKnob("cr_seed", 1, value=str(seed))]
        graph.add("CopyCat", "CopyCat1", inputs=("Input", "Truth"), user_knobs=users, knobs=knobs)
        model = models / "bench.model.safetensors"
        more: dict[str, Any] = {"modelFile": model.as_posix(), "useGPUIfAvailable": False}
        graph.add("Inference", "Inference1", inputs=("Shot",), knobs=more)

        def read(call: Call) -> Image:
            return sets[call.name][call.frame - 1]

        op = NodeOp(
            read,
            range=lambda call: FrameRange(1, len(sets[call.name])),
            format=lambda call: sets[call.name][0].format,
        )
        self.evaluator = Evaluator(graph, project=Path(self.folder.name), nodes={**NODES, "Read": op})
        result = train(self.evaluator, "CopyCat1", steps=self._steps(seconds), out=models)
        self.steps, self.strength = result.steps, result.strength
        for kind in (".safetensors", ".json"):
            result.checkpoint.with_suffix(kind).rename(model.with_suffix(kind))

    def _steps(self, seconds: float) -> int:
        """As many as so many seconds of two cores allow, found once from a short training of this process."""
        if not COST:
            spent: dict[int, float] = {}
            clock = Clock()
            train(
                self.evaluator,
                "CopyCat1",
                steps=LEVEL + 1,
                out=Path(self.folder.name) / "try",
                progress=lambda so_far: spent.__setitem__(so_far.step, clock.spent_cpu),
            )
            half = LEVEL // 2
            each = (spent[LEVEL] - spent[half]) / (LEVEL - half)
            COST.extend((each, spent[half] - half * each))
        each, before = COST
        return max(20, min(MOST, int((seconds * CORES - before) / (each * TRAININGS))))

    def frame(self, number: int) -> Array:
        """A frame of the shot, recovered and display-encoded."""
        done = self.evaluator.image("Inference1", number + 1)
        return encode(planes(done.rgb())).permute(1, 2, 0).contiguous().numpy()
