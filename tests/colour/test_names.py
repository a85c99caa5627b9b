"""Names of colour spaces per config, against the real built-in configs where they exist."""

from __future__ import annotations

import pytest

from chroma_recovery.colour import (
    PURPOSES,
    config_names,
    engine_config,
    engine_space,
    find_config,
    purpose_of,
    resolve,
)
from chroma_recovery.errors import ColourError

ACES_13 = "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
ASWF = [c for c in config_names() if c.startswith("fn-nuke_")]


def test_the_configs_are_those_that_nuke_ships():
    assert config_names() == (
        "aces_1.2",
        "nuke-default",
        "fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1",
        "fn-nuke_cg-config-v2.2.0_aces-v1.3_ocio-v2.4",
        "fn-nuke_cg-config-v3.0.0_aces-v2.0_ocio-v2.4",
        "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
        "fn-nuke_studio-config-v2.2.0_aces-v1.3_ocio-v2.4",
        "fn-nuke_studio-config-v3.0.0_aces-v2.0_ocio-v2.4",
    )
    assert [c for c in config_names() if find_config(c).inferred] == [c for c in ASWF if "v3.0.0" in c]


@pytest.mark.parametrize("config", ASWF)
def test_every_name_alias_and_role_is_the_same_space_in_the_real_config(config):
    ocio = pytest.importorskip("PyOpenColorIO")
    real = ocio.Config.CreateFromBuiltinConfig(engine_config(config))
    table = find_config(config)
    checked = 0
    for space, aliases in table.spaces.items():
        for name in (space, *aliases):
            assert resolve(name, config=config).name == real.getColorSpace(name).getName()
            checked += 1
    for role in table.roles:
        found = resolve(role, config=config)
        assert found.name == real.getColorSpace(role).getName()
        assert found.token == role
    names = {s.getName() for s in real.getColorSpaces(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)}
    assert set(table.spaces) == names
    assert dict(real.getRoles()) == dict(table.roles)
    assert checked > 50


@pytest.mark.parametrize("config", config_names())
def test_the_engine_names_exist_in_the_built_in_config(config):
    ocio = pytest.importorskip("PyOpenColorIO")
    real = ocio.Config.CreateFromBuiltinConfig(engine_config(config))
    translated = 0
    refused: list[str] = []
    for space in find_config(config).spaces:
        try:
            found = engine_space(space, config=config)
        except ColourError as error:
            refused.append(error.problems[0].code)
            continue
        assert real.getColorSpace(found.name).getName() == found.name
        translated += 1
    assert translated >= 7
    assert set(refused) == ({"CR703"} if find_config(config).translated else set())


def test_spaces_translated_from_aces_12_have_the_maths_of_their_published_matrices():
    """The AP0 to Rec.709 matrices in aces_1.2's own file (its two steps multiplied) for its linear sRGB."""
    ocio = pytest.importorskip("PyOpenColorIO")
    found = engine_space("Utility - Linear - sRGB", config="aces_1.2")
    assert found.name == "Linear Rec.709 (sRGB)"
    config = ocio.Config.CreateFromBuiltinConfig(engine_config("aces_1.2"))
    cpu = config.getProcessor("ACES2065-1", found.name).getDefaultCPUProcessor()
    to_xyz = ((0.952552, 0, 9.36786e-05), (0.343966, 0.728166, -0.0721325), (0, 0, 1.00883))
    to_rgb = ((3.2096, -1.55743, -0.495805), (-0.970989, 1.88517, 0.0394894), (0.0597193, -0.210104, 1.14312))
    for rgb in ((0.18, 0.18, 0.18), (0.9, 0.2, 0.05), (0.1, 0.6, 0.3)):
        xyz = [sum(m * c for m, c in zip(row, rgb, strict=True)) for row in to_xyz]
        want = [sum(m * c for m, c in zip(row, xyz, strict=True)) for row in to_rgb]
        assert cpu.applyRGB(list(rgb)) == pytest.approx(want, abs=2e-4)


