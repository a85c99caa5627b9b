"""Node by node: wiring and knobs as in the author's graph."""

from __future__ import annotations

import re

import pytest

from chroma_recovery.graph import Curve, Graph, Key
from chroma_recovery.stages import Recovery


@pytest.fixture
def graph(recovery: Recovery) -> Graph:
    return recovery.graph


def source_of(graph: Graph, name: str) -> str:
    return graph.original(name).name


def fed_by(graph: Graph, name: str) -> str:
    (only,) = graph[name].inputs
    assert only is not None
    return only


def test_reads_have_the_same_ingest(graph: Graph) -> None:
    source, reference = graph.knobs("Source"), graph.knobs("Reference")
    assert {k for k in source if source[k] != reference[k]} == {"file"}
    assert source["colorspace"] == "color_picking"
    assert (source["on_error"], source["before"], source["after"]) == ("error", "hold", "hold")
    assert (source["first"], source["last"], source["origfirst"], source["origlast"]) == (471, 500, 471, 500)
    assert source["format"] == "4096 3072 0 0 4096 3072 1 "
    assert source["origset"] is True
    assert "auto_alpha" not in source


def test_project_settings(graph: Graph) -> None:
    root = graph.root
    assert root["OCIO_config"] == "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
    assert (root["colorManagement"], root["workingSpaceLUT"]) == ("OCIO", "scene_linear")
    assert (root["int8Lut"], root["int16Lut"], root["logLut"]) == (
        "matte_paint",
        "texture_paint",
        "compositing_log",
    )
    assert (root["first_frame"], root["last_frame"], root["fps"]) == (471, 500, 24)
    assert root["monitorLut"] == "ACES 1.0 - SDR Video (Rec.1886 Rec.709 - Display)"


@pytest.mark.parametrize("branch", ["Source", "Reference"])
def test_dataset_of_a_branch(graph: Graph, branch: str) -> None:
    end = graph[f"{branch}_dataset"]
    assert (end.cls, end.inputs) == ("AppendClip", (f"{branch}_dataset_staging",))
    staging = graph[f"{branch}_dataset_staging"]
    assert [graph.knobs(h or "")["firstFrame"] for h in staging.inputs] == [471, 478, 492, 499]
    for hold in staging.inputs:
        assert graph[hold or ""].cls == "FrameHold"
        one = graph[fed_by(graph, hold or "")]
        assert (one.cls, one.knobs) == ("FrameRange", {"first_frame": 1, "last_frame": 1})
        assert fed_by(graph, one.name) == branch


@pytest.mark.parametrize("branch", ["Source", "Reference"])
def test_hold_outs_have_their_own_clip_that_goes_on_counting(graph: Graph, branch: str) -> None:
    staging = graph[fed_by(graph, f"{branch}_validation")]
    assert [graph.knobs(h or "")["firstFrame"] for h in staging.inputs] == [485]
    assert staging.knobs["firstFrame"] == graph.knobs(f"{branch}_validation")["firstFrame"] == 5


def test_alignment_wiring(graph: Graph) -> None:
    align = graph["Align_auto"]
    assert align.cls == "OFXuk.co.thefoundry.furnace.f_align_v403"
    src, ref = align.inputs
    assert (fed_by(graph, src or ""), fed_by(graph, ref or "")) == ("Reference_dataset", "Source_dataset")
    assert graph["Align_manual"].inputs == (src,)
    assert graph["Align_path"].inputs == ("Align_auto", "Align_manual")
    assert graph["Align_difference"].inputs == (ref, "Align_path")
    assert graph.knobs("Align_difference")["operation"] == "difference"
    assert graph["Shared_crop"].inputs == ("Align_path",)


def test_f_align_knobs(graph: Graph) -> None:
    knobs = graph.knobs("Align_auto")
    assert all(knobs[k] is True for k in ("translate", "scale", "rotate", "perspective", "renderOn"))
    assert (knobs["range"], knobs["accuracy"], knobs["filtering"]) == ("Current Frame", 1, "High")
    assert (knobs["regionBL"], knobs["regionTR"]) == ((614.4, 460.8), (3481.6, 2611.2))


