"""Knob values, animation, flags and the traps of enumerations."""

import math

import pytest

from chroma_recovery.graph.knobs import Curve, EvaluatedText, Expression
from chroma_recovery.testing import FakeNuke, UnverifiedBehaviour, session_graph


def test_python_types_of_values(nuke_session):
    import nuke

    cat = nuke.nodes.CopyCat()
    assert cat["batchSize"].value() == 8.0 and type(cat["batchSize"].value()) is float
    assert cat["useMultiResolution"].value() is True
    assert cat["cropSize"].value() == "256" and cat["cropSize"].getValue() == 3.0
    assert cat["dataDirectory"].value() == ""
    assert nuke.nodes.Transform()["translate"].value() == [0.0, 0.0]
    assert nuke.nodes.Grade()["white"].value() == 1.0
    assert nuke.nodes.Read()["file"].evaluate() is None


def test_set_value_says_whether_it_changed(nuke_session):
    import nuke

    knob = nuke.nodes.Blur()["size"]
    assert knob.setValue(4) is True
    assert knob.setValue(4) is False
    with pytest.raises(TypeError):
        knob.setValue("4")
    with pytest.raises(ValueError):
        knob.setValue(math.nan)


@pytest.mark.parametrize("name", ["showValidation", "isFirstTime"])
def test_read_only(nuke_session, name):
    import nuke

    cat = nuke.nodes.CopyCat()
    before = cat[name].value()
    with pytest.raises(RuntimeError, match=r"^read only variable$"):
        cat[name].setValue(not before)
    assert cat[name].value() is before


def test_knob_of_another_version(nuke_session):
    import nuke

    assert nuke.nodes.FrameHold().knob("firstFrame") is not None
    with FakeNuke(version="12.2v4").installed() as old:
        hold = old.nodes.FrameHold()
        assert hold.knob("firstFrame") is None and hold["first_frame"].value() == 0


# -- enumerations


def test_index_and_text(nuke_session):
    import nuke

    mode = nuke.nodes.CopyCat()["trainingMode"]
    assert mode.setValue(1) is None and mode.value() == "Resume"
    mode.setValue("Validate")
    assert mode.getValue() == 2.0
    size = nuke.nodes.CopyCat()["cropSize"]
    size.setValue(512)
    assert size.value() == "512", "text is matched before it is an index"
    size.setValue(1)
    assert size.value() == "64"


def test_unknown_item_of_a_plain_enumeration_is_not_guessed(nuke_session):
    import nuke

    knob = nuke.nodes.CopyCat()["modelSize"]
    with pytest.raises(UnverifiedBehaviour, match="Small, Medium, Large"):
        knob.setValue("Huge")
    assert knob.value() == "Medium"


def ocio(nuke, config="aces_1.2"):
    nuke.root()["colorManagement"].setValue("OCIO")
    nuke.root()["OCIO_config"].setValue(config)


def test_tab_items(nuke_session):
    import nuke

    ocio(nuke)
    node = nuke.nodes.OCIOColorSpace()
    knob = node["in_colorspace"]
    whole = next(i for i in knob.values() if i.startswith("ACES - ACEScct\t"))
    knob.setValue(whole)
    assert knob.value() == "ACES - ACEScct", "reads back short"
    assert node.hasError(), "and yet the node is in error"
    knob.setValue("ACES - ACEScct")
    assert not node.hasError()


def test_unknown_colour_space_falls_back_silently(nuke_session):
    import nuke

    ocio(nuke)
    node = nuke.nodes.OCIOColorSpace()
    node["in_colorspace"].setValue("ACES - ACEScct")
    node["in_colorspace"].setValue("No such space")
    assert node["in_colorspace"].value() != "No such space"
    assert node["in_colorspace"].value() != "ACES - ACEScct"
    assert not node.hasError()


