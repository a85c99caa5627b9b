"""What is measured before delivery runs beside the delivered frames."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.overlap import another
from chroma_recovery.graph import Graph
from chroma_recovery.qc.results import Measure
from chroma_recovery.recovery.judge import _unless_failed


def test_an_error_beside_ends_the_frames_at_the_next_one() -> None:
    beside: Future[list[Measure]] = Future()
    seen = []

    def frames() -> Iterator[Any]:
        for n in range(100):
            if n == 3:
                beside.set_exception(RuntimeError("no model"))
            yield n

    with pytest.raises(RuntimeError, match="no model"):
        for n in _unless_failed(frames(), beside):
            seen.append(n)
    assert seen == [0, 1, 2]


def test_another_evaluator_shares_the_graph_and_the_users_stop_but_no_picture(tmp_path: Path) -> None:
    graph = Graph(
        root={"colorManagement": "OCIO", "OCIO_config": "fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1"}
    )
    one = Evaluator(graph, project=tmp_path, cancel=lambda: True)
    two = another(one)
    assert two.graph is graph and two.cancel is one.cancel and two.project == one.project
    assert two.kept is not one.kept and two.colour is not one.colour
