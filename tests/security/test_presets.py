"""A preset from a stranger makes no objects, runs nothing, expands nothing and stays small."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from chroma_recovery.errors import PresetError
from chroma_recovery.preset import loads
from chroma_recovery.preset.fields import walk

BASE = """\
shot: sh010
source: {path: a/source.####.exr, first: 1, last: 100}
reference: {path: a/dvd.####.exr, first: 1, last: 100}
pairs: [1, 20, 40, 60, 80]
"""


def codes(text: str) -> list[str]:
    with pytest.raises(PresetError) as caught:
        loads(text)
    return [p.code for p in caught.value.problems]


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    """Any attempt to start a program fails the test."""

    def attempted(*args, **kwargs):
        raise AssertionError(f"started {args}")

    monkeypatch.setattr(os, "system", attempted)
    monkeypatch.setattr(os, "popen", attempted)
    monkeypatch.setattr(subprocess, "Popen", attempted)


@pytest.mark.parametrize(
    "tagged",
    [
        "!!python/object/apply:os.system ['touch x']",
        "!!python/object/new:subprocess.Popen [['ls']]",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!str NO",
        "!!binary aGk=",
        "!local x",
        "!<tag:yaml.org,2002:str> x",
        "! x",
    ],
)
def test_tags_are_refused(tagged):
    found = codes(BASE + f"documentation: {{stock: {tagged}}}\n")
    assert "CR104" in found or found == ["CR103"]


def test_an_alias_bomb_is_refused_before_it_grows():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    found = codes("\n".join(lines) + "\n")
    assert set(found) <= {"CR104", "CR107", "CR108"}
    assert len(found) < 200


def test_merge_keys_anchors_and_recursive_aliases_are_refused():
    assert "CR104" in codes(BASE + "training: &t {seed: 1}\ncrop:\n  <<: *t\n")
    assert codes(BASE + "documentation: {stock: &a x}\n") == ["CR104"]
    assert "CR104" in codes(BASE + "documentation: &d\n  stock: *d\n")
    assert "CR104" in codes(BASE + "training: {<<: {seed: 1}}\n")


PATHS = [
    "[exec ls]/a.####.exr",
    "a/[python {1}].exr",
    "$env(HOME)/a.####.exr",
    "$HOME/a.exr",
    "a\\[b.exr",
    "C:\\plates\\a.####.exr",
    "`ls`/a.exr",
    "~/a.####.exr",
    "~root/a.####.exr",
    "file:///etc/passwd",
    "https://example.org/a.####.exr",
    "a/%V/a.####.exr",
    "a.####.%04d.exr",
    "a/####/b.exr",
    "a\nb.exr",
    "a\tb.exr",
    " a.exr",
    "x" * 1001,
]
PATH_FIELDS = [
    "source.path",
    "source.then[].path",
    "reference.path",
    "reference.then[].path",
    "training.checkpoint",
    "inference.model",
    "validation.profile",
    "output.folder",
]


@pytest.mark.parametrize("field", PATH_FIELDS)
@pytest.mark.parametrize("path", PATHS)
def test_unsafe_paths_are_refused_in_every_path_field(field, path):
    section, name = field.split(".", 1)
    text = BASE
    quoted = '"' + path.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") + '"'
    if name == "then[].path":
        text = text.replace(
            f"{section}: {{path: ", f"{section}: {{then: [{{path: {quoted}, first: 1, last: 1}}], path: "
        )
    elif section in ("source", "reference"):
        other = text.index(f"{section}: {{path: ")
        end = text.index(",", other)
        text = f"{text[:other]}{section}: {{path: {quoted}{text[end:]}"
    else:
        text += f"{section}: {{{name}: {quoted}}}\n"
    assert codes(text)[0] in ("CR113", "CR114")


def test_every_path_field_of_the_model_is_tried_above():
    assert [p for p, f in walk() if f.limits.get("form") == "path"] == PATH_FIELDS


HOSTILE = [
    "[python {__import__('os').system('touch x')}]",
    "\\[exec touch x]",
    "}\nexec touch x\nNoOp {",
    '" ; exec touch x ; "',
    "$env(HOME) ${HOME} %HOME% ~",
    "{{ 7*7 }} {% raw %} <script>alert(1)</script>",
    "__import__('os').system('x')",
    "\\",
    "{",
    "]]]]",
]


def text_fields() -> list[str]:
    """Free texts that can be set alone (choices, patterns and names of colours are closed anyway)."""
    closed = ("choices", "pattern")
    fields = [(p, f) for p, f in walk() if f.kind == "str" and not any(c in f.limits for c in closed)]
    return [p for p, f in fields if f.limits.get("form") == "prose" and "[]" not in p]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", text_fields())
def test_code_in_a_free_text_stays_a_plain_text(tmp_path, monkeypatch, field, hostile):
    monkeypatch.chdir(tmp_path)
    section, name = field.split(".")
    quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if section == "reference":
        text = BASE.replace("dvd.####.exr,", f"dvd.####.exr, {name}: {quoted},")
    else:
        text = BASE + f"{section}: {{{name}: {quoted}}}\n"
    value = getattr(getattr(loads(text).preset, section), name)
    assert type(value) is str
    assert value == hostile
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_code_in_a_note_stays_a_plain_text(hostile):
    quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    text = BASE.replace("[1,", f"[{{source: 1, note: {quoted}}},")
    assert loads(text).preset.pairs[0].note == hostile


@pytest.mark.parametrize("field", ["config", "working", "display", "view", "read", "delivery"])
@pytest.mark.parametrize("hostile", HOSTILE[:5])
@pytest.mark.parametrize("config", ["aces_1.2", "my.ocio"])
def test_code_in_a_colour_name_is_refused(field, hostile, config):
    quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    given = {"config": config, field: quoted}
    found = codes(BASE + "colour: {" + ", ".join(f"{k}: {v}" for k, v in given.items()) + "}\n")
    assert found
    assert set(found) <= {"CR113", "CR701", "CR702", "CR704", "CR705"}


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/b",
        "a b",
        "",
        ".hidden",
        "-rf",
        "x\n",
        "[exec ls]",
        "con",
        "NUL.exr",
        "x" * 65,
        "$HOME",
        "a.",
    ],
)
def test_a_shot_name_is_a_plain_file_name(name):
    quoted = '"' + name.replace("\n", "\\n") + '"'
    assert codes(BASE.replace("shot: sh010", f"shot: {quoted}")) == ["CR113"]


@pytest.mark.parametrize("folder", ["..", "../x", "a/../../x", "/x", "C:/x", "", "~"])
def test_the_output_folder_stays_below(folder):
    assert codes(BASE + f'output: {{folder: "{folder}"}}\n')[0] in ("CR114", "CR178")


def test_nesting_and_size_are_bounded():
    assert codes("[" * 100_000) == ["CR104"]
    assert codes("{a: " * 100_000) == ["CR104"]
    assert codes("- " * 100_000) == ["CR104"]
    assert codes("a" * (1 << 20) + "a") == ["CR101"]


def test_errors_hold_no_control_characters():
    for text in ('"\\e]0;owned\\a": 1\n', 'scope: "\\e[31mred"\n', 'nuke: {edition: "\\ud800"}\n'):
        with pytest.raises(PresetError) as caught:
            loads(BASE + text)
        assert all(c.isprintable() or c == "\n" for c in str(caught.value))
        assert str(caught.value).encode("utf-8")


def test_an_environment_variable_is_never_looked_up(monkeypatch):
    monkeypatch.setenv("PLATES", "/secret")
    text = BASE + "documentation: {stock: $PLATES, caveats: '%PLATES%'}\n"
    assert loads(text).preset.documentation.stock == "$PLATES"
    assert loads(text).preset.documentation.caveats == "%PLATES%"
