"""The whole: stage scripts, files, leaks, versions, domains, augmentation, size, determinism."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.graph import EvaluatedText, Graph
from chroma_recovery.graph.checks import check
from chroma_recovery.graph.layout import box_of, overlaps
from chroma_recovery.nk import read, write
from chroma_recovery.preset import model as m
from chroma_recovery.stages import Recovery

Built = Callable[..., Recovery]
ODT = m.Colour(domain="aces-odt", read="ACES2065-1")
VERSIONS = ("15.0", "15.1", "16.0", "16.1", "17.0")
KINDS: dict[str, dict[str, Any]] = {
    "default": {},
    "one pair": {"pairs": 1, "training": m.Training(batch=1)},
    "sequence": {"pairs": 33, "training": m.Training(batch=1, steps=11000)},
    "log": {"colour": m.Colour(domain="log")},
    "aces-odt": {"colour": ODT},
    "aces_1.2": {"colour": m.Colour(config="aces_1.2", domain="log")},
    "augmented": {"training": m.Training(augmentation=m.Augmentation(True, 8.0, 0.02, 0.1))},
    "bare": {
        "validation": m.Validation(False, False),
        "hold_out": m.HoldOut(0.0),
        "training": m.Training(median=0),
    },
    "seeded": {"training": m.Training(seed=7, learning_rate=0.0002, resume=True)},
    "zip, tiled": {
        "inference": m.Inference(tile="1024", write=m.WriteSettings("ZIP"), crop=(10, 20, 4000, 3000))
    },
    "nested folder": {"output": m.Output("work/pipeline")},
    "non-commercial": {"nuke": m.Nuke("16.0", "non-commercial")},
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(KINDS[request.param])


def backdrop_of(graph: Graph, name: str) -> list[str]:
    box = box_of(graph, name)
    return [
        b.name
        for b in graph.of_class("BackdropNode")
        if b.name != "Backdrop_recovery" and box_of(graph, b.name).holds(box)
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_nuke_knows_every_node_and_knob(built: Built, kind: dict[str, Any], version: str) -> None:
    recovery = built(**{"nuke": m.Nuke(version), **kind})
    for path, graph in recovery.files.items():
        assert [str(p) for p in check(graph)] == [], path


def test_scripts_read_back_as_they_were(built: Built, kind: dict[str, Any]) -> None:
    for graph in built(**kind).files.values():
        assert read(write(graph)) == graph


def test_nothing_overlaps_and_every_node_has_its_backdrop(built: Built, kind: dict[str, Any]) -> None:
    graph = built(**kind).graph
    assert overlaps(graph) == []
    outside = [
        n.name
        for n in graph
        if n.cls not in ("BackdropNode", "StickyNote") and len(backdrop_of(graph, n.name)) != 1
    ]
    assert outside == []


def test_backdrops_of_stages_1_to_3_lie_in_the_outer_one_and_4_and_5_left_of_it(recovery: Recovery) -> None:
    graph = recovery.graph
    outer = box_of(graph, "Backdrop_recovery")
    inside = [b.name for b in graph.of_class("BackdropNode") if outer.holds(box_of(graph, b.name))]
    assert sorted(inside) == [
        "Backdrop_alignment",
        "Backdrop_recovery",
        "Backdrop_source_dataset",
        "Backdrop_target_dataset",
        "Backdrop_training",
    ]
    assert all(box_of(graph, f"Backdrop_{n}").r < outer.x for n in ("inference", "matchgrade"))


def test_files_are_the_guides(recovery: Recovery) -> None:
    assert list(recovery.files) == [
        "pipeline/sh010.nk",
        "pipeline/01_dataset_curation/sh010.nk",
        "pipeline/02_alignment/sh010.nk",
        "pipeline/03_copycat_training/sh010.nk",
        "pipeline/04_inference_render/sh010_render.nk",
        "pipeline/05_validation/sh010.nk",
    ]


@pytest.mark.parametrize(("folder", "up"), [("pipeline", 1), ("work/pipeline", 2), ("./pipeline", 1)])
def test_project_directory_is_the_out_folder(built: Built, folder: str, up: int) -> None:
    for path, graph in built(output=m.Output(folder)).files.items():
        stage = 0 if path == f"{folder}/sh010.nk" else 1
        found = graph.root["project_directory"]
        assert found == EvaluatedText("[python {nuke.script_directory()}]" + "/.." * (up + stage))


def test_stage_scripts_are_self_contained(built: Built, kind: dict[str, Any]) -> None:
    recovery = built(**kind)
    for name, stage in recovery.stages.items():
        stage.topological()
        lost = [
            n.name
            for n in stage
            if n.clone_of is None
            and n.cls not in ("Read", "BackdropNode", "StickyNote")
            and None in (n.inputs or (None,))
        ]
        assert lost == [], name
        assert stage.root["OCIO_config"] == recovery.graph.root["OCIO_config"]


def test_stage_scripts_hold_their_stage_only(recovery: Recovery) -> None:
    has = {name: {n.cls for n in stage} for name, stage in recovery.stages.items()}
    assert "FrameHold" in has["curation"]
    assert "Transform" not in has["curation"]
    assert "CopyCat" not in has["alignment"]
    assert "Inference" not in has["training"]
    assert not has["inference"] & {"CopyCat", "FrameHold", "MatchGrade"}
    assert not has["validation"] & {"CopyCat", "Inference"}


def test_a_clone_whose_source_is_elsewhere_becomes_a_node(recovery: Recovery) -> None:
    validation = recovery.stages["validation"]
    assert validation.knobs("To_YCbCr") == recovery.graph.knobs("To_YCbCr")
    assert validation["To_YCbCr"].clone_of is None


def test_no_hold_out_frame_reaches_the_training(built: Built, kind: dict[str, Any]) -> None:
    recovery = built(**kind)
    graph, held = recovery.graph, {p.pair.source for p in recovery.plan.hold_outs}
    node = graph[recovery.names.training]
    wanted = {n for n in node.inputs[:2] if n}
    frames, left = set(), list(wanted)
    while left:  # pipes only: a clone shares knobs with its source, not pictures
        current = graph[left.pop()]
        if current.cls == "FrameHold":
            frames.add(graph.knobs(current.name)["firstFrame"])
        left.extend(p for p in graph.pipes(current.name) if p)
    assert frames == {p.pair.source for p in recovery.plan.training}
    assert not frames & held


def test_names_are_in_the_graph(built: Built, kind: dict[str, Any]) -> None:
    import attrs

    recovery = built(**kind)
    named = attrs.asdict(recovery.names).values()
    assert [n for n in named if n is not None and n not in recovery.graph.nodes] == []
    assert recovery.graph[recovery.names.training].cls == recovery.plan.preset.training.node


@pytest.mark.parametrize(
    ("pairs", "batch", "steps", "epochs", "total"),
    [(4, 3, 40000, 30000, 40000), (33, 1, 11000, 334, 11022), (7, 3, 40000, 17143, 40000), (9, 2, 1, 1, 4)],
)
def test_steps_become_epochs(
    built: Built, pairs: int, batch: int, steps: int, epochs: int, total: int
) -> None:
    recovery = built(pairs, training=m.Training(batch=batch, steps=steps), hold_out=m.HoldOut(0.0))
    assert recovery.graph.knobs("CopyCat_training")["epochs"] == epochs
    assert recovery.plan.total_steps == total >= steps
    assert str(recovery.graph.knobs("Inference_recovery")["modelFile"]).endswith(f"sh010_v001.{total}.cat")


def test_augmented_copies_are_paired_and_counted(built: Built) -> None:
    training = m.Training(augmentation=m.Augmentation(flip=True, translate=8.0, scale=0.02, exposure=0.1))
    recovery = built(training=training, crop=m.Crop((664, 360, 4004, 2815)))
    graph = recovery.graph
    reference, source = graph["Augmented_Reference"], graph["Augmented_Source"]
    assert len(reference.inputs) == len(source.inputs) == 8
    for left, right in zip(reference.inputs[1:], source.inputs[1:], strict=True):
        assert graph[right or ""].clone_of == left
    classes = [graph[n or ""].cls for n in reference.inputs]
    assert classes == ["Median", "Mirror2", *["Transform"] * 4, *["Multiply"] * 2]
    exposures = [graph.knobs(n or "")["value"] for n in reference.inputs[6:]]
    assert exposures == [1.1, 0.9]
    assert graph.knobs("Augment_larger")["center"] == (1670, 1227.5)
    assert graph["To_YCbCr"].inputs == ("Augmented_Reference",)
    assert recovery.plan.frames_seen == 32 == len(recovery.plan.training) * training.copies
    assert graph.knobs("CopyCat_training")["epochs"] == 3750


@pytest.mark.parametrize(("domain", "read"), [("log", m.Colour().read), ("aces-odt", "ACES2065-1")])
def test_inference_mirrors_the_training_domain(built: Built, domain: str, read: str) -> None:
    graph = built(colour=m.Colour(domain=domain, read=read)).graph
    into = [n for n in graph if graph.original(n.name).name == "To_training_domain"]
    feeds = {graph[n.inputs[0] or ""].name for n in into}
    assert {"Reference_median", "Live_area", "Preview_frame", "Merge_Original", "Merge_Recovered"} <= feeds
    inference = graph[graph["Inference_recovery"].inputs[0] or ""]
    assert (graph.original(inference.name).name, inference.inputs) == ("To_training_domain", ("Live_area",))
    back = graph[graph["Delivery_format"].inputs[0] or ""]
    assert (back.name, back.inputs) == ("From_training_domain", ("Inference_recovery",))
    there, home = graph.knobs("To_training_domain"), graph.knobs("From_training_domain")
    if domain == "log":
        assert there == {"in_colorspace": "ACEScg", "out_colorspace": "ACEScct"}
        assert home == {"in_colorspace": "ACEScct", "out_colorspace": "ACEScg"}
    else:
        assert (there["display"], there["view"]) == ("Rec.1886 Rec.709 - Display", "ACES 1.0 - SDR Video")
        assert home == {**there, "invert": True}
    assert graph.knobs("To_YCbCr") == {"colorspace_in": "sRGB", "colorspace_out": "YCbCr"}


def test_display_domain_adds_nothing(recovery: Recovery) -> None:
    assert recovery.graph.of_class("OCIOColorSpace", "OCIODisplay") == []


@pytest.mark.parametrize(
    ("version", "knob"), [("12.2", "first_frame"), ("15.1", "firstFrame"), ("17.0", "firstFrame")]
)
def test_frame_hold_is_spelled_for_the_version(built: Built, version: str, knob: str) -> None:
    graph = built(nuke=m.Nuke(version)).graph
    assert graph.knobs("Source_pair_01")[knob] == 471


def test_hidden_knobs_only_where_known(built: Built) -> None:
    asked = m.Training(learning_rate=0.0002, seed=7)
    old = built(training=asked, nuke=m.Nuke("15.1"))
    new = built(training=asked, nuke=m.Nuke("17.0"))
    assert not {"learningRate", "seed"} & set(old.graph.knobs("CopyCat_training"))
    assert [w.code for w in old.warnings] == ["CR427", "CR427"]
    assert (
        new.graph.knobs("CopyCat_training")["learningRate"],
        new.graph.knobs("CopyCat_training")["seed"],
    ) == (0.0002, 7)
    assert new.warnings == ()
    assert old.graph["CopyCat_training"].user("cr_seed") == 7


def test_bigcat_takes_validation_pipes_and_flips_by_itself(built: Built) -> None:
    training = m.Training(node="BigCat", augmentation=m.Augmentation(flip=True))
    graph = built(training=training, nuke=m.Nuke("17.0")).graph
    node = graph["BigCat_training"]
    assert node.inputs == (
        "Training_Input",
        "Training_GroundTruth",
        "Validation_Input",
        "Validation_GroundTruth",
        "Preview_frame",
    )
    assert (node.knobs["useTransformAugmentation"], node.knobs["flopProbability"]) == (True, 0.5)
    assert "Augmented_Source" not in graph.nodes
    assert not [k for k in node.knobs if k.startswith(("gain", "contrast", "saturation"))]


def test_manual_keys_and_crop_keys(built: Built) -> None:
    keys = (m.AlignmentKey(478, (3.5, -2.0), (1.01, 1.02), 0.5),)
    crops = (m.CropKey(485, (700, 360, 4040, 2815)),)
    recovery = built(alignment=m.Alignment(keys=keys), crop=m.Crop((664, 360, 4004, 2815), crops))
    graph = recovery.graph

    def values(name: str, knob: str, component: int | None = None) -> list[float]:
        value: Any = graph.knobs(name)[knob]
        curve = value if component is None else value[component]
        return [key.value for key in curve.keys]

    assert values("Align_path", "which") == [0, 1, 0, 0, 0]
    assert values("Align_manual", "translate", 0) == [0, 3.5, 0, 0, 0]
    assert values("Align_manual", "scale", 1) == [1, 1.02, 1, 1, 1]
    assert values("Align_manual", "rotate") == [0, 0.5, 0, 0, 0]
    assert values("Shared_crop", "box", 0) == [664, 664, 664, 664, 700]


def test_perspective_is_keyed_on_a_corner_pin(built: Built) -> None:
    assert "Align_corners" not in built().graph.nodes
    bent = (1.5, 2.0, 4090.0, -3.0, 4100.0, 3071.0, 0.5, 3075.0)
    keys = (m.AlignmentKey(478, corners=bent), m.AlignmentKey(485, (3.5, -2.0)))
    graph = built(alignment=m.Alignment(keys=keys)).graph
    pin = graph["Align_corners"]
    assert pin.inputs == ("Align_manual",) and graph["Align_path"].inputs[1] == "Align_corners"
    knobs: Any = graph.knobs("Align_corners")
    still = ((0, 0), (4096, 0), (4096, 3072), (0, 3072))
    for n, corner in enumerate(still):
        assert knobs[f"from{n + 1}"] == corner
        for axis in (0, 1):
            rest, moved = corner[axis], bent[2 * n + axis]
            assert [k.value for k in knobs[f"to{n + 1}"][axis].keys] == [rest, moved, rest, rest, rest]
    assert len([n for n in graph if n.clone_of == "Align_corners"]) == 1  # the hold-outs


def test_bypassed_crop_and_given_region(built: Built) -> None:
    region = m.FAlign(region=(889.6, 457.2, 3766.4, 2618.8))
    recovery = built(crop=m.Crop(enabled=False), alignment=m.Alignment(f_align=region))
    assert recovery.graph.knobs("Shared_crop")["disable"] is True
    assert recovery.graph.knobs("Align_auto")["regionTR"] == (3766.4, 2618.8)
    assert [w.code for w in recovery.warnings] == ["CR423"]


def test_references_of_another_size_are_reformatted(built: Built) -> None:
    smaller = m.Reference("r.####.exr", 471, 500, format=m.Format(1920, 1080))
    recovery = built(reference=smaller)
    assert recovery.graph["Reference_one_frame"].inputs == ("Reference_to_Source_size",)
    assert "CR426" in [w.code for w in recovery.warnings]


def test_a_sequence_of_1493_pairs_is_built_without_overlaps(built: Built) -> None:
    recovery = built(1493)
    assert len(recovery.graph.of_class("FrameHold")) == 2 * 1493 + 1
    assert overlaps(recovery.graph) == []
    block = box_of(recovery.graph, "Backdrop_source_dataset")
    assert block.width < 3 * block.height
    assert all(len(g.topological()) == len(g) for g in recovery.files.values())


def test_the_same_preset_gives_the_same_bytes(built: Built, kind: dict[str, Any]) -> None:
    first, second = built(**kind), built(**kind)
    assert {p: write(g) for p, g in first.files.items()} == {p: write(g) for p, g in second.files.items()}


def test_text_of_the_user_stays_plain_text(built: Built) -> None:
    hostile = '[python {nuke.scriptClear()}] <img src="x"> $a "}\\'
    told = m.Documentation(stock=hostile, caveats=hostile)
    graph = built([m.Pair(471 + n, note=hostile) for n in range(5)], documentation=told).graph
    for node in graph:
        for name, value in node.knobs.items():
            assert not isinstance(value, EvaluatedText), (node.name, name)
    label = str(graph.knobs("Source_pair_01")["label"])
    assert "[python" in label
    assert "<" not in label
    assert read(write(graph)) == graph


frames = st.lists(st.integers(-5000, 200000), min_size=1, max_size=30, unique=True)
boxes = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1000, 4096), st.integers(1000, 3072))


@settings(max_examples=40, deadline=None)
@given(
    numbers=frames,
    notes=st.text(max_size=60),
    augmentation=st.builds(
        m.Augmentation, st.booleans(), st.sampled_from((0.0, 4.0)), st.sampled_from((0.0, 0.02))
    ),
    domain=st.sampled_from(("display", "log", "aces-odt")),
    box=st.none() | boxes,
    version=st.sampled_from(VERSIONS),
    share=st.sampled_from((0.0, 0.2, 0.5)),
)
def test_any_preset_makes_a_sound_graph(
    built: Built,
    numbers: list[int],
    notes: str,
    augmentation: m.Augmentation,
    domain: str,
    box: tuple[int, int, int, int] | None,
    version: str,
    share: float,
) -> None:
    colour = ODT if domain == "aces-odt" else m.Colour(domain=domain)
    recovery = built(
        [m.Pair(n, note=notes) for n in numbers],
        source=m.Clip("s.####.exr", min(numbers), max(numbers)),
        training=m.Training(batch=1, augmentation=augmentation),
        colour=colour,
        crop=m.Crop(box),
        nuke=m.Nuke(version),
        hold_out=m.HoldOut(share),
    )
    assert [p for p in check(recovery.graph) if p.severity == "error"] == []
    assert overlaps(recovery.graph) == []
    for graph in recovery.stages.values():
        assert len(graph.topological()) == len(graph)
    assert read(write(recovery.graph)) == recovery.graph


def test_single_nodes_of_other_stages_stand_near(recovery: Recovery) -> None:
    for name, stage in recovery.stages.items():
        assert overlaps(stage) == [], name
    stage = recovery.stages["inference"]
    backdrop = box_of(stage, "Backdrop_inference")
    assert 0 < backdrop.x - box_of(stage, "Source").r < 400
    assert box_of(stage, "Title_recovery").x == backdrop.x


def test_the_two_dataset_backdrops_are_level(built: Built, kind: dict[str, Any]) -> None:
    graph = built(**kind).graph
    target, source = (box_of(graph, f"Backdrop_{n}_dataset") for n in ("target", "source"))
    assert (target.y, target.b) == (source.y, source.b)
    assert target.b < box_of(graph, "Backdrop_alignment").y
