"""Graphs whose pictures are given arrays: class ``Given`` stands for any upstream branch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.call import NodeOp
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.nodes import NODES
from chroma_recovery.graph import Graph

CONFIG = "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"


class Bench:
    """A graph under construction and its evaluator."""

    def __init__(self, project: Path) -> None:
        self.graph = Graph()
        self.graph.root.update(
            colorManagement="OCIO",
            OCIO_config=CONFIG,
            workingSpaceLUT="scene_linear",
            format="64 48 0 0 64 48 1 x",
        )
        self.images: dict[str, Callable[[int], Image]] = {}
        self.project = project

    @staticmethod
    def ramp(height: int = 6, width: int = 8, channels: int = 3) -> Any:
        """Every value different, so that any displacement or swap shows."""
        count = height * width * channels
        return (np.arange(count, dtype=np.float32) / count).reshape(height, width, channels)

    def given(self, image: Image | Any | Callable[[int], Image]) -> str:
        name = f"Given{len(self.images) + 1}"
        if callable(image):
            self.images[name] = image
        else:
            picture = image if isinstance(image, Image) else Image.of(image)
            self.images[name] = lambda frame: picture
        return self.graph.add("Given", name)

    def add(self, cls: str, *inputs: str | None, mask: str | None = None, **knobs: Any) -> str:
        count = len(self.graph.of_class(cls)) + 1
        name = f"{cls.rsplit('.', 1)[-1]}_{count}"
        return self.graph.add(cls, name, inputs=inputs, mask=mask, knobs=knobs)

    def evaluator(self, **more: Any) -> Evaluator:
        nodes = {**NODES, "Given": NodeOp(lambda call: self.images[call.name](call.frame))}
        return Evaluator(self.graph, project=self.project, nodes=nodes, **more)

    def image(self, name: str, frame: int = 1) -> Image:
        return self.evaluator().image(name, frame)

    def run(self, cls: str, *images: Any, **knobs: Any) -> Image:
        """One node on these inputs, at frame 1."""
        return self.image(self.add(cls, *(self.given(i) for i in images), **knobs))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
