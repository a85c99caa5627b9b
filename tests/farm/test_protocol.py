"""Lines for the scheduler: one each, never more than were meant."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.farm.protocol import Protocol, one_line


@given(st.text())
def test_text_stays_on_its_line(text: str) -> None:
    out = io.StringIO()
    Protocol(out).fail(text)
    assert len(out.getvalue().splitlines()) == 1
    assert out.getvalue().startswith("openjd_fail: ")
    assert len(one_line(text)) <= 500


def test_progress_goes_over_all_pieces_and_never_back() -> None:
    out = io.StringIO()
    protocol = Protocol(out, stages=2)
    first = protocol.tell("training")
    first(10, 10, "loss 0.1")
    second, third = protocol.tell("measuring"), protocol.tell("more")
    second(5, 10, "")  # not told: too soon after the last
    second(10, 10, "")
    third(1, 1, "openjd_env: X=1\nopenjd_fail: no")
    protocol.finished()
    lines = out.getvalue().splitlines()
    shown = [float(line.split()[1]) for line in lines if line.startswith("openjd_progress")]
    assert shown == [50.0, 100.0, 100.0]
    assert "openjd_status: training 10/10 loss 0.1" in lines
    assert all(line.startswith(("openjd_progress: ", "openjd_status: ")) for line in lines)
