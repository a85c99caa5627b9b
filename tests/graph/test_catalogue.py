"""The catalogue against facts of the scan and of saved scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chroma_recovery.graph import NukeVersion
from chroma_recovery.graph.catalogue import catalogue

ROOT = Path(__file__).parents[2]
KNOWN = catalogue()


@pytest.mark.parametrize(
    ("cls", "low", "high", "mask"),
    [
        ("Grade", 1, 1, True),
        ("Multiply", 1, 1, True),
        ("Log2Lin", 1, 1, True),
        ("OCIOColorSpace", 1, 1, True),
        ("Colorspace", 1, 1, True),
        ("Median", 1, 1, True),
        ("Merge2", 2, 100, True),
        ("Copy", 2, 2, True),
        ("Dissolve", 2, 10000, True),
        ("TransformMasked", 1, 1, True),
        ("Transform", 1, 1, False),
        ("CopyBBox", 2, 2, False),
        ("Shuffle2", 1, 2, False),
        ("CopyCat", 2, 3, False),
        ("BigCat", 4, 5, False),
        ("Keymix", 3, 3, False),
        ("Read", 0, 0, False),
        ("BackdropNode", 0, 0, False),
        ("OFXuk.co.thefoundry.furnace.f_align_v403", 2, 2, False),
    ],
)
def test_pipes(cls: str, low: int, high: int, mask: bool) -> None:
    spec = KNOWN.node(cls)
    assert spec is not None
    assert (spec.min_inputs, spec.max_inputs, spec.has_mask) == (low, high, mask)


def test_every_scanned_class_and_the_two_by_hand() -> None:
    assert len(KNOWN.classes) == 87 + 2
    assert KNOWN.node("Nope") is None
    for cls in KNOWN.classes:
        spec = KNOWN.node(cls)
        assert spec is not None
        for knob in spec.knobs.values():
            assert knob.values == () or not any("\t" in v for v in knob.values)
            if knob.values and knob.default is not None:
                assert knob.default in knob.values or knob.default == "0", f"{cls}.{knob.name}"


@pytest.mark.parametrize(
    ("cls", "knob", "default"),
    [
        ("CopyCat", "epochs", 10000),
        ("CopyCat", "cropSize", "256"),
        ("CopyCat", "learningRate", 0.0001),
        ("CopyCat", "useMultiResolution", True),
        ("Write", "datatype", "16 bit half"),
        ("Write", "dw_compression_level", 45),
        ("Transform", "filter", "cubic"),
        ("Median", "size", 3),
        ("Merge2", "operation", "over"),
        ("CheckerBoard2", "color0", 0.1),
        ("Grade", "disable", False),
        ("Read", "postage_stamp", True),
        ("Grade", "postage_stamp", False),
        ("Crop", "box", None),
    ],
)
def test_defaults(cls: str, knob: str, default: object) -> None:
    assert KNOWN.default(cls, knob) == default
    assert type(KNOWN.default(cls, knob)) is type(default)


def test_kinds() -> None:
    def kind(cls: str, knob: str) -> str:
        spec = KNOWN.knob(cls, knob)
        assert spec is not None
        return spec.kind

    assert kind("Grade", "white") == "number"
    assert kind("Write", "beforeRender") == "code"
    assert kind("CopyCat", "startTraining") == "code"
    assert kind("Colorspace", "swap") == "code"
    assert kind("Grade", "knobChanged") == "code"
    assert kind("Root", "onScriptLoad") == "code"
    assert kind("CopyCat", "trainingInfo") == "display"
    assert kind("OFXuk.co.thefoundry.furnace.f_align_v403", "Analysis Region") == "tab"
    assert kind("Merge2", "maskFrom") == "obsolete"
    assert kind("BackdropNode", "tile_color") == "colour"
    evaluated = (
        KNOWN.knob("Read", "file"),
        KNOWN.knob("StickyNote", "label"),
        KNOWN.knob("Expression", "temp_name0"),
    )
    assert [k.evaluated for k in evaluated if k] == [True, True, False]


def test_colour_space_choices_depend_on_the_config() -> None:
    for cls, knob in [
        ("Read", "colorspace"),
        ("Write", "ocioColorspace"),
        ("OCIODisplay", "view"),
        ("Root", "monitorLut"),
    ]:
        spec = KNOWN.knob(cls, knob)
        assert spec is not None
        assert (spec.config_dependent, spec.values) == (True, ()), f"{cls}.{knob}"
    fixed = KNOWN.knob("Colorspace", "colorspace_out")
    assert fixed is not None
    assert "YCbCr" in fixed.values


def test_only_the_part_before_the_tab_is_the_value() -> None:
    spec = KNOWN.knob("Transform", "filter")
    assert spec is not None
    assert spec.values[:3] == ("impulse", "linear", "cubic")
    assert [spec.canonical(v) for v in ("Bicubic", "cubic", 0, "nope")] == [
        "cubic",
        "cubic",
        "impulse",
        "nope",
    ]


@pytest.mark.parametrize(
    ("cls", "knob", "version", "name"),
    [
        ("FrameHold", "firstFrame", "12.2", "first_frame"),
        ("FrameHold", "firstFrame", "13.0", "firstFrame"),
        ("FrameHold", "first_frame", "15.1", "firstFrame"),
        ("Root", "monitorOutLUT", "12.1", None),
        ("Root", "monitorOutLUT", "13.0", "monitorOutLUT"),
        ("Write", "ocioColorspace", "14.0", None),
        ("Write", "ocioColorspace", "15.0", "ocioColorspace"),
        ("Write", "transformType", "15.1", None),
        ("Write", "transformType", "17.0", "transformType"),
        ("CopyCat", "useMultiResolution", "14.0", None),
        ("CopyCat", "epochs", "14.0", "epochs"),
    ],
)
def test_spelling_by_version(cls: str, knob: str, version: str, name: str | None) -> None:
    assert KNOWN.spell(cls, knob, NukeVersion.parse(version)) == name


def test_bigcat_came_with_16_1() -> None:
    spec = KNOWN.node("BigCat")
    assert spec is not None
    assert [spec.exists_in(NukeVersion.parse(v)) for v in ("15.1", "16.0", "16.1", "17.0")] == [
        False,
        False,
        True,
        True,
    ]


def test_an_unknown_knob_has_no_spelling() -> None:
    with pytest.raises(KeyError):
        KNOWN.spell("Grade", "nope", NukeVersion(15, 1))


def test_the_compact_form_says_its_source() -> None:
    data = json.loads((ROOT / "src/chroma_recovery/graph/catalogue.json").read_text("utf-8"))
    assert "kirkjr2/nuke-python-reference" in data["source"]
    extra = json.loads((ROOT / "src/chroma_recovery/graph/catalogue_extra.json").read_text("utf-8"))
    said = [
        *extra["nodes"].values(),
        *(k for n in extra["knobs"].values() for k in n.values()),
        *extra["versions"].values(),
    ]
    assert {entry["sure"] for entry in said} <= {"seen", "documented", "guess"}


def test_the_build_script(tmp_path: Path) -> None:
    scan = {
        "nuke_version": "17.0v3",
        "generic_knobs": {
            "label": {"type": "Multiline_Eval_String_Knob", "default": ""},
            **{k: {"type": "Array_Knob", "default": 5.0} for k in ("name", "xpos", "ypos", "postage_stamp")},
        },
        "nodes": {
            "Soft": {
                "inputs": {"min": 2, "max": 2},
                "knobs": {
                    "maskChannelInput": {"type": "Channel_Knob", "default": "none"},
                    "size": {"type": "WH_Knob", "size": 2, "default": 0.10000000149011612},
                    "go": {"type": "PyScript_Knob", "default": "import os"},
                    "how": {"type": "Enumeration_Knob", "default": "a\tA", "values": ["a\tA", "b\t\t\t"]},
                    "space": {
                        "type": "Enumeration_Knob",
                        "default": "x",
                        "values": ["color_picking\tc", "x"],
                    },
                },
                "hidden_knobs": {"old": {"type": "Obsolete_Knob", "default": None}},
            }
        },
    }
    (tmp_path / "scan.json").write_text(json.dumps(scan))
    subprocess.run(
        [
            sys.executable,
            ROOT / "tools" / "build_catalogue.py",
            tmp_path / "scan.json",
            tmp_path / "out.json",
        ],
        check=True,
    )
    node = json.loads((tmp_path / "out.json").read_text())["nodes"]["Soft"]
    assert node == {
        "inputs": [1, 1],
        "mask": 1,
        "knobs": {
            "maskChannelInput": ["Channel_Knob", "none"],
            "size": ["WH_Knob", 0.1, 2],
            "how": ["Enumeration_Knob", "a", 1, ["a\tA", "b"]],
            "space": ["Enumeration_Knob", "x", 1, "*"],
        },
        "obsolete": ["old"],
        "code": ["go"],
    }
