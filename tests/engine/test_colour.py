import json
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.colour import ycbcr as scalar
from chroma_recovery.engine import ycbcr
from chroma_recovery.engine.colour import CHROMATICITIES, Colour
from chroma_recovery.engine.image import Image
from chroma_recovery.errors import ColourError, UnsupportedNode

CONFIG = "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
VECTORS = json.loads(Path(__file__).with_name("ocio_vectors.json").read_text())

# -- YCbCr


@given(st.tuples(*[st.floats(-4, 100)] * 3))
def test_ycbcr_is_the_scalar_reference(rgb: tuple[float, float, float]) -> None:
    """The reference functions of colour/ycbcr.py state formula and source."""
    got = ycbcr.encode(np.float32([[rgb]]), "YCbCr")[0, 0]
    exact = [float(np.float32(v)) for v in rgb]
    assert got == pytest.approx(scalar.rgb_to_ycbcr(*exact), rel=2e-7, abs=2e-7)
    back = ycbcr.decode(np.float32([[got]]), "YCbCr")[0, 0]
    assert back == pytest.approx(scalar.ycbcr_to_rgb(*(float(v) for v in got)), rel=2e-7, abs=1e-6)


@pytest.mark.parametrize("space", [s for s in ycbcr.supported() if s != "RGB"])
def test_round_trip_below_one_in_a_million(space: str) -> None:
    rgb = np.random.default_rng(0).random((256, 300, 3)).astype(np.float32)
    assert np.abs(ycbcr.decode(ycbcr.encode(rgb, space), space) - rgb).max() < 1e-6


@pytest.mark.parametrize(
    ("space", "linear", "code"),
    [
        ("sRGB", 0.18, 0.4613561),  # IEC 61966-2-1
        ("rec709", 0.18, 0.4088481),  # 1.0993 * 0.18^0.45 - 0.0993, BT.709 with BT.2020's exact constants
        ("2.20", 0.25, 0.25 ** (1 / 2.2)),
        ("sRGB", -0.18, -0.4613561),
    ],
)
def test_curves(bench: Any, space: str, linear: float, code: float) -> None:
    out = bench.run("Colorspace", np.full((1, 1, 3), linear), colorspace_out=space)
    assert out.pixels[0, 0] == pytest.approx([code] * 3, abs=2e-6)


def test_probe_values_for_a_seat_with_nuke(bench: Any) -> None:
    """Values of the facts page for (.9, .45, .1): 601 matrix on sRGB-encoded values, video range."""
    out = bench.run("Colorspace", np.float32([[[0.9, 0.45, 0.1]]]), colorspace_out="YCbCr")
    assert out.pixels[0, 0] == pytest.approx([0.69569, 0.30972, 0.63836], abs=1e-5)


@pytest.mark.parametrize(
    "knobs",
    [
        {"colorspace_out": "HSV"},
        {"primary_out": "ACES"},
        {"illuminant_in": "D50"},
        {"colorspace_in": "Cineon"},
    ],
)
def test_other_spaces_are_refused(bench: Any, knobs: dict[str, str]) -> None:
    with pytest.raises(UnsupportedNode, match="Colorspace"):
        bench.run("Colorspace", bench.ramp(), **knobs)


# -- Grade, Multiply, Clamp, Saturation


def test_grade_formula(bench: Any) -> None:
    """A = multiply (white - black) / (whitepoint - blackpoint); out = (A in + add + black - A
    blackpoint)^(1/gamma)."""
    knobs = {
        "blackpoint": 0.1,
        "whitepoint": 0.9,
        "black": 0.05,
        "white": 1.1,
        "multiply": 1.2,
        "add": 0.02,
        "gamma": 1.4,
    }
    slope = 1.2 * (1.1 - 0.05) / (0.9 - 0.1)
    want = (slope * 0.4 + 0.02 + 0.05 - slope * 0.1) ** (1 / 1.4)
    node = bench.add("Grade", bench.given(np.full((1, 1, 3), 0.4)), **knobs)
    assert bench.image(node).pixels[0, 0, 0] == pytest.approx(want, rel=1e-6)
    back = bench.add("Grade", node, **knobs, reverse=True, black_clamp=False)
    assert bench.image(back).pixels[0, 0, 0] == pytest.approx(0.4, rel=1e-5)


