"""Sizes, boxes, backdrops and the search for overlaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.graph import Graph
from chroma_recovery.graph.layout import (
    Box,
    backdrop,
    bounds,
    box_of,
    columns_for,
    move,
    overlaps,
    stretch,
)


def test_boxes_meet_only_when_they_share_area() -> None:
    box = Box(0, 0, 10, 10)
    assert box.meets(Box(9, 9, 20, 20))
    assert not box.meets(Box(10, 0, 20, 10))
    assert box.holds(Box(0, 0, 10, 10))
    assert not box.holds(Box(0, 0, 10, 11))
    assert box.grown(5) == Box(-5, -5, 15, 15)
    assert bounds([box, Box(30, -4, 40, 2)]) == Box(0, -4, 40, 10)


def test_size_of_nodes() -> None:
    graph = Graph()
    graph.add("Grade", "Grade1", at=(10, 20))
    graph.add("Dot", "Dot1")
    graph.add("Read", "Read1")
    graph.add("NoOp", "NoOp1", label="two\nlines")
    graph.add("StickyNote", "Note1", label="A title", note_font_size=100)
    assert box_of(graph, "Grade1") == Box(10, 20, 110, 40)
    assert (box_of(graph, "Dot1").width, box_of(graph, "Dot1").height) == (12, 12)
    assert box_of(graph, "Read1").height > 80
    assert box_of(graph, "NoOp1").height > box_of(graph, "Grade1").height
    assert box_of(graph, "Note1").width > 400


def test_a_clone_is_as_large_as_its_source() -> None:
    graph = Graph()
    graph.add("Crop", "A_node_with_quite_a_long_name", label="and a label of more than one word")
    clone = graph.clone("A_node_with_quite_a_long_name")
    assert box_of(graph, clone) == box_of(graph, "A_node_with_quite_a_long_name")


def test_backdrop_holds_its_nodes_and_its_label() -> None:
    graph = Graph()
    graph.add("Grade", "Grade1", at=(100, 100))
    graph.add("Grade", "Grade2", at=(300, 500))
    around = [box_of(graph, "Grade1"), box_of(graph, "Grade2")]
    name = backdrop(graph, "Back", "LABEL", around, colour=0x6B6B6BFF)
    area = box_of(graph, name)
    assert all(area.holds(box) for box in around)
    assert min(b.y for b in around) - area.y >= 42
    assert graph.knobs(name)["tile_color"] == 0x6B6B6BFF


def test_stretch_grows_and_never_shrinks() -> None:
    graph = Graph()
    backdrop(graph, "Back", "", [Box(0, 0, 100, 100)], colour=0, padding=10)
    stretch(graph, "Back", right=500, bottom=0)
    assert box_of(graph, "Back") == Box(-10, -10, 500, 110)


def test_move_shifts_only_the_named() -> None:
    graph = Graph()
    graph.add("Grade", "Grade1")
    graph.add("Grade", "Grade2")
    move(graph, ["Grade2"], 5, -7)
    assert (graph["Grade1"].xpos, graph["Grade2"].xpos, graph["Grade2"].ypos) == (0, 5, -7)


@given(st.integers(1, 3000))
def test_blocks_are_one_row_while_short_and_never_much_wider_than_high(count: int) -> None:
    columns = columns_for(count)
    rows = -(-count // columns)
    assert rows * columns >= count
    assert (rows == 1) == (count <= 12)
    assert count <= 12 or columns == 12 or columns <= rows


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-100, 100)), max_size=25))
def test_overlaps_finds_exactly_what_a_plain_search_finds(places: list[tuple[int, int]]) -> None:
    graph = Graph()
    for n, place in enumerate(places):
        graph.add("Grade", f"Grade{n}", at=place)
    names = list(graph.nodes)
    plain = {
        frozenset((a, b))
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if box_of(graph, a).meets(box_of(graph, b))
    }
    assert {frozenset(pair) for pair in overlaps(graph)} == plain
    assert len(overlaps(graph)) == len(plain)


def test_backdrops_do_not_count_as_overlaps() -> None:
    graph = Graph()
    graph.add("Grade", "Grade1")
    backdrop(graph, "Back", "", [box_of(graph, "Grade1")], colour=0)
    assert overlaps(graph) == []
