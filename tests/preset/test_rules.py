"""Rules about several fields together: each has its code, its field and its severity."""

from __future__ import annotations

import pytest
from preset_making import BASE, with_field

from chroma_recovery.errors import PresetError, Problem
from chroma_recovery.preset import loads
from chroma_recovery.preset.codes import CODES


def found(text: str) -> tuple[Problem, ...]:
    try:
        return loads(text).warnings
    except PresetError as error:
        return error.problems


def clip(**changes: str) -> str:
    """BASE with other Source or Reference values, given as ``reference_fps="25"``."""
    text = BASE
    for name, value in changes.items():
        branch, field = name.split("_", 1)
        start = text.index(f"{branch}: {{")
        line = text[start : text.index("\n", start)]
        parts = [p for p in line[len(branch) + 3 : -1].split(", ") if not p.startswith(f"{field}:")]
        text = text.replace(line, f"{branch}: {{{', '.join([*parts, f'{field}: {value}'])}}}")
    return text


def pairs(text: str) -> str:
    return BASE.replace("[1, 20, 40, 60, 80]", text)


CUSTOM = with_field("colour.config", "my.ocio")
ERRORS = [
    (clip(source_last="0"), "CR120", "source.last"),
    (clip(reference_last="9999999", reference_first="-9999999"), "CR120", "reference.last"),
    (clip(reference_path="a/source.####.exr"), "CR121", "reference.path"),
    (clip(reference_kind="constructed"), "CR125", "reference.citation"),
    (pairs("[1, 20, 40, 60, 180]"), "CR130", "pairs[4].source"),
    (pairs("[1, 20, 40, 60, {source: 80, reference: 180}]"), "CR130", "pairs[4].reference"),
    (pairs("[1, 20, 40, 60, 20]"), "CR131", "pairs[4].source"),
    (pairs("[1, 20, 40, 60, {source: 20, hold_out: true}]"), "CR131", "pairs[4].source"),
    (pairs("[1]"), "CR132", "pairs"),
    (pairs("[]"), "CR132", "pairs"),
    (pairs("[1, {source: 20, hold_out: true}]"), "CR132", "pairs"),
    (with_field("training.batch", "5"), "CR140", "training.batch"),
    (with_field("training.node", "BigCat"), "CR141", "training.node"),
    (with_field("training.initial_weights", "Checkpoint"), "CR145", "training.checkpoint"),
    (with_field("training.preview", "101"), "CR146", "training.preview"),
    (with_field("colour.working", "srgb-texture"), "CR151", "colour.working"),
    (with_field("colour.domain", "aces-odt"), "CR154", "colour.read"),
    (CUSTOM + "  domain: aces-odt\n", "CR152", "colour.domain"),
    (with_field("nuke.version", "12.2"), "CR160", "nuke.version"),
    (with_field("nuke.version", "18.0"), "CR160", "nuke.version"),
    (with_field("nuke.version", "latest"), "CR113", "nuke.version"),
    (with_field("crop.keys", "[{pair: 21, box: [0, 0, 9, 9]}]"), "CR170", "crop.keys[0].pair"),
    (with_field("alignment.keys", "[{pair: 2}]"), "CR170", "alignment.keys[0].pair"),
    (with_field("alignment.keys", "[{pair: 20}, {pair: 20}]"), "CR171", "alignment.keys[1].pair"),
    (with_field("alignment.keys", "[{pair: 20, scale: [1, 0]}]"), "CR172", "alignment.keys[0].scale"),
    (with_field("crop.box", "[100, 100, 100, 200]"), "CR174", "crop.box"),
    (with_field("inference.crop", "[0, 300, 100, 200]"), "CR174", "inference.crop"),
    (with_field("alignment.f_align.region", "[9, 9, 1, 1]"), "CR174", "alignment.f_align.region"),
    (with_field("inference.first", "0"), "CR176", "inference.first"),
    (with_field("inference.first", "60") + "  last: 50\n", "CR176", "inference.last"),
    (with_field("inference.tile", "1024") + "  tile_overlap: 512\n", "CR177", "inference.tile_overlap"),
    (
        with_field("alignment.keys", "[{pair: 20, corners: [0, 0, 100, 90, 100, 0, 0, 90]}]"),
        "CR179",
        "alignment.keys[0].corners",
    ),
    (with_field("output.folder", "../elsewhere"), "CR178", "output.folder"),
    (with_field("output.folder", "/tmp/x"), "CR178", "output.folder"),
    (with_field("output.folder", "C:/x"), "CR178", "output.folder"),
    (with_field("output.folder", "a/####"), "CR178", "output.folder"),
    (BASE.replace("shot: sh010", "shot: NUL"), "CR113", "shot"),
    (with_field("colour.read", "Utility - sRGB"), "CR701", "colour.read"),
    (with_field("colour.delivery", "ACES2065-2"), "CR701", "colour.delivery"),
    (with_field("colour.config", "aces_9.9"), "CR702", "colour.config"),
    (with_field("colour.view", "ACES 3.0"), "CR704", "colour.view"),
    (with_field("colour.read", "'[exec ls]'"), "CR705", "colour.read"),
]
WARNINGS = [
    (clip(reference_fps="25"), "CR122", "reference.fps"),
    (clip(reference_last="99"), "CR122", "reference.last"),
    (clip(source_path="a/source.exr"), "CR123", "source.path"),
    (clip(reference_kind="constructed", reference_citation="x"), "CR126", "documentation.assumptions"),
    (pairs("[1, 20, 40]") + "training: {batch: 2}\n", "CR133", "pairs"),
    (pairs(str(list(range(1, 11)))), "CR133", "pairs"),
    (with_field("scope", "scene"), "CR133", "pairs"),
    (with_field("hold_out.share", "0.4"), "CR134", "hold_out.share"),
    (with_field("training.steps", "100"), "CR142", "training.steps"),
    (with_field("training.steps", "1000000"), "CR142", "training.steps"),
    (with_field("training.patch", "256"), "CR143", "training.patch"),
    (with_field("training.checkpoint_every", "50000"), "CR144", "training.checkpoint_every"),
    (with_field("training.checkpoint", "a.cat"), "CR145", "training.checkpoint"),
    (with_field("training.preview", "20"), "CR147", "training.preview"),
    (with_field("colour.read", "matte_paint"), "CR150", "colour.read"),
    (with_field("colour.domain", "log"), "CR155", "colour.domain"),
    (with_field("colour.config", "cg-config-v2.2.0_aces-v1.3_ocio-v2.4"), "CR156", "colour.config"),
    (with_field("nuke.version", "14.1"), "CR160", "nuke.version"),
    (
        with_field(
            "alignment.f_align", "{translate: false, scale: false, rotate: false, perspective: false}"
        ),
        "CR173",
        "alignment.f_align",
    ),
]