def test_grade_clamps(bench: Any) -> None:
    values = np.float32([[[-0.5, 0.5, 1.5, -2.0]]])
    both = bench.run("Grade", values, black_clamp=True, white_clamp=True).pixels[0, 0]
    assert both.tolist() == [0, 0.5, 1, -2]  # channels rgb: alpha stays
    assert bench.run("Grade", values, black_clamp=False).pixels[0, 0].tolist() == [-0.5, 0.5, 1.5, -2]


def test_grade_colour_knob(bench: Any) -> None:
    out = bench.run("Grade", np.ones((1, 1, 3)), multiply=(0.5, 0.25, 2.0, 1.0))
    assert out.pixels[0, 0].tolist() == [0.5, 0.25, 2.0]


def test_multiply_reaches_alpha(bench: Any) -> None:
    assert bench.run("Multiply", np.ones((1, 1, 4)), value=0.5).pixels[0, 0].tolist() == [0.5] * 4


def test_clamp(bench: Any) -> None:
    assert bench.run("Clamp", np.float32([[[-1, 0.5, 3]]])).pixels[0, 0].tolist() == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("mode", "grey"), [("Rec 709", 0.2126), ("Ccir 601", 0.299), ("Average", 1 / 3), ("Maximum", 1.0)]
)
def test_saturation_of_red(bench: Any, mode: str, grey: float) -> None:
    out = bench.run("Saturation", np.float32([[[1, 0, 0]]]), saturation=0, mode=mode)
    assert out.pixels[0, 0] == pytest.approx([grey] * 3, abs=1e-6)


# -- Log2Lin


def test_cineon_points(bench: Any) -> None:
    """Code 95 is black, 685 is white; code 470 is the published place of 18 % grey."""
    codes = np.float32([[[95, 470, 685]]]) / 1023
    out = bench.run("Log2Lin", codes, operation="log2lin").pixels[0, 0]
    assert out[0] == pytest.approx(0, abs=1e-6)
    assert out[1] == pytest.approx(0.18, rel=0.03)
    assert out[2] == pytest.approx(1, abs=1e-6)


def test_cineon_round_trip(bench: Any) -> None:
    node = bench.add("Log2Lin", bench.given(bench.ramp() * 4), operation="lin2log")
    back = bench.add("Log2Lin", node, operation="log2lin")
    assert np.allclose(bench.image(back).pixels, bench.ramp() * 4, atol=1e-5)


# -- OCIO


def colour() -> Colour:
    return Colour(CONFIG, {"workingSpaceLUT": "scene_linear"})


