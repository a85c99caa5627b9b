"""Whatever comes in: a preset, or an error of ours; and what is written as YAML reads back the same."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from preset_making import BASE, as_yaml, presets

from chroma_recovery.errors import PresetError
from chroma_recovery.preset import Loaded, loads
from chroma_recovery.preset.text import decode

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = [
    *":-[]{},|>#~@`?!'é",
    '"',
    "shot",
    "pairs",
    "source",
    "&a",
    "*a",
    "!!int",
    "<<",
    "---",
    "...",
    "null",
    "1e9",
]
SPACES = [" ", "  ", "\n", "\t", "\r", "\u2028", "\ufeff", "\x00", "\\x", "%YAML 1.1\n", "%TAG ! x\n"]
YAML_ISH = st.lists(st.sampled_from([*PIECES, *SPACES, "extends: shot\n"]), max_size=40).map("".join)


def read(text: str) -> Loaded | PresetError:
    """The preset, or the error after a look at its problems; any other exception fails the test."""
    try:
        return loads(text)
    except PresetError as error:
        caught = error
    assert all(p.code.startswith("CR") and p.place for p in caught.problems)
    return caught


@SLOW
@given(presets())
def test_every_valid_preset_reads_back_equal(preset):
    assert loads(as_yaml(preset)).preset == preset


@settings(max_examples=300, deadline=None)
@given(YAML_ISH | st.text(max_size=60))
def test_any_text_gives_a_preset_or_our_error(text):
    read(text)
    read(BASE + text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_give_a_preset_or_our_error(data):
    for content in (data, BASE.encode() + data):
        try:
            text = decode(content, "x.yaml")
        except PresetError as error:
            codes = {p.code for p in error.problems}
        else:
            codes = {"CR102"}
            read(text)
        assert codes == {"CR102"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_preset_gives_a_preset_or_our_error(data):
    text = BASE + "training: {patch: 256, steps: 80000}\ncrop:\n  box: [1, 2, 3, 4]\n"
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 5))
    read(text[:at] + data.draw(YAML_ISH) + text[at + cut :])