def test_manual_path_and_dissolve_carry_a_key_for_every_pair(graph: Graph) -> None:
    knobs = graph.knobs("Align_manual")
    assert (knobs["filter"], knobs["black_outside"], knobs["center"]) == ("Lanczos6", True, (2048, 1536))
    which = graph.knobs("Align_path")["which"]
    assert which == Curve(tuple(Key(n, 0, "constant") for n in range(1, 6)))
    for vector, rest in (("translate", 0), ("scale", 1)):
        held = Curve(tuple(Key(n, rest, "constant") for n in range(1, 6)))
        assert knobs[vector] == (held, held)


def test_shared_crop(graph: Graph) -> None:
    knobs = graph.knobs("Shared_crop")
    assert (knobs["box"], knobs["reformat"], knobs["crop"], knobs["softness"]) == (
        (0, 0, 4096, 3072),
        True,
        False,
        0,
    )
    assert "disable" not in knobs
    clones = [n for n in graph if n.clone_of == "Shared_crop"]
    assert [fed_by(graph, n.name) for n in clones] == ["Align_path~2", "Training_Source", "Validation_Source"]


def test_ground_truth_column(graph: Graph) -> None:
    column, name = [], "Training_GroundTruth"
    while name != "Shared_crop":
        column.append(graph[name].cls)
        name = graph[name].inputs[0] or ""
    assert column[::-1] == [
        "PostageStamp",
        "Median",
        "Colorspace",
        "Shuffle2",
        "Colorspace",
        "Grade",
        "Remove",
    ]
    assert graph["CopyCat_training"].inputs[1] == "Training_GroundTruth"


def test_input_column(graph: Graph) -> None:
    column, name = [], graph["CopyCat_training"].inputs[0] or ""
    assert graph[name].inputs[1] == "Training_GroundTruth"
    while name != "Source_dataset":
        column.append(graph[name].cls)
        name = graph[name].inputs[0] or ""
    assert column[::-1] == [
        "PostageStamp",
        "Crop",
        "Colorspace",
        "Dot",
        "Colorspace",
        "Grade",
        "Remove",
        "CopyBBox",
    ]


def test_input_makes_the_same_round_trip_through_clones(graph: Graph) -> None:
    to_ycbcr, to_rgb = graph.knobs("To_YCbCr"), graph.knobs("To_RGB")
    assert (to_ycbcr["colorspace_in"], to_ycbcr["colorspace_out"]) == ("RGB", "YCbCr")
    assert (to_rgb["colorspace_in"], to_rgb["colorspace_out"]) == ("YCbCr", "RGB")
    assert source_of(graph, fed_by(graph, "Source_YCbCr")) == "To_YCbCr"
    assert source_of(graph, fed_by(graph, "Clamp_Input")) == "To_RGB"
    assert fed_by(graph, fed_by(graph, "Clamp_Input")) == "Source_YCbCr"


def test_shuffle_takes_luma_from_the_source_and_chroma_from_the_reference(graph: Graph) -> None:
    reference, source = graph["Chroma_from_Reference"].inputs
    assert "Reference_median" in graph.upstream([reference or ""])
    assert source == "Source_YCbCr"
    knobs = graph.knobs("Chroma_from_Reference")
    assert (knobs["fromInput1"], knobs["fromInput2"], knobs["in1"], knobs["in2"]) == ("B", "A", "rgba", "rgb")
    lines = re.findall(r"(\S+) (-?\d) -?\d (\S+) \d \d", str(knobs["mappings"]))
    assert [(src, int(block), dst) for src, block, dst in lines] == [
        ("rgba.red", 1, "rgba.red"),
        ("rgba.green", 0, "rgba.green"),
        ("rgba.blue", 0, "rgba.blue"),
        ("black", -1, "rgba.alpha"),
    ]


