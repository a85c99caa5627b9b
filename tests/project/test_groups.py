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
    text = PROJECT.replace("first: 303,", "pairs: [303], first: 303,")
    (tmp_path / "project.yaml").write_text(text.format(source="{shot}.####.exr"))
    with pytest.raises(PresetError) as caught:
        load_project(tmp_path / "project.yaml", tmp_path / "out")
    assert [p.code for p in caught.value.problems] == ["CR132"]
    assert caught.value.problems[0].message.startswith("c: pairs: 1 of 1 pairs would train")


@pytest.mark.parametrize("source", ["{shot}.####.exr", "reel.####.exr"])
@pytest.mark.parametrize("own", ["has_reference: false", "pairs: [305]"])
def test_a_shot_without_pairs_takes_those_of_its_neighbour_to_be_judged(
    tmp_path: Path, source: str, own: str
) -> None:
    text = PROJECT.replace("first: 303,", f"group: sc01, {own}, first: 303,")
    (tmp_path / "project.yaml").write_text(text.format(source=source))
    made = load_project(tmp_path / "project.yaml", tmp_path / "out")
    group, shot = made.units["sc01"], made.units["c"]
    paired = own.startswith("pairs")
    assert group.members == ("a", "b", "c")
    mine = [m for m in moments(made, "sc01") if m[1] > 300]
    assert [m[1] for m in mine] == ([305] if paired else [])
    if not paired:  # the group's own preset is what it was without the shot
        assert moments(made, "sc01") == moments(made, "a") + moments(made, "b")
    # those of b, the nearest in the list, at the same moments and as many held out
    assert moments(made, "c") == mine + moments(made, "b")
    assert (shot.frames, shot.pairs, shot.stages) == (
        (301, 324),
        len(mine),
        ("build", "inference", "validation"),
    )
    assert shot.judged_on == "judged on pairs of b" + (
        " and its own" if paired else "; it has none of its own"
    )
    assert made.units["b"].judged_on == group.judged_on == ""
    inference = shot.preset.inference
    assert (inference.first, inference.last) == (301, 324)
    assert inference.model == made.units["b"].preset.inference.model
    # what is rendered keeps its frame numbers
    clip = shot.preset.source
    assert clip.first <= 301
    assert clip.sequences[0].path.endswith(source.format(shot="c"))
    assert len(clip.sequences) == (2 if "{" in source else 1)


def test_keys_of_lent_pairs_come_along(tmp_path: Path) -> None:
    text = PROJECT.replace("pairs: [203, 208, {{source: 213, hold_out: true}}, 222]", "has_reference: false")
    (tmp_path / "project.yaml").write_text(text.format(source="{shot}.####.exr"))
    preset = load_project(tmp_path / "project.yaml", tmp_path / "out").units["b"].preset
    shift = preset.source.first + (222 + 2 - 201 + 1) - 103  # a stands behind b's own frames
    assert [(k.pair, k.use) for k in preset.alignment.keys] == [
        (103 + shift, "manual"),
        (112 + shift, "auto"),
    ]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("first: 303,", "c: has no Reference, and no group"),
        ("first: 203,", "b: has no Reference, but pairs"),
    ],
)
def test_a_shot_without_a_reference_takes_a_model_and_gives_no_pairs(
    tmp_path: Path, first: str, said: str
) -> None:
    text = PROJECT.replace(f" {first}", f" has_reference: false, {first}")
    (tmp_path / "project.yaml").write_text(text.format(source="{shot}.####.exr"))
    with pytest.raises(PresetError) as caught:
        load_project(tmp_path / "project.yaml", tmp_path / "out")
    assert [(p.code, p.message) for p in caught.value.problems] == [("CR194", said)]


def test_a_group_without_any_reference_is_named(tmp_path: Path) -> None:
    head = PROJECT.format(source="{shot}.####.exr").partition("shots:")[0]
    shots = "".join(
        f"  - {{shot: {s}, group: sc01, has_reference: false, first: 1, last: 9}}\n" for s in "ab"
    )
    (tmp_path / "project.yaml").write_text(f"{head}shots:\n{shots}")
    with pytest.raises(PresetError) as caught:
        load_project(tmp_path / "project.yaml", tmp_path / "out")
    (problem,) = caught.value.problems
    assert problem.code == "CR194"
    assert problem.message.startswith("sc01: none of its shots has a Reference")
