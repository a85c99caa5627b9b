"""Small pictures with a known fade, and the graph that trains on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from chroma_recovery.engine.call import NodeOp
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning.luma_chroma import decode, recombine, to_ycc
from chroma_recovery.engine.nodes import NODES
from chroma_recovery.frames import FrameRange
from chroma_recovery.graph import Graph, UserKnob

SIZE = (96, 160)
torch.set_num_threads(1)  # tiny pictures: threads would wait for each other more than they work


def scene(number: int, size: tuple[int, int] = SIZE) -> torch.Tensor:
    """Smooth coloured blobs, encoded R'G'B' (3, h, w), within 0.1..0.9."""
    rng = np.random.default_rng(100 + number)
    small = rng.uniform(0.1, 0.9, (1, 3, size[0] // 16, size[1] // 16)).astype(np.float32)
    return torch.nn.functional.interpolate(torch.from_numpy(small), size=size, mode="bicubic")[0].clamp(
        0.1, 0.9
    )


def faded(truth: torch.Tensor) -> torch.Tensor:
    """The same luma, chroma turned and weakened, ever more towards the right: no LUT can undo it."""
    ycc = to_ycc(truth)
    x = torch.linspace(0, 1, truth.shape[-1])
    cb, cr = ycc[1], ycc[2]
    chroma = torch.stack(
        [(0.5 * cb - 0.2 * cr) * (1 - 0.8 * x), (0.45 * cr + 0.1 * cb) * (1 - 0.5 * x) + 0.06 * x]
    )
    return recombine(truth, chroma)


def picture(encoded: torch.Tensor) -> Image:
    return Image.of(decode(encoded).permute(1, 2, 0).numpy())


class Bench:
    """Evaluator over pictures given by name, with a CopyCat on Input and Truth."""

    def __init__(
        self, project: Path, sets: dict[str, list[Image]], knobs: dict[str, Any], user: dict[str, Any]
    ) -> None:
        graph = Graph()
        for name in sets:
            graph.add("Read", name)
        said = {
            "dataDirectory": "models",
            "batchSizeType": "Manual",
            "batchSize": 2,
            "cropSize": "64",
            "modelSize": "Small",
            "epochs": 20,
            "checkpointInterval": 10_000,
            "imageInterval": 10_000,
            "useGPUIfAvailable": False,
        } | knobs
        users = [
            UserKnob(k, 1, value=v) for k, v in ({"cr_run": "run", "cr_precision": "float32"} | user).items()
        ]
        graph.add("CopyCat", "CopyCat1", inputs=("Input", "Truth"), user_knobs=users, knobs=said)
        read = NodeOp(
            lambda call: sets[call.name][call.frame - 1],
            range=lambda call: FrameRange(1, len(sets[call.name])),
            format=lambda call: sets[call.name][0].format,
        )
        self.sets, self.graph = sets, graph
        self.folder = project / "models"
        self.evaluator = Evaluator(graph, project=project, nodes={**NODES, "Read": read})


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    """bench(pairs=3, held=0, knobs={...}, **user knobs) -> Bench."""

    def make(
        pairs: int = 3,
        held: int = 0,
        knobs: dict[str, Any] | None = None,
        sets: dict[str, list[Image]] | None = None,
        **user: Any,
    ) -> Bench:
        truths = [scene(n) for n in range(pairs + held)]
        inputs = [picture(faded(t)) for t in truths]
        wanted = [picture(t) for t in truths]
        found = {"Input": inputs[:pairs], "Truth": wanted[:pairs]}
        if held:
            found |= {"HeldInput": inputs[pairs:], "HeldTruth": wanted[pairs:]}
            user = {"cr_validation_input": "HeldInput", "cr_validation_truth": "HeldTruth"} | user
        return Bench(tmp_path, found | (sets or {}), knobs or {}, user)

    return make


@pytest.fixture
def unseen() -> tuple[Image, Image]:
    """(faded, truth) of a scene that no bench trains on."""
    truth = scene(77)
    return picture(faded(truth)), picture(truth)


@pytest.fixture
def gamut_cube() -> torch.Tensor:
    """(3, 1, n) encoded R'G'B' on a grid over 0..1."""
    axis = torch.linspace(0, 1, 9)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).reshape(3, 1, -1)
