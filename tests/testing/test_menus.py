"""Menus, dialogs, panels, threads."""

import threading

import pytest

from chroma_recovery.testing import FakeNuke, UnverifiedBehaviour


def test_commands_are_one_undo_step(nuke_session):
    import nuke

    menu = nuke.menu("Nuke").addMenu("Chroma Recovery", icon="cr.png")
    menu.addCommand(
        "1 Dataset/Build", lambda: (nuke.createNode("Read"), nuke.createNode("Blur")), tooltip="why"
    )
    menu.addSeparator()
    menu.addCommand("Text", "nuke.createNode('Crop')")
    menu.addCommand("Blur")
    assert nuke_session.menus.paths() == [
        "Nuke/Chroma Recovery/1 Dataset/Build",
        "Nuke/Chroma Recovery/Text",
        "Nuke/Chroma Recovery/Blur",
    ]
    for path, classes in (("1 Dataset/Build", ["Read", "Blur"]), ("Text", ["Crop"]), ("Blur", ["Blur"])):
        nuke_session.menus.invoke(f"Nuke/Chroma Recovery/{path}")
        assert [n.cls for n in nuke_session.nodes] == classes and nuke.Undo.undoSize() == 1
        nuke.undo()
    assert nuke_session.menus.tooltip("Nuke/Chroma Recovery/1 Dataset/Build") == "why"


def test_disabled_items(nuke_session):
    import nuke

    menu = nuke.toolbar("Nodes").addMenu("Chroma Recovery")
    item = menu.addCommand("Train", lambda: nuke.createNode("Blur"), tooltip="No CopyCat in Nuke")
    item.setEnabled(False)
    assert not nuke_session.menus.enabled("Nodes/Chroma Recovery/Train")
    with pytest.raises(AssertionError, match="No CopyCat in Nuke"):
        nuke_session.menus.invoke("Nodes/Chroma Recovery/Train")
    item.invoke()
    assert not nuke_session.nodes
    menu.setEnabled(True)
    assert nuke_session.menus.enabled("Nodes/Chroma Recovery/Train")


def test_find_replace_remove(nuke_session):
    import nuke

    bar = nuke.menu("Nuke")
    first = bar.addCommand("A/B/One", lambda: None)
    assert bar.findItem("A/B/One") is first and bar.findItem("A/x") is None and bar.menu("A").name() == "A"
    second = bar.addCommand("A/B/One", "pass", index=0)
    assert [i.name() for i in bar.findItem("A/B").items()] == ["One"] and second.script() == "pass"
    bar.findItem("A/B").addCommand("Zero", "pass", index=0)
    assert [i.name() for i in bar.findItem("A/B").items()] == ["Zero", "One"]
    bar.removeItem("A/B/One")
    bar.removeItem("A/B/Zero")
    assert bar.findItem("A") is None, "empty menus go with their last item"
    with pytest.raises(RuntimeError, match="Nodes"):
        nuke.menu("Nucke")
    with pytest.raises(KeyError, match="no menu item"):
        nuke_session.menus.item("Nuke/None")
    assert nuke.toolbar("Other", create=False) is None
    assert nuke.toolbar("Other") is nuke.toolbar("Other")


def test_dialogs_take_queued_answers(nuke_session):
    import nuke

    nuke_session.dialogs.answers += [True, "/x/preset.yaml", None, 2]
    assert nuke.ask("Replace?") is True
    assert nuke.getFilename("Open preset", "*.yaml") == "/x/preset.yaml"
    assert nuke.getInput("Name") is None
    assert nuke.choice("Steps", "which", ["a", "b", "c"]) == 2
    nuke.message("Done.")
    assert nuke_session.dialogs.messages == ["Done."]
    with pytest.raises(AssertionError, match="waits for an answer"):
        nuke.ask("And now?")
    nuke_session.dialogs.answers.append("yes")
    with pytest.raises(AssertionError, match="never gives"):
        nuke.ask("And now?")


def test_progress(nuke_session):
    import nuke

    nuke_session.dialogs.cancel_at = 50
    task = nuke.ProgressTask("Training")
    task.setMessage("step 1")
    task.setProgress(10)
    assert not task.isCancelled()
    task.setProgress(50)
    assert task.isCancelled() and nuke_session.dialogs.tasks == [task]
    with pytest.raises(TypeError):
        task.setProgress(0.5)


def test_panels(nuke_session):
    import nuke
    import nukescripts
    from nukescripts import panels

    with pytest.raises(TypeError):
        panels.registerWidgetAsPanel(object, "Chroma Recovery", "com.x")
    widget = "chroma_recovery.testing.session.FakeNuke"
    assert panels.registerWidgetAsPanel(widget, "Chroma Recovery", "com.x") is None
    panel = nuke_session.menus.panels["com.x"]
    assert panel.widget_class() is FakeNuke
    nuke_session.menus.invoke("Pane/Chroma Recovery")
    assert panel.open == 1
    dialog = nukescripts.PythonPanel("Settings", "com.y")
    dialog.addKnob(nuke.Int_Knob("steps"))
    nuke_session.dialogs.answers.append(False)
    assert dialog.showModalDialog() is False and "steps" in dialog.knobs()


def test_main_thread(nuke_session):
    import nuke

    results = []
    worker = threading.Thread(
        target=lambda: results.append(
            nuke.executeInMainThreadWithResult(lambda a, b=0: a + b, (1,), {"b": 2})
        )
    )
    worker.start()
    worker.join()
    assert results == [3]
    nuke.executeInMainThread(results.append, (4,))
    assert results == [3, 4]
    with pytest.raises(UnverifiedBehaviour, match="waits for ever"):
        nuke.executeInMainThreadWithResult(lambda: 1)


def test_tcl_is_refused(nuke_session):
    import nuke

    with pytest.raises(AssertionError):
        nuke.tcl("exec rm")