@pytest.mark.parametrize("config", config_names())
def test_the_guides_ingest_is_always_plain_srgb(config):
    found = resolve("Utility - sRGB - Color Picking", config=config)
    assert found.purpose == "srgb-texture"
    assert "Color Picking" in found.note
    if config == "aces_1.2":  # where the role is an inverse output transform
        assert (found.name, found.token) == ("Utility - sRGB - Texture", "Utility - sRGB - Texture")
        assert "Output - sRGB" in found.note
    else:
        assert (found.name, found.token) == (find_config(config).roles["color_picking"], "color_picking")


@pytest.mark.parametrize(
    ("config", "name", "literal"),
    [
        ("aces_1.2", "ACEScg", "ACES - ACEScg"),
        ("aces_1.2", "aces2065-1", "ACES - ACES2065-1"),
        ("aces_1.2", "aces_interchange", "ACES - ACES2065-1"),
        ("aces_1.2", "sRGB - Texture", "Utility - sRGB - Texture"),
        ("aces_1.2", "matte_paint", "Utility - sRGB - Texture"),
        ("nuke-default", "linear-rec709", "linear"),
        ("nuke-default", "SRGB", "sRGB"),
        ("nuke-default", "rec709-gamma24", "Gamma2.4"),
        (ACES_13, "ACES - ACES2065-1", "ACES2065-1"),
        (ACES_13, "Utility - Rec.709 - Display", "Gamma 2.4 Rec.709 - Texture"),
        (ACES_13, "lin_rec709_scene", "Linear Rec.709 (sRGB)"),
        (ACES_13, "matte_paint", "sRGB - Texture"),
        (ACES_13, "camera-rec709", "Camera Rec.709"),
        ("fn-nuke_cg-config-v2.2.0_aces-v1.3_ocio-v2.4", "matte_paint", "ACEScct"),
        ("fn-nuke_cg-config-v2.2.0_aces-v1.3_ocio-v2.4", "sRGB - Texture", "sRGB Encoded Rec.709 (sRGB)"),
    ],
)
def test_a_spelling_means_a_literal_name(config, name, literal):
    assert resolve(name, config=config).name == literal


@pytest.mark.parametrize("config", ["aces_1.2", *ASWF])
@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_purposes_are_understood_by_every_aces_config(config, purpose):
    if "_cg-" in config and purpose in ("adx10", "camera-rec709"):
        with pytest.raises(ColourError, match="CR701"):
            resolve(purpose, config=config)
        return
    assert purpose_of(purpose, config=config) == purpose


def test_an_unknown_space_names_the_nearest_real_ones():
    with pytest.raises(ColourError) as caught:
        resolve("ACEScgg", config=ACES_13)
    problem = caught.value.problems[0]
    assert problem.code == "CR701"
    assert problem.hint.startswith("did you mean 'ACEScg'")
    with pytest.raises(ColourError, match="purposes: srgb-texture"):
        resolve("ACEScg", config="nuke-default")


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("ACES 1.2", "aces_1.2"),
        ("ACES 1.3", ACES_13),
        ("studio-config-v1.0.0_aces-v1.3_ocio-v2.1", ACES_13),
        ("fn-nuke_cg-config-v2.2.0_aces-v1.3", "fn-nuke_cg-config-v2.2.0_aces-v1.3_ocio-v2.4"),
    ],
)
def test_other_spellings_of_a_config(typed, full):
    assert find_config(typed).name == full


def test_a_custom_config_keeps_names_but_refuses_unsafe_ones():
    config = "grades/show.ocio"
    for name, written in (("Show Film Log",) * 2, ("Utility - sRGB - Color Picking", "color_picking")):
        found = resolve(name, config=config)
        assert (found.name, found.token) == (written, written)
    assert engine_config(config) is None
    for name in ("[exec ls]", "a\nb", "$HOME", "x{y}", "a;b", 'a"b', "", "a\\b", "`ls`", "x" * 201):
        with pytest.raises(ColourError, match="CR705"):
            resolve(name, config=config)


@pytest.mark.parametrize("config", ["custom", "aces_1.4", "ACES"])
def test_an_unknown_config_is_refused(config):
    with pytest.raises(ColourError, match="CR702"):
        find_config(config)
