"""``docs/nuke/nodes.md`` names every class and every knob that the stage builders emit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chroma_recovery.preset import model as m
from chroma_recovery.stages import Recovery

PAGE = (Path(__file__).parents[2] / "docs" / "nuke" / "nodes.md").read_text(encoding="utf-8")
FURNITURE = {"label", "tile_color", "note_font_size", "bdwidth", "bdheight", "z_order", "file"}


@pytest.mark.parametrize("version", ["15.1", "17.0"])
@pytest.mark.parametrize("domain", ["display", "log", "aces-odt"])
def test_page_names_all_we_emit(built: Callable[..., Recovery], version: str, domain: str) -> None:
    read = "ACES2065-1" if domain == "aces-odt" else m.Colour().read
    graph = built(
        nuke=m.Nuke(version),
        colour=m.Colour(domain=domain, read=read),
        training=m.Training(augmentation=m.Augmentation(True, 4.0, 0.1, 0.1), seed=3, learning_rate=1e-4),
        inference=m.Inference(tile="1024"),
    ).graph
    headings = " ".join(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    assert {n.cls for n in graph if n.cls not in headings} == set()
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PAGE))))
    knobs = {knob for n in graph for knob in n.knobs} - FURNITURE
    assert knobs - words == set()
