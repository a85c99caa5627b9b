"""Displays and views per config."""

from __future__ import annotations

import pytest

from chroma_recovery.colour import (
    config_names,
    default_view,
    engine_config,
    find_config,
    guessed_knobs,
    odt,
    resolve_view,
    root_knobs,
)
from chroma_recovery.colour.builtin import engine_view
from chroma_recovery.errors import ColourError

ACES_13 = "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
ACES_20 = "fn-nuke_studio-config-v3.0.0_aces-v2.0_ocio-v2.4"
REC709 = "Rec.1886 Rec.709 - Display"


@pytest.mark.parametrize("config", config_names())
def test_every_view_is_found_by_its_names_and_by_nukes_text(config):
    for display, views in find_config(config).displays.items():
        for view in views:
            found = resolve_view(display, view, config=config)
            assert (found.display, found.view, found.nuke) == (display, view, f"{view} ({display})")
            assert resolve_view("", found.nuke, config=config) == found


@pytest.mark.parametrize("config", [c for c in config_names() if c.startswith("fn-nuke_")])
def test_displays_and_views_are_those_of_the_real_config(config):
    ocio = pytest.importorskip("PyOpenColorIO")
    real = ocio.Config.CreateFromBuiltinConfig(engine_config(config))
    table = find_config(config)
    assert {d: tuple(real.getViews(d)) for d in real.getDisplays()} == dict(table.displays)
    shown = odt(config)
    assert shown is not None
    real.getProcessor(ocio.DisplayViewTransform("ACES2065-1", shown.display, shown.view))


@pytest.mark.parametrize(
    ("config", "display", "view", "nuke"),
    [
        ("aces_1.2", REC709, "ACES 1.0 - SDR Video", "Rec.709 (ACES)"),
        ("aces_1.2", "", "ACES 1.0 SDR-video", "Rec.709 (ACES)"),
        ("aces_1.2", "", "ACES 1.0 SDR-video / Rec.709 2.4", "Rec.709 (ACES)"),
        ("aces_1.2", "sRGB - Display", "ACES 1.0 - SDR Video", "sRGB (ACES)"),
        (ACES_13, "Rec.709", "ACES 1.0 SDR-video", f"ACES 1.0 - SDR Video ({REC709})"),
        (ACES_13, "", "Rec.709", f"ACES 1.0 - SDR Video ({REC709})"),
        (ACES_13, "", "Rec.709 2.4 ODT", f"ACES 1.0 - SDR Video ({REC709})"),
        (ACES_13, "sRGB", "odt", "ACES 1.0 - SDR Video (sRGB - Display)"),
        (ACES_20, REC709, "ACES 1.0 - SDR Video", f"ACES 2.0 - SDR 100 nits (Rec.709) ({REC709})"),
        ("nuke-default", "", "sRGB", "sRGB (default)"),
        ("nuke-default", "", "Raw", "None (default)"),
    ],
)
def test_the_guides_spellings(config, display, view, nuke):
    assert resolve_view(display, view, config=config).nuke == nuke


def test_unknown_views_name_the_nearest():
    with pytest.raises(ColourError, match=r"did you mean 'ACES 1\.0 - SDR Video'"):
        resolve_view(REC709, "ACES 1.0 - SDR Vidio", config=ACES_13)
    with pytest.raises(ColourError, match="CR704"):
        resolve_view("nowhere", "nothing", config=ACES_13)
    with pytest.raises(ColourError, match="CR705"):
        resolve_view(REC709, "[exec ls]", config="my.ocio")


def test_only_aces_configs_have_an_output_transform():
    assert odt("nuke-default") is None
    assert odt("my.ocio") is None
    assert odt("aces_1.2").nuke == "Rec.709 (ACES)"
    assert default_view("nuke-default").nuke == "rec1886 (default)"


def test_engine_views_keep_the_maths_or_refuse():
    assert engine_view("ACES", "Rec.709", config="aces_1.2").nuke == f"ACES 1.0 - SDR Video ({REC709})"
    assert engine_view("", "rec1886", config="nuke-default").nuke == f"Un-tone-mapped ({REC709})"
    with pytest.raises(ColourError, match="CR703"):
        engine_view("ACES", "DCDM", config="aces_1.2")


def test_root_knobs_of_aces_12_are_those_of_public_scripts():
    knobs = root_knobs("aces_1.2")
    assert list(knobs.items()) == [
        ("colorManagement", "OCIO"),
        ("OCIO_config", "aces_1.2"),
        ("defaultViewerLUT", "OCIO LUTs"),
        ("workingSpaceLUT", "scene_linear"),
        ("monitorLut", "Rec.709 (ACES)"),
        ("monitorOutLUT", "Rec.709 (ACES)"),
        ("int8Lut", "matte_paint"),
        ("int16Lut", "texture_paint"),
        ("logLut", "compositing_log"),
        ("floatLut", "scene_linear"),
    ]
    assert guessed_knobs("aces_1.2") == {}


def test_root_knobs_keep_eight_bit_files_srgb_where_the_roles_swapped():
    for config in config_names():
        knobs = root_knobs(config)
        roles = find_config(config).roles
        assert "sRGB" in roles[knobs["int8Lut"]]
        assert set(guessed_knobs(config)) <= set(knobs)
    assert root_knobs("x/my.ocio")["customOCIOConfigPath"] == "x/my.ocio"
    assert root_knobs(ACES_13, working="ACEScg")["workingSpaceLUT"] == "scene_linear"
    assert root_knobs(ACES_13, working="lin_rec709")["workingSpaceLUT"] == "Linear Rec.709 (sRGB)"
