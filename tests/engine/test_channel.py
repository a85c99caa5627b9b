import itertools
from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.channels import selected
from chroma_recovery.engine.image import RGBA, Image
from chroma_recovery.engine.nodes.channel import parse_mappings
from chroma_recovery.errors import EngineError, UnsupportedNode
from chroma_recovery.graph import Verbatim

PLACES = {"red": 0, "green": 1, "blue": 2, "alpha": 3}


def line(source: str, group: int, target: str) -> str:
    if source in ("black", "white"):
        return f"{source} -1 -1 rgba.{target} 0 {PLACES[target]}"
    return f"rgba.{source} {group} {PLACES[source]} rgba.{target} 0 {PLACES[target]}"


def pictures() -> tuple[Image, Image]:
    values = np.arange(8, dtype=np.float32) + 10
    b = Image.of(np.broadcast_to(values[:4], (1, 1, 4)))
    a = Image.of(np.broadcast_to(values[4:], (1, 1, 4)))
    return b, a


@pytest.mark.parametrize("pipe", [0, 1])
def test_every_single_mapping(bench: Any, pipe: int) -> None:
    """All sources (4 channels of in1, 4 of in2, black, white) to all 4 targets; identity on the other
    channels of B."""
    b, a = pictures()
    names = [bench.given(b), bench.given(a)]
    sources = [*((c, g) for g in (0, 1) for c in RGBA), ("black", -1), ("white", -1)]
    for (source, group), target in itertools.product(sources, RGBA):
        node = bench.add(
            "Shuffle2",
            *names,
            fromInput1=Verbatim(f"{{{pipe}}} B A"),
            fromInput2=Verbatim(f"{{{1 - pipe}}} B A"),
            in2="rgba",
            mappings="4 " + " ".join(line(source, group, t) if t == target else line(t, 0, t) for t in RGBA),
        )
        got = bench.image(node).pixels[0, 0]
        block = {0: pipe, 1: 1 - pipe}.get(group)
        constant = {"black": 0.0, "white": 1.0}.get(source)
        first = (b, a)[pipe].pixels[0, 0]
        want = first.copy()
        want[PLACES[target]] = (
            constant if constant is not None else (b, a)[block or 0].pixels[0, 0, PLACES[source]]
        )
        assert got.tolist() == want.tolist(), (source, group, target, pipe)


def test_the_ground_truth_shuffle(bench: Any) -> None:
    """Red from A (Source Y), green and blue from B (Reference Cb, Cr), alpha black: the reference graph's
    node."""
    b, a = pictures()
    out = bench.run(
        "Shuffle2",
        b,
        a,
        fromInput1=Verbatim("{0} B A"),
        in1="rgba",
        fromInput2=Verbatim("{1} B A"),
        in2="rgb",
        mappings=f"4 {line('red', 1, 'red')} {line('green', 0, 'green')} {line('blue', 0, 'blue')} "
        + line("black", -1, "alpha"),
    )
    assert out.channels == RGBA
    assert out.pixels[0, 0].tolist() == [14, 11, 12, 0]


def test_unmapped_outputs_are_black_and_order_is_free(bench: Any) -> None:
    b, _ = pictures()
    out = bench.run("Shuffle2", b, mappings=f"2 {line('red', 0, 'blue')} {line('green', 0, 'red')}")
    assert out.pixels[0, 0].tolist() == [11, 0, 10, 0]


def test_a_shuffle_without_mappings_is_the_identity(bench: Any) -> None:
    b, _ = pictures()
    assert (bench.run("Shuffle2", b).pixels == b.pixels).all()


def test_one_input_reads_alpha_into_colour(bench: Any) -> None:
    b, _ = pictures()
    text = "4 " + " ".join(line("alpha", 0, t) for t in RGBA)
    out = bench.run("Shuffle2", b, mappings=text, fromInput1=Verbatim("{{0} B}"))
    assert out.pixels[0, 0].tolist() == [13, 13, 13, 13]


@pytest.mark.parametrize(
    "text", ["2 rgba.red 0 0 rgba.red 0 0", "1 rgba.red -1 -1 rgba.red 0 0", "1 rgba.red 7 0 rgba.red 0 0"]
)
def test_broken_mappings_are_refused(bench: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_mappings(text)
    with pytest.raises(UnsupportedNode, match="mappings"):
        bench.run("Shuffle2", bench.ramp(channels=4), mappings=text)


def test_a_missing_second_input_is_named(bench: Any) -> None:
    node = bench.add(
        "Shuffle2",
        bench.given(bench.ramp(channels=4)),
        fromInput1=Verbatim("{1} B A"),
        mappings="1 " + line("red", 0, "red"),
    )
    with pytest.raises(EngineError, match="input 1"):
        bench.image(node)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("all", RGBA),
        ("none", ()),
        ("rgb", RGBA[:3]),
        ("alpha", ("alpha",)),
        ("rgba.green rgba.red", ("red", "green")),
        ("-rgba.red -rgba.green rgba.blue none", ("blue",)),
        ("{rgba.red -rgba.green}", ("red",)),
    ],
)
def test_channel_sets(text: str, want: tuple[str, ...]) -> None:
    assert selected(text, RGBA) == want


def test_remove_and_keep(bench: Any) -> None:
    picture = bench.ramp(channels=4)
    assert bench.run("Remove", picture, channels="alpha").channels == RGBA[:3]
    assert bench.run("Remove", picture, operation="keep", channels="rgb").channels == RGBA[:3]
    assert bench.run("Remove", picture, operation="keep", channels="red", channels2="alpha").channels == (
        "red",
        "alpha",
    )


def test_copy_takes_alpha_of_a_by_default(bench: Any) -> None:
    b, a = pictures()
    assert bench.run("Copy", b, a).pixels[0, 0].tolist() == [10, 11, 12, 17]
    out = bench.run("Copy", b, a, from0="rgba.red", to0="rgba.blue", from1="rgba.green", to1="rgba.red")
    assert out.pixels[0, 0].tolist() == [15, 11, 14, 13]


def test_add_channels(bench: Any) -> None:
    out = bench.run("AddChannels", bench.ramp(), channels="rgba", color=(0.1, 0.2, 0.3, 0.4))
    assert out.channels == RGBA
    assert np.allclose(out.channel("alpha"), 0.4)
    assert (out.rgb() == bench.ramp()).all()
