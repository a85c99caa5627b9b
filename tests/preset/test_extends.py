"""One preset on top of another."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_making import BASE

from chroma_recovery.errors import PresetError, Problem
from chroma_recovery.preset import load, loads
from chroma_recovery.preset.extends import shipped_names


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        place = folder / f"{name}.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder / f"{next(iter(files))}.yaml"


def problems(path: Path, search: list[Path] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(PresetError) as caught:
        load(path, search=search)
    return caught.value.problems


def test_mappings_merge_lists_and_values_are_replaced(tmp_path):
    base = BASE + "training: {steps: 50000, seed: 7}\ncrop: {box: [0, 0, 9, 9]}\n"
    top = "extends: base.yaml\npairs: [2, 4, 6, 8]\ntraining:\n  seed: 8\ncrop: {box: null}\n"
    loaded = load(write(tmp_path, top=top, base=base))
    assert [p.source for p in loaded.preset.pairs] == [2, 4, 6, 8]
    assert (loaded.preset.training.steps, loaded.preset.training.seed) == (50000, 8)
    assert loaded.preset.crop.box is None
    assert [f.name for f in loaded.files] == ["top.yaml", "base.yaml"]
    assert loaded.origin["training.steps"].file.endswith("base.yaml")
    assert loaded.origin["training.seed"].file.endswith("top.yaml")


def test_a_path_belongs_to_the_folder_of_the_file_that_says_it(tmp_path):
    top = "extends: lib/base.yaml\nreference: {path: mine/dvd.####.exr}\n"
    loaded = load(write(tmp_path, top=top, **{"lib/base": BASE}))
    assert loaded.folder_of("source.path") == tmp_path / "lib"
    assert loaded.folder_of("reference.path") == tmp_path
    assert loaded.folder_of("inference.model") == tmp_path


def test_a_mistake_in_the_base_is_reported_there_and_after_the_top(tmp_path):
    top = "extends: base.yaml\nscope: shott\n"
    found = problems(write(tmp_path, top=top, base=BASE + "trainin: {}\nscope: x\n"))
    assert [(p.code, p.place.rsplit("/", 1)[1]) for p in found] == [
        ("CR110", "top.yaml:2:8"),
        ("CR107", "base.yaml:5:1"),
    ]


def test_a_circle_is_refused_where_it_closes(tmp_path):
    path = write(tmp_path, a="extends: b.yaml\n" + BASE, b="extends: c.yaml\n", c="extends: ./a.yaml\n")
    (problem,) = problems(path)
    assert problem.code == "CR116"
    assert problem.place.endswith("c.yaml:1:10")
    assert "a.yaml -> b.yaml -> c.yaml -> a.yaml" in problem.message
    (problem,) = problems(write(tmp_path, self="extends: self.yaml\n" + BASE))
    assert problem.code == "CR116"


def test_a_chain_of_eight_is_read_and_nine_are_too_many(tmp_path):
    for n in range(9):
        write(tmp_path, **{f"p{n}": f"extends: p{n + 1}.yaml\n"})
    write(tmp_path, p9=BASE)
    assert load(tmp_path / "p2.yaml").preset == loads(BASE).preset
    assert problems(tmp_path / "p1.yaml")[0].code in ("CR116", "CR108")
    assert "CR116" in {p.code for p in problems(tmp_path / "p1.yaml")}


@pytest.mark.parametrize(
    ("said", "code", "hint"),
    [
        ("shoot", "CR115", "did you mean 'shot'"),
        ("nothing_like_it", "CR115", "shipped: example_shot, non_reference, scene, sequence, shot"),
        ("gone.yaml", "CR115", "no file"),
        ("base.json", "CR115", "no shipped preset"),
        ("../secret", "CR115", "must end in .yaml"),
        ("/etc/passwd", "CR115", "must end in .yaml"),
        ("https://example.org/a.yaml", "CR114", "URL"),
        ("'[exec ls].yaml'", "CR114", "must not hold '['"),
        ("~/a.yaml", "CR114", "not expanded"),
        ("$HOME/a.yaml", "CR114", "not expanded"),
        ("[shot]", "CR115", "one name or path"),
        ("", "CR115", "one name or path"),
        ("broken.yaml", "CR115", "not UTF-8"),
        ("list.yaml", "CR105", "got a list"),
        ("empty.yaml", "CR105", "the file is empty"),
    ],
)
def test_what_cannot_be_extended(tmp_path, said, code, hint):
    write(tmp_path, list="- 1\n", empty="")
    (tmp_path / "broken.yaml").write_bytes(b"\xff")
    found = problems(write(tmp_path, top=BASE + f"extends: {said}\n"))
    assert [p.code for p in found] == [code]
    assert hint in str(found[0])


def test_names_are_searched_in_the_given_folders(tmp_path):
    write(tmp_path, house=BASE)
    assert shipped_names([tmp_path]) == ("house",)
    assert loads("extends: house\n", search=[tmp_path]).preset == loads(BASE).preset


def test_a_text_without_a_file_extends_shipped_presets_only():
    assert loads("extends: scene\n" + BASE).preset.scope == "scene"
    with pytest.raises(PresetError, match="needs a preset file to start from"):
        loads("extends: ./scene.yaml\n" + BASE)
