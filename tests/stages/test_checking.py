"""What is refused, and what is warned of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chroma_recovery.errors import StageError
from chroma_recovery.headers import PictureSize
from chroma_recovery.preset import model as m
from chroma_recovery.stages import ProjectPaths, Recovery

Built = Callable[..., Recovery]


def refused(built: Built, **more: Any) -> list[str]:
    with pytest.raises(StageError) as caught:
        built(**more)
    return [p.code for p in caught.value.problems]


def warned(built: Built, **more: Any) -> list[str]:
    found = built(**more).warnings
    assert all(w.severity == "warning" for w in found)
    return [w.code for w in found]


def test_a_source_of_unknown_size(built: Built) -> None:
    assert refused(built, paths=ProjectPaths("s.####.exr", "r.####.exr")) == ["CR401"]
    given = m.Clip("s.####.exr", 471, 520, format=m.Format(2048, 1556))
    recovery = built(source=given, paths=ProjectPaths("s.####.exr", "r.####.exr"))
    assert recovery.graph.root["format"] == "2048 1556 0 0 2048 1556 1 "


def test_the_presets_format_wins(built: Built) -> None:
    given = m.Clip("s.####.exr", 471, 520, format=m.Format(2048, 1556, 2.0))
    recovery = built(source=given)
    assert recovery.graph.knobs("Source")["format"] == "2048 1556 0 0 2048 1556 2 "


def test_no_pair_left(built: Built) -> None:
    assert refused(built, pairs=[m.Pair(471, hold_out=True)]) == ["CR402"]


def test_batch_larger_than_the_pairs(built: Built) -> None:
    assert refused(built, training=m.Training(batch=5)) == ["CR403"]
    assert built(training=m.Training(batch=4)).plan.epochs == 40000
    assert built(training=m.Training(batch=5, augmentation=m.Augmentation(flip=True))).plan.epochs == 25000


def test_bigcat_needs_its_version_and_hold_outs(built: Built) -> None:
    training = m.Training(node="BigCat")
    assert refused(built, training=training, nuke=m.Nuke("16.0")) == ["CR404"]
    assert refused(built, training=training, nuke=m.Nuke("16.1"), hold_out=m.HoldOut(0.0)) == ["CR405"]
    assert built(training=training, nuke=m.Nuke("16.1")).names.training == "BigCat_training"


@pytest.mark.parametrize("read", ["ACES2065-1", "ACES - ACEScg", "scene_linear", "aces_interchange"])
def test_the_naive_linear_clamp(built: Built, read: str) -> None:
    with pytest.raises(StageError, match="crushes highlights") as caught:
        built(colour=m.Colour(read=read))
    assert [p.code for p in caught.value.problems] == ["CR406"]


def test_an_inverse_output_transform_is_unbounded_too(built: Built) -> None:
    assert refused(built, colour=m.Colour(config="aces_1.2", read="color_picking")) == ["CR406"]
    plain = built(colour=m.Colour(config="aces_1.2")).graph
    assert plain.knobs("Source")["colorspace"] == "Utility - sRGB - Texture"


def test_aces_odt_wants_aces_masters_and_an_output_transform(built: Built) -> None:
    assert refused(built, colour=m.Colour(domain="aces-odt")) == ["CR407"]
    plain = m.Colour("nuke-default", "linear", "default", "rec709", "linear", "aces-odt", "linear")
    assert refused(built, colour=plain) == ["CR407"]
    custom = m.Colour(config="/show/config.ocio", domain="aces-odt", read="ACES2065-1")
    assert refused(built, colour=custom) == ["CR410"]


def test_keys_of_unknown_pairs(built: Built) -> None:
    crop = m.Crop(keys=(m.CropKey(9, (0, 0, 10, 10)),))
    alignment = m.Alignment(keys=(m.AlignmentKey(478), m.AlignmentKey(8)))
    with pytest.raises(StageError) as caught:
        built(crop=crop, alignment=alignment)
    assert [(p.code, p.place) for p in caught.value.problems] == [
        ("CR408", "alignment.keys[1].pair"),
        ("CR408", "crop.keys[0].pair"),
    ]


def test_empty_boxes_and_everything_at_once(built: Built) -> None:
    found = refused(
        built,
        crop=m.Crop((5, 5, 5, 9)),
        inference=m.Inference(crop=(0, 10, 20, 10)),
        training=m.Training(batch=99),
        colour=m.Colour(read="ACEScg"),
    )
    assert found == ["CR403", "CR406", "CR409", "CR409"]


def test_a_plain_preset_has_no_warning(built: Built) -> None:
    assert warned(built) == []


def test_patch_larger_than_the_picture(built: Built) -> None:
    box, live = (0, 0, 300, 2000), m.Inference(crop=(0, 0, 400, 2000))
    recovery = built(crop=m.Crop(box), inference=live)
    assert [w.code for w in recovery.warnings] == ["CR421"]
    assert "use patch 256" in recovery.warnings[0].hint


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"crop": m.Crop(keys=(m.CropKey(471, (0, 0, 4000, 3000)),))}, "CR422"),
        ({"crop": m.Crop(enabled=False)}, "CR423"),
        ({"crop": m.Crop((10, 10, 4000, 3000))}, "CR424"),
        ({"hold_out": m.HoldOut(0.0)}, "CR425"),
        ({"reference": m.Reference("r.####.exr", 471, 520, format=m.Format(720, 576))}, "CR426"),
        ({"training": m.Training(seed=1)}, "CR427"),
        ({"inference": m.Inference(tile="2048")}, "CR428"),
        ({"nuke": m.Nuke("15.1", "non-commercial")}, "CR429"),
        ({"source": m.Clip("s.####.exr", 471, 900), "inference": m.Inference(trial=430)}, "CR430"),
        ({"pairs": 9, "training": m.Training(batch=1, steps=10)}, "CR431"),
    ],
)
def test_warnings(built: Built, more: dict[str, Any], code: str) -> None:
    assert warned(built, **more) == [code]


def test_region_is_the_middle_of_the_picture_less_what_the_crop_removes(built: Built) -> None:
    crop = m.Crop((1000, 0, 4096, 2000))
    plan = built(crop=crop, inference=m.Inference(crop=(1000, 0, 4096, 2000))).plan
    assert plan.region == (1000, 460.8, 3481.6, 2000)


def test_sizes_without_files_need_no_reference_size(built: Built) -> None:
    paths = ProjectPaths("s.####.exr", "r.####.exr", PictureSize(1920, 1080))
    assert built(paths=paths).plan.reference_size == PictureSize(1920, 1080)


def test_delivery_keeps_the_pixels_of_the_live_area(built: Built) -> None:
    graph = built(inference=m.Inference(crop=(10, 20, 4010, 3020))).graph
    assert graph.knobs("Delivery_format")["format"] == "4000 3000 0 0 4000 3000 1 "
    assert graph.knobs("Recovered")["format"] == "4000 3000 0 0 4000 3000 1 "
    asked = built(inference=m.Inference(crop=(10, 20, 4010, 3020), format=m.Format(1920, 1080))).graph
    assert asked.knobs("Delivery_format")["format"] == "1920 1080 0 0 1920 1080 1 "
