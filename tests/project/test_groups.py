"""Groups: one clip of several shots, pairs renumbered, the same ones held out in group and shot."""

from __future__ import annotations

from pathlib import Path

import pytest

from chroma_recovery.errors import PresetError
from chroma_recovery.preset.model import ClipPart, Preset
from chroma_recovery.project import Project
from chroma_recovery.project.load import load_project

PROJECT = """\
project: p
handles: 2
source: {{path: "{source}", format: {{width: 640, height: 480}}}}
reference: {{path: "dvd.####.exr", format: {{width: 640, height: 480}}}}
groups: [{{name: sc01, scope: sequence, preset: {{training: {{steps: 50000}}}}}}]
shots:
  - {{shot: a, group: sc01, first: 103, last: 112, reference_first: 3, preset: {{alignment: {{keys: [
      {{pair: 103, translate: [1, 2]}}, {{pair: 112, use: auto}}]}}}}}}
  - {{shot: b, group: sc01, first: 203, last: 222, reference_first: 53,
     pairs: [203, 208, {{source: 213, hold_out: true}}, 222]}}
  - {{shot: c, first: 303, last: 322, reference_first: 93}}
"""


def project(folder: Path, source: str) -> Project:
    (folder / "project.yaml").write_text(PROJECT.format(source=source))
    return load_project(folder / "project.yaml", folder / "out")


def moments(project: Project, name: str) -> list[tuple[str, int, int, bool | None]]:
    """Pairs as (path, frame of the file, Reference frame, held out)."""
    preset: Preset = project.units[name].preset
    found = []
    for pair in preset.pairs:
        at = pair.source - preset.source.first
        for part in preset.source.sequences:
            if at <= part.last - part.first:
                found.append((part.path, part.first + at, pair.reference_frame, pair.hold_out))
                break
            at -= part.last - part.first + 1
    return found


@pytest.mark.parametrize("source", ["{shot}.####.exr", "reel.####.exr"])
def test_a_group_has_the_pairs_of_its_shots_each_at_its_moment(tmp_path: Path, source: str) -> None:
    made = project(tmp_path, source)
    assert list(made.units) == ["sc01", "a", "b", "c"]
    assert moments(made, "sc01") == moments(made, "a") + moments(made, "b")
    group = made.units["sc01"]
    assert (group.members, group.scope, group.preset.training.steps) == (("a", "b"), "sequence", 50000)
    assert made.units["a"].preset.inference.model.endswith(
        "/sc01/sc01_v001." + model_steps(group.preset) + ".cat"
    )
    assert made.units["c"].preset.inference.model == ""
    held = [m for m in moments(made, "sc01") if m[3]]
    assert len(held) == 2  # one of each shot
    assert ("b" if "{" in source else "reel") in held[1][0]


def model_steps(preset: Preset) -> str:
    trained = len([p for p in preset.pairs if not p.hold_out])
    epochs = -(-preset.training.steps * preset.training.batch // trained)
    return str(epochs * trained // preset.training.batch)


def test_several_sequences_stand_end_to_end_without_handles(tmp_path: Path) -> None:
    clip = project(tmp_path, "{shot}.####.exr").units["sc01"].preset.source
    assert (clip.first, clip.last) == (103, 132)
    assert clip.sequences == (ClipPart("../../a.####.exr", 103, 112), ClipPart("../../b.####.exr", 203, 222))


def test_one_sequence_stays_one(tmp_path: Path) -> None:
    clip = project(tmp_path, "reel.####.exr").units["sc01"].preset.source
    assert (clip.first, clip.last, clip.then) == (103, 222, ())


def test_keys_of_a_shot_are_renumbered_with_its_pairs(tmp_path: Path) -> None:
    text = PROJECT.replace("[{{name: sc01,", "[{{name: sc01, shots: [b, a],").replace(
        "pairs: [203", "preset: {{crop: {{keys: [{{pair: 222, box: [1, 1, 99, 99]}}]}}}}, pairs: [203"
    )
    (tmp_path / "project.yaml").write_text(text.format(source="{shot}.####.exr"))
    preset = load_project(tmp_path / "project.yaml", tmp_path / "out").units["sc01"].preset
    assert [(k.pair, k.translate, k.use) for k in preset.alignment.keys] == [
        (103, (1, 2), "manual"),
        (112, (0, 0), "auto"),
    ]
    assert [(k.pair, k.box) for k in preset.crop.keys] == [(132, (1, 1, 99, 99))]


def test_training_settings_of_a_shot_in_a_group_are_named(tmp_path: Path) -> None:
    text = PROJECT.replace("pairs: [203", "preset: {{training: {{steps: 60000}}}}, pairs: [203")
    (tmp_path / "project.yaml").write_text(text.format(source="{shot}.####.exr"))
    made = load_project(tmp_path / "project.yaml", tmp_path / "out")
    (problem,) = made.warnings
    assert (problem.code, problem.severity) == ("CR193", "warning")
    assert problem.place.split("/")[-1] == "project.yaml:10:15"
    assert "b: preset.training changes nothing: sc01 trains its model" in problem.message
    assert made.units["sc01"].preset.training.steps == 50000


def test_a_shot_with_too_few_pairs_is_named(tmp_path: Path) -> None:
    with pytest.raises(PresetError) as caught:
        (tmp_path / "project.yaml").write_text(
            PROJECT.format(source="{shot}.####.exr").replace(
                "pairs: [203, 208, {source: 213, hold_out: true}, 222]", "pairs: [203]"
            )
        )
        load_project(tmp_path / "project.yaml", tmp_path / "out")
    assert [p.code for p in caught.value.problems] == ["CR132"]
    assert caught.value.problems[0].message.startswith("b: pairs: 1 of 1 pairs would train")
