"""Quoting and parsing against rules of Tcl(n) and, where a real Tcl is the judge, against Tcl itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.nk.tcl import (
    Command,
    TclError,
    commands,
    escape,
    is_class,
    needs_evaluation,
    position,
    quote,
    quote_kept,
    split_list,
    unescape,
)

HOSTILE = [
    "[python {__import__('os').system('touch x')}]",
    r"\[exec touch x]",
    "\n}\nexec touch x",
    "}\nexec touch x\nNoOp {",
    '"\nexec touch x\n"',
    "$env(HOME)",
    "${x}",
    "{",
    "}",
    "}{",
    '"',
    '" [exec touch x] "',
    ";exec touch x",
    "\\",
    "a\\",
    "\\\n",
    "\\\\[exec x]",
    "# comment",
    "",
    " ",
    "\t tab",
    "a b",
    "\r\n",
    "ünïcødé 漢字 🎞",
    "\u2028\u00a0\u0085",
    "\\x41\\u0041\\101\\n",
    "{*}{exec x}",
    "%04d ####",
]
TEXT = st.text(
    st.one_of(st.sampled_from('[]{}$\\"; \n\t#ab'), st.characters(exclude_categories=["Cs", "Cc"])),
    max_size=30,
)


@given(st.one_of(TEXT, st.sampled_from(HOSTILE)))
def test_quoted_text_is_one_list_element_and_one_command_word(text: str) -> None:
    assert [w.text for w in split_list(quote(text))] == [text]
    assert [w.text for w in split_list(f"a {quote(text)} {quote_kept(text)}")] == ["a", text, text]
    (command,) = commands("Class {" + quote(text) + "}\n")
    assert isinstance(command, Command)
    assert [w.text for w in split_list(command.words[1].text)] == [text]


@given(st.one_of(TEXT, st.sampled_from(HOSTILE)))
def test_escaped_text_needs_no_evaluation_and_comes_back(text: str) -> None:
    assert not needs_evaluation(escape(text))
    assert unescape(escape(text)) == text


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(TEXT, st.sampled_from(HOSTILE)), min_size=1, max_size=40))
def test_tcl_reads_back_what_was_quoted_and_nothing_runs(tcl, texts: list[str]) -> None:
    body = " ".join(f"k{i} {quote(t)}" for i, t in enumerate(texts))
    view = tcl.run("NoOp {inputs 0 " + body + "}\n")
    assert (view.errors, view.attempted) == ([], [])
    (node,) = view.nodes.values()
    assert [node.knobs[f"k{i}"] for i in range(len(texts))] == texts


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(TEXT, st.sampled_from(HOSTILE)), min_size=1, max_size=40))
def test_the_second_evaluation_gives_the_literal_text(tcl, texts: list[str]) -> None:
    assert tcl.evaluate([escape(t) for t in texts]) == texts


def test_the_tcl_judge_does_notice_a_break_out(tcl) -> None:
    view = tcl.run('NoOp {inputs 0 label "x"}\nexec touch x\n')
    assert view.attempted == ["exec {touch x}"] or view.attempted == ["exec touch x"]
    with pytest.raises(AssertionError):
        tcl.evaluate(["[exec touch x]"])


def test_nuke_s_own_spellings() -> None:
    assert quote("/a/b.%04d.exr") == "/a/b.%04d.exr"
    assert quote("Zip (1 scanline)") == '"Zip (1 scanline)"'
    assert quote("a\nb]") == '"a\\nb]"'
    assert quote(escape("[x]")) == '"\\\\\\[x]"'
    assert quote_kept("master {} red {curve x1 2}") == "{master {} red {curve x1 2}}"
    assert quote("") == '""'


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800"])
def test_nul_and_surrogates_are_refused(text: str) -> None:
    for spell in (quote, quote_kept):
        with pytest.raises(TclError) as caught:
            spell(text)
        assert caught.value.code == "CR301"


def test_control_characters_are_refused() -> None:
    with pytest.raises(TclError) as caught:
        quote("a\x1ab")
    assert (caught.value.code, caught.value.offset) == ("CR302", 1)


def test_list_rules() -> None:
    text = ' a {b {c d}} "e\\tf" g\\ h {} "" i{j "k l"m'
    with pytest.raises(TclError) as caught:
        split_list(text)
    assert (caught.value.code, text[caught.value.offset]) == ("CR321", "m")
    words = split_list(text[:-1])
    assert [w.text for w in words] == ["a", "b {c d}", "e\tf", "g h", "", "", "i{j", "k l"]
    assert [w.style for w in words] == [
        "bare",
        "braced",
        "quoted",
        "bare",
        "braced",
        "quoted",
        "bare",
        "quoted",
    ]
    assert words[1].start == text.index("b {c")


@pytest.mark.parametrize("text", ["{", "{ {a}", '"a', "{a\\}"])
def test_open_braces_and_quotes_are_errors(text: str) -> None:
    with pytest.raises(TclError) as caught:
        split_list(text)
    assert (caught.value.code, caught.value.offset) == ("CR320", 0)


def test_commands_comments_separators_and_recovery() -> None:
    text = "#! x {\nversion 15.1 v4;push 0\nset N1 [stack 0]\nA {b}c\nB {d\n e}\n"
    found = list(commands(text))
    assert isinstance(found[3], TclError)
    assert position(text, found[3].offset) == (4, 6)
    good = [[w.text for w in c.words] for c in found if isinstance(c, Command)]
    assert good == [["version", "15.1", "v4"], ["push", "0"], ["set", "N1", "[stack 0]"], ["B", "d\n e"]]


def test_a_million_braces_do_not_exhaust_the_stack() -> None:
    deep = "{" * 500_000 + "}" * 500_000
    assert split_list(deep)[0].text == deep[1:-1]
    with pytest.raises(TclError):
        split_list("{" * 500_000)


@pytest.mark.parametrize(
    "name", ["exec", "set", "push", "python", "knob", "source", "a b", "A;B", "", "A\n", "3D"]
)
def test_commands_are_never_classes(name: str) -> None:
    assert not is_class(name)


@pytest.mark.parametrize("name", ["Grade", "OFXuk.co.thefoundry.furnace.f_align_v403", "add32p", "Switch"])
def test_node_classes_are(name: str) -> None:
    assert is_class(name)
