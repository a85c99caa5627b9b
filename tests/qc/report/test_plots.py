"""Plots and scopes: what they draw, and that they take their colours from the page."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from chroma_recovery.qc.measures import chroma
from chroma_recovery.qc.plots import loss_plot, thinned, timeline_plot
from chroma_recovery.qc.scopes import (
    CELLS,
    SKIN_ANGLE,
    WAVE_LEVELS,
    vectorscope,
    vectorscope_plot,
    waveform,
    waveform_plot,
)


def test_a_plot_brings_no_colour_font_or_address_of_its_own() -> None:
    drawn = timeline_plot([1, 2, 3], [0.1, 0.5, 0.2], name="t", limits=(None, 0.4), outliers=[(2, 0.5)])
    assert drawn.startswith("<svg viewBox=") and drawn.endswith("</svg>")
    assert "http" not in drawn and "<style" not in drawn and "DejaVu" not in drawn
    assert {"var(--one)", "var(--soft)", "var(--bad)"} <= set(re.findall(r"var\(--\w+\)", drawn))
    assert not re.search(r"#0a0b0", drawn)
    assert all(i.startswith("t-") for i in re.findall(r'\sid="([^"]+)"', drawn))


def test_labels_keep_their_digits() -> None:
    drawn = loss_plot([(10, 0.021, None), (20, 0.0085, 0.012), (30, 0.006, 0.011)], (30,), 30)
    assert {"0.01", "0.02", "step", "best, step 30"} <= set(re.findall(r">([^<>]+)</text>", drawn))
    assert loss_plot([(10, 0.02, None)]) == ""


def test_thinning_loses_no_peak() -> None:
    x, y = np.arange(10_000.0), np.zeros(10_000)
    y[4321], y[777] = 9, -5
    few, kept = thinned(x, y)
    assert len(few) <= 1200 and kept.max() == 9 and kept.min() == -5
    assert few[kept.argmax()] == 4321 and np.all(np.diff(few) > 0)


def test_ten_thousand_frames_make_a_small_drawing() -> None:
    values = np.random.default_rng(0).normal(size=10_000).tolist()
    assert (
        len(timeline_plot(range(10_000), values, name="t", outliers=[(n, 3.0) for n in range(5_000)]))
        < 80_000
    )


def test_gaps_are_not_bridged() -> None:
    with_gap = timeline_plot([1, 2, 3, 4, 5], [1.0, 2.0, math.nan, 2.0, 1.0], name="t")
    line = max(re.findall(r' d="([^"]*)"', with_gap.split('id="t-line2d', 1)[-1]), key=len)
    whole = timeline_plot([1, 2, 3, 4, 5], [1.0, 2.0, 1.5, 2.0, 1.0], name="t")
    assert with_gap != whole and line.count("M") >= 1
    drawn = [d for d in re.findall(r' d="([^"]*)"', with_gap) if d.count("M") == 2]
    assert drawn, "the line is lifted over the missing frame"


def test_the_vectorscope_puts_colours_where_the_formula_does() -> None:
    red = np.zeros((8, 8, 3), np.float32) + np.array([0.75, 0, 0], np.float32)
    density = vectorscope([red, np.full((8, 8, 3), 0.5, np.float32)])
    assert density.sum() == pytest.approx(1.0)
    cb, cr = chroma(np.array([0.75, 0.0, 0.0]))
    assert density[int((cr + 0.5) * CELLS), int((cb + 0.5) * CELLS)] == pytest.approx(0.5)
    assert density[CELLS // 2, CELLS // 2] == pytest.approx(0.5)


def test_skin_lies_on_the_skin_line() -> None:
    """R'G'B' of patches 1 and 2 of the ColorChecker (dark and light skin, sRGB values of its maker)."""
    for patch in ((115, 82, 68), (194, 150, 130)):
        cb, cr = chroma(np.array(patch) / 255)
        assert abs(math.degrees(math.atan2(cr, cb)) - SKIN_ANGLE) < 8
    assert pytest.approx(132.4, abs=0.2) == SKIN_ANGLE


def test_the_waveform_shows_luma_by_column() -> None:
    picture = np.zeros((40, 640, 3), np.float32)
    picture[:, 320:] = 0.5
    density = waveform(picture)
    assert density.sum() == pytest.approx(1.0)
    assert density[0, :160].sum() == pytest.approx(0.5)
    assert density[WAVE_LEVELS // 2, 160:].sum() == pytest.approx(0.5)
    narrow = waveform(np.full((10, 50, 3), 0.25, np.float32))
    assert (narrow[WAVE_LEVELS // 4] > 0).all()


def test_scopes_carry_their_trace_as_a_picture() -> None:
    noise = np.random.default_rng(1).random((20, 30, 3)).astype(np.float32)
    for drawn in (vectorscope_plot(vectorscope([noise]), name="v"), waveform_plot(waveform(noise), name="w")):
        assert "data:image/png;base64," in drawn and "var(--line)" in drawn
    black = waveform_plot(waveform(np.zeros((4, 4, 3), np.float32) * np.nan), name="n")
    assert black.startswith("<svg")
