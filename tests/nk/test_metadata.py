"""The list of ModifyMetaData: texts come back exactly, by our reader and by Tcl, and nothing in them is evaluated."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.graph import Graph, NukeVersion, Verbatim
from chroma_recovery.nk import read, write
from chroma_recovery.nk.metadata import FRAME, encoded, metadata_list, plain_text, read_metadata
from chroma_recovery.nk.tcl import TclError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
HOSTILE = '[python {nuke.scriptClear()}] "; exec rm $HOME \\[x] }} { ` 100 % %5B\n#'


@given(TEXT)
def test_encoded_text_comes_back_and_means_nothing_to_tcl(text: str) -> None:
    made = encoded(text)
    assert plain_text(made) == text
    assert not set(made) & set('[]{}$\\"`;#\n\r\t\0')


@given(st.dictionaries(st.from_regex(r"\Aexr/[A-Za-z]{1,12}\Z"), TEXT, max_size=6))
def test_a_list_reads_back(entries: dict[str, str]) -> None:
    entries = {k: v for k, v in entries.items() if v != FRAME}
    found = read_metadata(metadata_list(entries).word)
    assert {key: plain_text(value) for _, key, value in found} == entries


def test_as_nuke_saves_it() -> None:
    graph = Graph(NukeVersion(15, 1))
    graph.add(
        "ModifyMetaData", "Header", knobs={"metadata": metadata_list({"exr/a": "x y", "exr/f": "[frame]"})}
    )
    text = write(graph)
    assert ' metadata {\n  {set exr/a "x y"}\n  {set exr/f [frame]}\n }\n' in text
    assert read(text) == graph


def test_seen_in_public_scripts() -> None:
    """One entry as Nuke saved it, and forms that public Python code hands to the knob."""
    assert read_metadata("\n {set exr/pyshot/delivery_conform 1}\n") == [
        ("set", "exr/pyshot/delivery_conform", "1")
    ]
    assert read_metadata('{set exr/manifest "\\{\\}"}') == [("set", "exr/manifest", "{}")]
    assert read_metadata('{remove exr/manifest ""}') == [("remove", "exr/manifest", "")]


@pytest.mark.parametrize("key", ["", "exr/a b", "a}", "[x]", "exr/", "/exr", "exr//a", "9a"])
def test_keys_are_plain(key: str) -> None:
    with pytest.raises(TclError) as caught:
        metadata_list({key: "x"})
    assert caught.value.code == "CR304"


@pytest.mark.parametrize("word", ["{set", "{set a b c}", "{exec rm}", "x", '{"'])
def test_other_lists_are_refused(word: str) -> None:
    with pytest.raises(TclError):
        read_metadata(word)


@pytest.mark.skipif(shutil.which("tclsh") is None, reason="no Tcl here")
@settings(max_examples=1)
@given(st.just(HOSTILE))
def test_evaluated_again_and_again_by_tcl(text: str) -> None:
    """However often Nuke substitutes a value, it stays the same characters."""
    value = read_metadata(metadata_list({"exr/a": text}).word)[0][2]
    script = "fconfigure stdout -encoding utf-8\nset v {" + value + "}\n"
    script += "for {set i 0} {$i < 3} {incr i} {set v [subst $v]}\nputs -nonewline $v"
    done = subprocess.run(["tclsh"], input=script, capture_output=True, encoding="utf-8", timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    assert plain_text(done.stdout) == text
    assert isinstance(metadata_list({}), Verbatim)
