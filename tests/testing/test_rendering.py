"""nuke.execute and frame ranges."""

import pytest


def write_node(nuke, tmp_path):
    (tmp_path / "a.0001.exr").write_bytes(b"")
    read = nuke.nodes.Read(file=f"{tmp_path.as_posix()}/a.####.exr", last=10)
    return nuke.nodes.Write(inputs=[read], file=f"{tmp_path.as_posix()}/out.####.exr")


def test_frames(nuke_session, tmp_path):
    import nuke

    node = write_node(nuke, tmp_path)
    nuke.execute(node, 1, 5, 2)
    nuke.execute(node, nuke.FrameRanges([1]))
    nuke.execute("Write1", nuke.FrameRanges("1-3 7"), ["main"])
    nuke.execute(node, nuke.FrameRange("4-8x4"))
    nuke.execute(node)
    frames = [r.frames for r in nuke_session.renders.done]
    assert frames == [(1, 3, 5), (1,), (1, 2, 3, 7), (4, 8), tuple(range(1, 11))]
    assert nuke_session.renders.done[2].views == ("main",)


def test_effects(nuke_session, tmp_path):
    import nuke

    node = write_node(nuke, tmp_path)
    nuke_session.renders.effect = lambda r: (
        [(tmp_path / f"out.{f:04d}.exr").touch() for f in r.frames] and None
    )
    nuke.execute(node, 2, 3)
    assert (tmp_path / "out.0003.exr").exists()
    nuke_session.renders.effect = nuke_session.renders.cancel
    with pytest.raises(RuntimeError) as stopped:
        nuke.execute(node, 1, 1)
    assert str(stopped.value) == "Cancelled"


def test_what_cannot_be_executed(nuke_session, tmp_path):
    import nuke

    node = write_node(nuke, tmp_path)
    with pytest.raises(RuntimeError, match="not executable"):
        nuke.execute(node.input(0), 1, 1)
    with pytest.raises(RuntimeError, match="no frames"):
        nuke.execute(node, nuke.FrameRanges())
    (tmp_path / "a.0001.exr").unlink()
    with pytest.raises(RuntimeError, match="no such file"):
        nuke.execute(node, 1, 1)
    nuke.delete(node)
    with pytest.raises(ValueError, match="not attached"):
        nuke.execute(node, 1, 1)
    assert not nuke_session.renders.done


def test_frame_ranges(nuke_session):
    import nuke

    ranges = nuke.FrameRanges([1, 5, nuke.FrameRange("10-20x5")])
    assert ranges.toFrameList() == [1, 5, 10, 15, 20]
    assert (ranges.size(), ranges.minFrame(), ranges.maxFrame(), str(ranges)) == (3, 1, 20, "1 5 10-20x5")
    one = nuke.FrameRange("-5-5x5")
    assert (one.first(), one.last(), one.increment(), list(one), one.frames()) == (-5, 5, 5, [-5, 0, 5], 3)
    with pytest.raises(ValueError):
        nuke.FrameRange("a-b")


def test_range_of_appended_frames(nuke_session):
    import nuke

    one = nuke.nodes.FrameRange(first_frame=1, last_frame=1)
    holds = [nuke.nodes.FrameHold(inputs=[one], firstFrame=f) for f in (3, 9, 27)]
    clip = nuke.nodes.AppendClip(inputs=holds)
    below = nuke.nodes.Blur(inputs=[clip])
    assert (below.firstFrame(), below.lastFrame()) == (1, 3)
    assert nuke.nodes.Blur().lastFrame() == 100
