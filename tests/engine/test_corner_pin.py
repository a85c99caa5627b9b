"""CornerPin2D: four points go where they are told, whichever way it is used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.engine.call import Call
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.nodes.corner_pin import pin_matrix
from chroma_recovery.errors import UnsupportedNode
from chroma_recovery.graph.graph import Graph

FROM = {"from1": (0, 0), "from2": (64, 0), "from3": (64, 36), "from4": (0, 36)}
TO = {"to1": (2.5, -1.0), "to2": (61.0, 1.5), "to3": (66.0, 35.0), "to4": (-1.0, 38.0)}


@pytest.fixture
def evaluated() -> Callable[..., Any]:
    def run(**knobs: Any) -> Any:
        graph = Graph()
        still = graph.add("Constant", "Still", channels="rgb", color=(0.2, 0.4, 0.6, 1.0), format="64 36")
        graph.add("CornerPin2D", "Pin", inputs=(still,), **FROM, **knobs)
        return Evaluator(graph, project=Path())

    return run


def matrix(evaluator: Any) -> Any:
    return pin_matrix(Call(evaluator, evaluator.graph["Pin"], 1))


def test_points_go_where_opencv_takes_them(evaluated: Callable[..., Any]) -> None:
    found = matrix(evaluated(**TO))
    known = cv2.getPerspectiveTransform(np.float32(list(FROM.values())), np.float32(list(TO.values())))
    assert found == pytest.approx(known, abs=1e-4)
    assert matrix(evaluated(**TO, invert=True)) @ found == pytest.approx(np.eye(3), abs=1e-9)


def test_resting_corners_change_nothing(evaluated: Callable[..., Any]) -> None:
    still = {k.replace("from", "to"): v for k, v in FROM.items()}
    image = evaluated(**still).image("Pin", 1)
    assert np.array_equal(image.pixels, evaluated(**still).image("Still", 1).pixels)


def test_fewer_corners_are_refused(evaluated: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedNode, match="four corners"):
        evaluated(**TO, enable3=False).image("Pin", 1)