def test_clamps_and_alpha(graph: Graph) -> None:
    for name in ("Clamp_Input", "Clamp_GroundTruth"):
        assert graph.knobs(name) == {"black_clamp": True, "white_clamp": True}
    for name in ("Training_GroundTruth", "Input_no_alpha"):
        assert graph.knobs(name) == {"operation": "remove", "channels": "alpha"}


def test_copycat_of_the_four_pair_shot(graph: Graph) -> None:
    knobs = graph.knobs("CopyCat_training")
    expected = {
        "epochs": 30000,
        "modelSize": "Medium",
        "batchSizeType": "Manual",
        "batchSize": 3,
        "cropSize": "512",
        "checkpointInterval": 10000,
        "imageInterval": 100,
        "useMultiResolution": True,
        "initialWeights": "None",
        "useGPUIfAvailable": True,
        "trainingMode": "Train",
        "dataDirectory": "pipeline/03_copycat_training/sh010",
    }
    assert knobs == expected
    preview = graph[graph["CopyCat_training"].inputs[2] or ""]
    assert (preview.cls, preview.inputs, preview.knobs["firstFrame"]) == ("FrameHold", ("Live_area",), 485)


def test_engine_settings_travel_as_hidden_user_knobs(graph: Graph) -> None:
    node = graph["CopyCat_training"]
    assert node.user("cr_run") == "sh010_v001"
    assert (node.user("cr_schedule"), node.user("cr_warm_up"), node.user("cr_learning_rate")) == (
        "cosine",
        20,
        0.004,
    )
    assert (node.user("cr_validation_input"), node.user("cr_validation_truth")) == (
        "Validation_Input",
        "Validation_GroundTruth",
    )
    assert all("+INVISIBLE" in knob.flags for knob in node.user_knobs)


def test_validation_pair_runs_through_the_same_nodes(graph: Graph) -> None:
    def classes(name: str) -> list[tuple[str, str]]:
        found = []
        while graph[name].inputs and graph[name].cls != "PostageStamp":
            found.append((graph[name].cls, graph[name].clone_of or ""))
            name = graph[name].inputs[0] or ""
        return found[::-1]

    assert classes("Validation_GroundTruth") == [
        ("Median", "Reference_median"),
        ("Colorspace", "To_YCbCr"),
        ("Shuffle2", "Chroma_from_Reference"),
        ("Colorspace", "To_RGB"),
        ("Grade", "Clamp_GroundTruth"),
        ("Remove", "Training_GroundTruth"),
        ("NoOp", ""),
    ]
    assert [cls for cls, clone in classes("Validation_Input") if not clone] == ["Dot", "NoOp"]


def test_inference_branch(graph: Graph) -> None:
    assert fed_by(graph, "Sequence_Source") == "Source"
    assert fed_by(graph, "Live_area") == "Sequence_Source"
    assert fed_by(graph, "Inference_recovery") == "Live_area"
    assert fed_by(graph, "Delivery_format") == "Inference_recovery"
    before = fed_by(graph, "Before")
    assert (source_of(graph, before), fed_by(graph, before)) == ("Delivery_format", "Live_area")
    knobs = graph.knobs("Delivery_format")
    assert (knobs["resize"], knobs["center"], knobs["filter"], knobs["black_outside"]) == (
        "height",
        True,
        "Lanczos6",
        True,
    )
    model = graph.knobs("Inference_recovery")["modelFile"]
    assert model == "pipeline/03_copycat_training/sh010/sh010_v001.40000.cat"
    assert graph["Viewer_recovery"].inputs[:2] == ("Before", "Header_recovered")
    assert fed_by(graph, "Header_recovered") == "Delivery_format"