@pytest.mark.parametrize("name", [k for k in VECTORS if " -> " in k and " / " not in k and "[" not in k])
def test_spaces_against_the_vectors(name: str) -> None:
    """Vectors made with PyOpenColorIO 2.6.0 by the lossless processor; the default one differs by up to
    2.4e-5."""
    source, target = name.split(" -> ")
    got = colour().convert(np.float32([VECTORS[name]["in"]]), source, target)[0]
    assert got == pytest.approx(np.array(VECTORS[name]["out_lossless"]), rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("name", [k for k in VECTORS if k.startswith("ACEScg -> ") and " / " in k])
def test_views_against_the_vectors(name: str) -> None:
    display, view = name.removeprefix("ACEScg -> ").split(" / ")
    got = colour().display(np.float32([VECTORS[name]["in"]]), "ACEScg", display, view)[0]
    assert got == pytest.approx(np.array(VECTORS[name]["out_lossless"]), rel=1e-5, abs=1e-5)


def test_the_default_optimisation_would_not_do() -> None:
    """Why processors are lossless: white through sRGB -> ACEScg is 2.4e-5 off by default."""
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-v1.0.0_aces-v1.3_ocio-v2.1")
    white = np.ones((1, 3), np.float32)
    config.getProcessor("sRGB - Texture", "ACEScg").getDefaultCPUProcessor().applyRGB(white)
    exact = colour().convert(np.ones((1, 1, 3), np.float32), "sRGB - Texture", "ACEScg")
    assert abs(white - 1).max() > 1e-5 > abs(exact - 1).max()


def test_ocio_nodes(bench: Any) -> None:
    node = bench.add(
        "OCIOColorSpace",
        bench.given(np.float32([[[1, 0, 0, 0.5]]])),
        in_colorspace="scene_linear",
        out_colorspace="aces_interchange",
    )
    assert bench.image(node).pixels[0, 0] == pytest.approx([0.6954522, 0.0447946, -0.0055259, 0.5], abs=1e-6)
    knobs = {"colorspace": "ACEScg", "display": "Rec.1886 Rec.709 - Display", "view": "ACES 1.0 - SDR Video"}
    shown = bench.add("OCIODisplay", bench.given(np.full((1, 1, 3), 0.18)), **knobs)
    assert 0.3 < float(bench.image(shown).pixels[0, 0, 0]) < 0.45
    back = bench.add("OCIODisplay", shown, **knobs, invert=True)
    assert bench.image(back).pixels[0, 0] == pytest.approx([0.18] * 3, rel=0.01)


def test_names_are_resolved_per_config_and_unknown_ones_refused() -> None:
    assert colour().space("Utility - sRGB - Color Picking") == "sRGB - Texture"
    with pytest.raises(ColourError, match="CR703"):  # there the role is an inverse output transform
        Colour("aces_1.2", {}).space("color_picking")
    with pytest.raises(ColourError, match="CR701"):
        colour().space("ACESgc")


def test_a_project_without_ocio_is_refused(bench: Any) -> None:
    bench.graph.root["colorManagement"] = "Nuke"
    with pytest.raises(ColourError, match="CR707"):
        bench.run("OCIOColorSpace", bench.ramp(), in_colorspace="ACEScg", out_colorspace="ACES2065-1")
    assert bench.evaluator(config=CONFIG).colour.working == "ACEScg"


@pytest.mark.parametrize(
    ("space", "gamut"), [("ACES2065-1", "AP0"), ("scene_linear", "AP1"), ("Linear Rec.709 (sRGB)", "Rec.709")]
)
def test_chromaticities(space: str, gamut: str) -> None:
    assert colour().chromaticities(space) == CHROMATICITIES[gamut]
    assert colour().chromaticities("ACEScct") is None


# -- luma identity


def test_luma_identity_of_the_ground_truth(bench: Any) -> None:
    """Y of Source, Cb and Cr of Reference, through the cloned Colorspaces: |Y_GT - Y_Source| < 1e-5 in YCbCr.

    Without the clamp this holds everywhere, also where the mixed colour leaves 0..1. The clamp after it moves
    Y only where it bites.
    """
    rng = np.random.default_rng(5)
    source = bench.given(rng.random((40, 60, 3)))
    reference = bench.given(rng.random((40, 60, 3)))
    to = [
        bench.add("Colorspace", i, colorspace_in="Linear", colorspace_out="YCbCr")
        for i in (source, reference)
    ]
    kept = "rgba.green 0 1 rgba.green 0 1 rgba.blue 0 2 rgba.blue 0 2"
    mappings = f"4 rgba.red 1 0 rgba.red 0 0 {kept} black -1 -1 rgba.alpha 0 3"
    mixed = bench.add(
        "Shuffle2", to[1], to[0], fromInput1="{0} B A", fromInput2="{1} B A", in2="rgb", mappings=mappings
    )
    truth = bench.add("Colorspace", mixed, colorspace_in="YCbCr", colorspace_out="RGB")
    clamped = bench.add("Grade", truth, black_clamp=True, white_clamp=True)
    given, made, safe = (bench.image(n) for n in (source, truth, clamped))
    difference = np.abs(ycbcr.luma(made.rgb()) - ycbcr.luma(given.rgb()))
    assert difference.max() < 1e-5
    assert not np.array_equal(made.rgb(), given.rgb())
    untouched = ((made.rgb() >= 0) & (made.rgb() <= 1)).all(-1)
    assert 0.05 < untouched.mean() < 0.95
    after = np.abs(ycbcr.luma(safe.rgb()) - ycbcr.luma(given.rgb()))
    assert after[untouched].max() < 1e-5
    assert after[~untouched].max() > 1e-3


def test_linear_is_another_name_of_rgb(bench: Any) -> None:
    out = bench.run(
        "Colorspace", Image.of(bench.ramp()), colorspace_in="RGB\tLinear", colorspace_out="Linear"
    )
    assert (out.pixels == bench.ramp()).all()