def test_colour_space_depends_on_management(nuke_session):
    import nuke

    read = nuke.nodes.Read()
    assert "Cineon" in read["colorspace"].values()
    nuke_session.check_files = False
    ocio(nuke, "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1")
    short = [v.split("\t")[0] for v in read["colorspace"].values()]
    assert "scene_linear" in short and "Cineon" not in short
    read["colorspace"].setValue("ACES2065-1")
    assert not read.hasError()
    nuke.root()["colorManagement"].setValue("Nuke")
    assert read.hasError(), "the name means nothing now"


def test_custom_config_needs_the_items_from_the_test():
    fake = FakeNuke(items={"Read.colorspace": ["default", "Film\tShow/Film\t\tfilm"]})
    with fake.installed() as nuke:
        nuke.root()["customOCIOConfigPath"].setValue("/show/config.ocio")
        ocio(nuke, "custom")
        assert nuke.nodes.Read()["colorspace"].values()[1].startswith("Film\t")
        with pytest.raises(UnverifiedBehaviour):
            nuke.nodes.OCIOColorSpace()["in_colorspace"].values()


def test_shuffle_lists_a_only_with_two_pipes(nuke_session):
    import nuke

    node = nuke.nodes.Shuffle2()
    assert node["fromInput1"].values() == ["B"]
    with pytest.raises(UnverifiedBehaviour):
        node["fromInput1"].setValue("A")
    node.setInput(0, nuke.nodes.Read())
    node.setInput(1, nuke.nodes.Read())
    node["fromInput1"].setValue("A")
    assert node["fromInput1"].value() == "A"


# -- text, channels, formats


def test_file_knob_eats_backslashes(nuke_session):
    import nuke

    knob = nuke.nodes.Read()["file"]
    knob.setValue("C:\\shots\\plate.exr")
    assert knob.evaluate() == "C:shotsplate.exr"
    knob.setValue("C:/shots/a.exr")
    assert knob.value() == "C:/shots/a.exr"
    knob.setValue("[python {nuke.script_directory()}]/a.exr")
    assert session_graph(nuke_session)["Read1"].knobs["file"] == EvaluatedText(
        "[python {nuke.script_directory()}]/a.exr"
    )
    assert knob.evaluate() == "/a.exr"
    knob.setValue("[getenv HOME]")
    with pytest.raises(UnverifiedBehaviour):
        knob.evaluate()


def test_unknown_channel(nuke_session):
    import nuke

    knob = nuke.nodes.Remove()["channels"]
    knob.setValue("rgb")
    with pytest.raises(ValueError):
        knob.setValue("bad.ch")
    assert knob.value() == "rgb"
    nuke.scriptReadText("version 15.1 v4\nadd_layer {chroma chroma.red}\n")
    knob.setValue("chroma")
    assert knob.value() == "chroma"


def test_formats_by_name(nuke_session):
    import nuke

    made = nuke.addFormat("4096 3072 1 Scan")
    assert (made.name(), made.width(), made.height(), made.pixelAspect()) == ("Scan", 4096, 3072, 1.0)
    nuke.root()["format"].setValue("Scan")
    assert nuke.root()["format"].value() == "4096 3072 0 0 4096 3072 1 Scan"
    with pytest.raises(UnverifiedBehaviour):
        nuke.root()["format"].setValue("Unheard")


# -- animation


def points(keys):
    return [(key.x, key.y) for key in keys]


def test_keys(nuke_session):
    import nuke

    which = nuke.nodes.Dissolve()["which"]
    assert not which.isAnimated() and which.animation(0) is None
    which.setAnimated()
    which.setValueAt(1, 10)
    assert which.isAnimated() and which.getKeyList() == [1, 10]
    assert which.valueAt(10) == 1.0 and which.valueAt(1) == 0.0
    nuke.frame(5)
    which.setValue(0.5)
    assert points(which.animation(0).keys()) == [(1, 0), (5, 0.5), (10, 1)]
    assert which.toScript() == "{curve x1 0 x5 0.5 x10 1}"
    assert which.removeKeyAt(10) and which.getNumKeys() == 2
    which.clearAnimated()
    assert not which.isAnimated() and which.value() == 0.5