def test_writes(graph: Graph) -> None:
    full, trial = graph.knobs("Write_recovered"), graph.knobs("Write_trial")
    assert full["file"] == "pipeline/04_inference_render/sh010/sh010_v001_CopyCat40000_####.exr"
    assert "trial" in str(trial["file"])
    assert (full["first"], full["last"], trial["first"], trial["last"]) == (471, 500, 471, 500)
    for knobs in (full, trial):
        assert (knobs["file_type"], knobs["datatype"], knobs["compression"]) == ("exr", "16 bit half", "DWAA")
        assert (knobs["dw_compression_level"], knobs["colorspace"], knobs["render_order"]) == (
            45,
            "ACES2065-1",
            2,
        )
        assert (knobs["create_directories"], knobs["use_limit"]) == (True, True)
    assert graph.knobs("Recovered")["file"] == full["file"]
    assert graph.knobs("Recovered")["colorspace"] == "ACES2065-1"


def test_matchgrade_pair(graph: Graph) -> None:
    source, target = graph["MatchGrade_fit"].inputs
    assert fed_by(graph, fed_by(graph, target or "")) == "Shared_crop"
    assert fed_by(graph, fed_by(graph, source or "")) == "Shared_crop~3"
    assert graph.knobs(source or "")["operation"] == graph.knobs(target or "")["operation"] == "lin2log"
    knobs = graph.knobs("MatchGrade_fit")
    assert (knobs["lutres"], knobs["prelut"], knobs["transform"]) == (64, "Logarithmic", "3D LUT")
    assert (knobs["matchGradeTask"], knobs["analysisType"]) == (
        "Match Graded Source",
        "Analyze Reference Frames",
    )
    frames = knobs["sourceRefFrames"]
    assert isinstance(frames, Curve)
    assert [(k.frame, k.value) for k in frames.keys] == [(n, n) for n in range(1, 5)]
    applied = graph["MatchGrade_fit~2"]
    assert fed_by(graph, fed_by(graph, applied.inputs[0] or "")) == "Source"
    assert applied.inputs[1] == target
    column, name = [], "Write_MatchGrade"
    while name != applied.name:
        column.append((graph[name].cls, source_of(graph, name)))
        name = graph[name].inputs[0] or ""
    assert column == [
        ("Write", "Write_MatchGrade"),
        ("ModifyMetaData", "Header_MatchGrade"),
        ("Reformat", "Delivery_format"),
        ("Crop", "Live_area"),
        ("Log2Lin", "From_log"),
    ]
    assert graph.knobs("Write_MatchGrade")["render_order"] == 1


def test_chroma_merge_keeps_the_original_luma(graph: Graph) -> None:
    assert fed_by(graph, "Write_final") == "Header_final"
    back = fed_by(graph, "Header_final")
    merge = fed_by(graph, back)
    assert (source_of(graph, back), source_of(graph, merge)) == ("To_RGB", "Chroma_from_Reference")
    chroma, luma = graph[merge].inputs
    assert fed_by(graph, fed_by(graph, chroma or "")) == "Recovered"
    assert fed_by(graph, fed_by(graph, luma or "")) == "Before"
    assert source_of(graph, chroma or "") == source_of(graph, luma or "") == "To_YCbCr"


def test_every_stamp_hides_its_input(graph: Graph) -> None:
    stamps = graph.of_class("PostageStamp")
    assert len(stamps) == 14
    assert all(s.knobs["hide_input"] and s.knobs["postage_stamp"] for s in stamps)
    assert {f"Note_{s.name}" for s in stamps} <= set(graph.nodes)


def test_titles_and_backdrops_are_the_authors(graph: Graph) -> None:
    titles = [n.knobs["label"] for n in graph.of_class("StickyNote") if n.name.startswith("Title")]
    assert titles == [
        "1.- DATASET CURATION",
        "2.- ALIGNMENT",
        "3.- COPYCAT TRAINING",
        "4.- INFERENCE RENDER",
        "5.- MATCHGRADE RENDER",
        "CHROMA RECOVERY",
    ]
    labels = {n.knobs["label"] for n in graph.of_class("BackdropNode")} - {""}
    assert labels == {
        "TARGET_DATASET1",
        "SOURCE_DATASET1",
        "ALIGNMENT",
        "COPYCAT_TRAINING1",
        "TRAINING_RESULTS_RENDER1",
        "MATCHGRADE",
    }
