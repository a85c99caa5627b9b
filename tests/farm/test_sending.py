"""``Send to Farm`` of the Nuke menu, and that all of it runs in Nuke's own Python."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from chroma_recovery.farm.sending import send
from chroma_recovery.nuke_host import menu
from chroma_recovery.nuke_host.availability import State, availability
from chroma_recovery.nuke_host.editions import Running
from chroma_recovery.testing import FakeNuke

PRESET = """\
extends: shot
shot: sh010
source: {path: plates/source.####.exr, first: 471, last: 499, format: {width: 2048, height: 1556}}
reference: {path: plates/reference.####.exr, first: 471, last: 499, format: {width: 2048, height: 1556}, kind: dvd}
pairs: [471, 478, {source: 485, hold_out: true}, 492, 499]
"""
ITEM = "Nuke/Chroma Recovery/Send to Farm"


def test_an_artist_sends_a_shot(tmp_path: Path) -> None:
    preset = tmp_path / "sh010.yaml"
    preset.write_text(PRESET, encoding="utf-8")
    bundle = tmp_path / "farm/the job"
    with FakeNuke("gui", "nukex", "15.1v4").installed() as nuke:
        menu.install(nuke, farm=send)
        assert not nuke.fake.menus.enabled(ITEM)
        assert "open a preset first" in nuke.fake.menus.tooltip(ITEM)
        nuke.fake.dialogs.answers[:] = [str(preset)]
        nuke.fake.menus.invoke("Nuke/Chroma Recovery/Open Preset")
        assert nuke.fake.menus.enabled(ITEM)
        for _ in range(2):  # the same folder again replaces our own job
            nuke.fake.dialogs.answers[:] = [str(bundle)]
            nuke.fake.menus.invoke(ITEM)
            assert "5 steps, 7 tasks" in nuke.fake.dialogs.messages[-1]
        said = nuke.fake.dialogs.messages[-1]
        assert "openjd run" in said
        menu.install(nuke)  # without a farm
        assert not nuke.fake.menus.enabled(ITEM)
    template = yaml.safe_load((bundle / "template.yaml").read_text(encoding="utf-8"))
    assert [s["name"] for s in template["steps"]][1:3] == ["sh010_train", "sh010_infer"]
    assert template["steps"][1]["hostRequirements"]["amounts"] == [{"name": "amount.worker.gpu", "min": 1}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"farm": False}, "cannot write"),
        ({"preset": ""}, "open a preset"),
        ({"unsaved": True}, "save the preset"),
        ({"here": Running((15, 1, 4), "non-commercial", True)}, "Non-commercial"),
    ],
)
def test_why_it_cannot_be_sent(change: dict[str, object], reason: str) -> None:
    ready = State(Running((15, 1, 4), "nukex", True), preset="p.yaml", farm=True)
    assert availability(ready)["send_to_farm"] is None
    assert reason in str(availability(ready._replace(**change))["send_to_farm"])  # type: ignore[arg-type]


def test_it_needs_no_imaging_library() -> None:
    from tests.test_layers import IMAGING, NUKE, modules, run

    names = [*modules("farm"), "chroma_recovery.project.single", "chroma_recovery.project.report"]
    done = run(IMAGING + NUKE, names)
    assert done.returncode == 0, done.stderr