def test_one_component_of_a_vector(nuke_session):
    import nuke

    translate = nuke.nodes.Transform()["translate"]
    translate.setValue(7, 1)
    assert translate.value() == [0, 7] and translate.value(1) == 7
    translate.setValueAt(3, 20, 0)
    assert translate.isAnimated(0) and not translate.isAnimated(1)
    translate.setExpression("frame*2", 1)
    assert translate.hasExpression(1) and not translate.hasExpression(0)
    held = session_graph(nuke_session)["Transform1"].knobs["translate"]
    assert isinstance(held[0], Curve) and held[1] == Expression("frame*2")


def test_script_text_round_trip(nuke_session):
    import nuke

    a, b = nuke.nodes.Crop()["box"], nuke.nodes.Crop()["box"]
    a.setValue([1, 2, 30.5, 40])
    assert a.toScript() == "1 2 30.5 40"
    b.fromScript(a.toScript())
    assert b.value() == a.value()


# -- user knobs and flags


def test_user_knobs(nuke_session):
    import nuke

    node = nuke.nodes.NoOp()
    mark = nuke.String_Knob("cr_stage", "", "training")
    mark.setFlag(nuke.INVISIBLE)
    mark.setFlag(nuke.STARTLINE)
    node.addKnob(mark)
    node.addKnob(nuke.Int_Knob("cr_steps", "steps"))
    node["cr_steps"].setValue(40000)
    assert [k.name() for k in node.allKnobs()][-3:] == ["User", "cr_stage", "cr_steps"]
    assert not node["cr_stage"].visible() and node["cr_steps"].value() == 40000
    tab, stage, steps = session_graph(nuke_session)["NoOp1"].user_knobs
    assert (tab.kind, stage.kind, steps.kind) == (20, 1, 3)
    assert (stage.value, stage.flags) == ("training", ("+INVISIBLE", "+STARTLINE"))
    assert (steps.value, steps.label) == (40000, "steps")
    node.removeKnob(node["cr_stage"])
    assert node.knob("cr_stage") is None
    with pytest.raises(ValueError):
        node.removeKnob(node["label"])


def test_saved_user_knobs_are_read_as_they_were(nuke_session, tmp_path):
    import nuke

    node = nuke.nodes.NoOp()
    node.addKnob(nuke.Tab_Knob("mine", "Mine"))
    node.addKnob(nuke.Enumeration_Knob("way", "way", ["one", "number two"]))
    node.addKnob(nuke.Boolean_Knob("on", "on", True))
    node.addKnob(nuke.PyScript_Knob("go", "Go", "print(1)"))
    node["way"].setValue("number two")
    before = session_graph(nuke_session)
    file = tmp_path / "a.nk"
    nuke.scriptSaveAs(str(file), overwrite=1)
    nuke.scriptOpen(str(file))
    again = nuke.toNode("NoOp1")
    assert again["way"].values() == ["one", "number two"] and again["way"].value() == "number two"
    assert again["on"].value() is True and again["go"].value() == "print(1)"
    names = [k.name for k in session_graph(nuke_session)["NoOp1"].user_knobs]
    assert names == [k.name for k in before["NoOp1"].user_knobs]


def test_do_not_write(nuke_session):
    import nuke

    node = nuke.nodes.Blur(size=5)
    node["size"].setFlag(nuke.DO_NOT_WRITE)
    assert "size" not in session_graph(nuke_session)["Blur1"].knobs
    assert node["size"].getFlag(nuke.DO_NOT_WRITE)


def test_buttons_of_copycat(nuke_session):
    import nuke

    nuke_session.check_files = False
    cat = nuke.nodes.CopyCat()
    cat["resumeTraining"].execute()
    assert cat["trainingMode"].value() == "Resume"
    assert nuke_session.renders.done[-1].frames == (1,)
    cat["startTraining"].execute()
    assert nuke_session.renders.done[-1].settings["trainingMode"] == "Resume", "Start does not reset the mode"
    with pytest.raises(UnverifiedBehaviour):
        cat["createInference"].execute()
    nuke_session.buttons["CopyCat.createInference"] = lambda node: nuke.nodes.Inference()
    cat["createInference"].execute()
    assert nuke.toNode("Inference1") is not None