@pytest.mark.parametrize(("text", "code", "field"), ERRORS)
def test_errors(text, code, field):
    (problem,) = [p for p in found(text) if p.severity == "error"]
    assert (problem.code, problem.message.split(":")[0]) == (code, field)


@pytest.mark.parametrize(("text", "code", "field"), WARNINGS)
def test_warnings(text, code, field):
    (problem,) = loads(text).warnings
    assert (problem.code, problem.message.split(":")[0], problem.severity) == (code, field, "warning")


def test_every_rule_has_a_test():
    tested = {code for _, code, _ in (*ERRORS, *WARNINGS)}
    rules = {c for c in CODES if c[:4] in ("CR12", "CR13", "CR14", "CR15", "CR16", "CR17", "CR70")}
    advice = {f"CR{n}" for n in range(161, 170)}  # test_lint.py
    assert rules - tested - advice == {"CR124", "CR153", "CR175"}  # below


def test_boxes_stay_inside_a_known_format():
    text = clip(source_format="{width: 200, height: 100}")
    assert found(text + "crop: {box: [0, 0, 200, 100]}\n") == ()
    (problem,) = found(text + "crop: {box: [0, 0, 200, 101]}\n")
    assert problem.code == "CR175"


def test_pixel_aspects_that_differ():
    text = clip(
        source_format="{width: 9, height: 9}", reference_format="{width: 9, height: 9, pixel_aspect: 2}"
    )
    (problem,) = found(text)
    assert (problem.code, problem.severity) == ("CR124", "warning")


@pytest.mark.parametrize(
    "read", ["ACES2065-1", "ACES - ACEScg", "aces_interchange", "scene_linear", "lin_rec709"]
)
def test_the_naive_linear_clamp_is_refused_with_the_reason(read):
    (problem,) = found(with_field("colour.read", read))
    assert problem.code == "CR153"
    assert "crushes highlights and harms chroma mapping" in problem.message
    assert "apply the ODT before training" in problem.hint


def test_an_inverse_output_transform_is_the_naive_clamp_too():
    text = with_field("colour.config", "aces_1.2")
    assert found(text) == ()
    codes = {p.code for p in found(text + "  read: color_picking\n")}
    assert codes == {"CR153"}


def test_masters_through_the_odt_and_in_log_are_choices():
    assert found(with_field("colour.read", "ACES2065-1") + "  domain: aces-odt\n") == ()
    assert [p.code for p in found(with_field("colour.read", "ACES2065-1") + "  domain: log\n")] == ["CR155"]


def test_copies_count_for_the_batch():
    text = with_field("training.batch", "8")
    assert [p.code for p in found(text)] == ["CR140"]
    assert found(text + "  augmentation: {flip: true}\n") == ()


def test_shares_are_judged_by_whole_pairs():
    seven = "[1, 20, 40, 60, 80, 90, {source: 95, hold_out: true}]"  # 1 of 7 is 14 %, the nearest there is
    assert found(pairs(seven)) == ()
    held = ", ".join(f"{{source: {n}, hold_out: true}}" for n in (60, 80, 90))
    half = f"[1, 20, 40, {held}]"
    assert [p.code for p in found(pairs(half))] == ["CR134"]


def test_rules_that_depend_on_a_broken_field_stay_silent():
    text = BASE.replace("last: 100}\nreference", "last: 1_00}\nreference")
    assert [p.code for p in found(text)] == ["CR109"]
    text = (
        BASE.replace("[1, 20, 40, 60, 80]", "[1, 20, x, 60, 80]")
        + "crop: {keys: [{pair: 40, box: [0, 0, 9, 9]}]}\n"
    )
    assert [p.code for p in found(text)] == ["CR109"]


def test_a_rule_points_at_the_nearest_line_when_the_field_is_a_default():
    with pytest.raises(PresetError) as caught:
        loads(with_field("training.initial_weights", "Checkpoint"), "p.yaml")
    assert caught.value.problems[0].place == "p.yaml:6:3"
