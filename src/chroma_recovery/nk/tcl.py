"""Tcl's word and list rules: the one place of this package that quotes or unquotes.

A .nk file is a Tcl script; a node's body and a knob's value are Tcl lists. Two levels of quoting matter:

1. *words*: what :func:`quote` makes is read back by any Tcl parser as exactly the text given;
2. *second evaluation*: Nuke runs Tcl substitution again over the text of file, label and similar knobs, so
literal
   text there goes through :func:`escape` first and only then through :func:`quote` (``[`` becomes
   ``\\\\\\[``).

Nothing is ever evaluated here. Parsing is iterative, so nested or hostile text cannot exhaust Python's stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import attrs

__all__ = [
    "Command",
    "TclError",
    "Word",
    "commands",
    "escape",
    "is_class",
    "needs_evaluation",
    "position",
    "quote",
    "quote_kept",
    "split_list",
    "unescape",
]


class TclError(ValueError):
    """Text that is not Tcl or cannot become Tcl. code: stable code; offset: where, in characters."""

    def __init__(self, code: str, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.offset = offset


@attrs.frozen
class Word:
    """One word, unquoted. style: ``bare``, ``quoted`` or ``braced``. start: offset of its first character
    inside any quotes or braces."""

    text: str
    start: int = 0
    style: str = "bare"


@attrs.frozen
class Command:
    """One command of a script, never empty. Bare words are as written: ``$N1``, ``[stack 0]``."""

    words: tuple[Word, ...]
    start: int


COMMANDS = frozenset(
    """
    add_layer after append apply array ask auto_execok auto_import auto_load auto_load_index
    auto_qualify binary break case catch cd chan clock clone close concat continue coroutine
    define_window_layout define_window_layout_xml dict encoding end_group eof error eval exec
    execute exit expr expression fblocked fconfigure fcopy file fileevent flush for foreach format
    gets glob global history if incr info interp join knob knobs lappend lassign lindex linsert list
    llength lmap load lrange lrepeat lreplace lreverse lsearch lset lsort menu message namespace
    open package panel pid proc push puts pwd python read regexp regsub rename return scan seek set
    setkey socket source split stack string subst switch tailcall tclLog tell throw time toNode
    trace try undo unknown unload unset update uplevel upvar value variable version vwait while
    yield yieldto zlib
    """.split()  # noqa: SIM905 - eighty words read better than eighty strings
)
"""Tcl's own commands and Nuke's: never the name of a node class."""
CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,200}\Z")


def is_class(name: str) -> bool:
    """Whether a command of this name can only make a node."""
    return bool(CLASS.match(name)) and name not in COMMANDS


SPECIAL = re.compile(r'[ \t\n\v\f\r;"\[\]{}$\\]')
ESCAPED = {'"': '\\"', "[": "\\[", "{": "\\{", "}": "\\}", "\\": "\\\\", "$": "\\$"}
ESCAPED |= {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
TO_ESCAPE = re.compile(r'["\[{}\\$\n\t\r]')
NEVER = re.compile("[\0\ud800-\udfff]")
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")

# -- writing


def quote(text: str) -> str:
    """The text as one Tcl word: bare where nothing in it is special, else in double quotes as Nuke escapes
    them.

    Raises TclError: CR301 for NUL and lone surrogates, CR302 for control characters other than tab and
    line ends.
    """
    if found := CONTROL.search(text):
        raise TclError("CR302", f"control character U+{ord(found[0]):04X} in text", found.start())
    return _quote(text)


def quote_kept(text: str) -> str:
    """A word kept from a file: in braces where they balance (lists stay readable), else as :func:`quote`."""
    if "\\" not in text and ("{" in text or "\n" in text) and _balanced(text):
        _no_nul(text)
        return "{" + text + "}"
    return _quote(text)


@lru_cache(maxsize=4096)
def _quote(text: str) -> str:
    """A script repeats its words: names of knobs, labels, colours."""
    _no_nul(text)
    if text and not SPECIAL.search(text) and text[0] != "#":
        return text
    return '"' + TO_ESCAPE.sub(lambda m: ESCAPED[m[0]], text) + '"'


def _no_nul(text: str) -> None:
    if found := NEVER.search(text):
        raise TclError("CR301", f"character U+{ord(found[0]):04X} cannot be in a script", found.start())


def _balanced(text: str) -> bool:
    depth = 0
    for brace in re.finditer("[{}]", text):
        depth += 1 if brace[0] == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def escape(text: str) -> str:
    """Literal text so that one Tcl substitution (Nuke's second evaluation) gives it back: ``\\``, ``[``,
    ``$``."""
    return re.sub(r"[\\\[$]", r"\\\g<0>", text)


def needs_evaluation(text: str) -> bool:
    """Whether Tcl substitution would run a command or look up a variable: an unescaped ``[`` or ``$``."""
    return any(m[0] in "[$" for m in re.finditer(r"\\.|[\[$]", text, re.DOTALL))


# -- reading

ESCAPE = re.compile(
    r"\\(?:\n[ \t]*|[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|.)", re.DOTALL
)
SINGLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unescape(text: str) -> str:
    """Tcl's backslash substitution."""
    return ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    rest = match[0][1:]
    if rest[0] == "\n":
        return " "
    if rest[0] in "01234567":
        return chr(int(rest, 8) & 0xFF)
    if rest[0] in "xuU" and len(rest) > 1:
        code = int(rest[1:], 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"
    return SINGLE.get(rest, rest)


SPACE = re.compile(r"[ \t\n\v\f\r]*")
BARE_ITEM = re.compile(r"(?:[^ \t\n\v\f\r\\]+|\\.|\\\Z)+", re.DOTALL)
QUOTED = re.compile(r'(?:[^"\\]+|\\.)*', re.DOTALL)
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
SPACES = " \t\n\v\f\r"


def _braced(text: str, start: int) -> int:
    """Offset of the brace that closes the one before ``start``."""
    depth = 1
    for found in BRACE.finditer(text, start):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth -= 1
            if not depth:
                return found.start()
    raise TclError("CR320", "this brace is never closed", start - 1)


def _quoted(text: str, start: int) -> int:
    found = QUOTED.match(text, start)
    end = found.end() if found else start
    if end >= len(text) or text[end] != '"':
        raise TclError("CR320", "this quote is never closed", start - 1)
    return end


def split_list(text: str, offset: int = 0) -> list[Word]:
    """The elements of a Tcl list. offset: added to every ``start``.

    Raises TclError CR320 for an open brace or quote, CR321 for text right after a closing one.
    """
    found: list[Word] = []
    at, size = SPACE.match(text).end(), len(text)  # type: ignore[union-attr]
    while at < size:
        first = text[at]
        if first in '{"':
            end = _braced(text, at + 1) if first == "{" else _quoted(text, at + 1)
            inside = text[at + 1 : end]
            word = (
                Word(inside, offset + at + 1, "braced")
                if first == "{"
                else Word(unescape(inside), offset + at + 1, "quoted")
            )
            end += 1
            if end < size and text[end] not in SPACES:
                raise TclError("CR321", f"{text[end]!r} right after a closing brace or quote", end)
        else:
            end = BARE_ITEM.match(text, at).end()  # type: ignore[union-attr]
            word = Word(unescape(text[at:end]), offset + at)
        found.append(word)
        at = SPACE.match(text, end).end()  # type: ignore[union-attr]
    return found


BETWEEN = re.compile(r"(?:[ \t\v\f\r\n;]|\\\n)*")
WITHIN = re.compile(r"(?:[ \t\v\f\r]|\\\n)*")
COMMENT = re.compile(r"#(?:[^\n\\]|\\.|\\\Z)*", re.DOTALL)
BARE_WORD = re.compile(r"(?:[^ \t\n\v\f\r;\\\[]+|\\[^\n]|\\\Z)*", re.DOTALL)
CONTINUED = re.compile(r"\\(\n[ \t]*|.)", re.DOTALL)


def commands(text: str) -> Iterator[Command | TclError]:
    """The commands of a script, split by Tcl's rules and not substituted. An error is yielded, not raised,
    so that reading can go on at the next line; an open brace ends the script."""
    at = 0
    while True:
        at = BETWEEN.match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text):
            return
        if text[at] == "#":
            at = COMMENT.match(text, at).end()  # type: ignore[union-attr]
            continue
        start, words = at, list[Word]()
        try:
            while at < len(text) and text[at] not in "\n;":
                word, at = _script_word(text, at)
                words.append(word)
                at = WITHIN.match(text, at).end()  # type: ignore[union-attr]
        except TclError as error:
            yield error
            if error.code == "CR320":
                return
            at = text.find("\n", error.offset)
            if at < 0:
                return
            continue
        yield Command(tuple(words), start)


def _script_word(text: str, at: int) -> tuple[Word, int]:
    first = text[at]
    if first in '{"':
        end = _braced(text, at + 1) if first == "{" else _quoted(text, at + 1)
        inside = text[at + 1 : end]
        if first == "{":
            if "\\\n" in inside:
                inside = CONTINUED.sub(lambda m: " " if m[1][0] == "\n" else m[0], inside)
            word = Word(inside, at + 1, "braced")
        else:
            word = Word(inside, at + 1, "quoted")
        if end + 1 < len(text) and text[end + 1] not in SPACES + ";" and not text.startswith("\\\n", end + 1):
            raise TclError("CR321", f"{text[end + 1]!r} right after a closing brace or quote", end + 1)
        return word, end + 1
    start = at
    while True:
        at = BARE_WORD.match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text) or text[at] != "[":
            return Word(text[start:at], start), at
        close = text.find("]", at)
        line = text.find("\n", at)
        if close < 0 or 0 <= line < close:
            raise TclError("CR321", "this bracket is not closed on its line", at)
        at = close + 1


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    offset = min(offset, len(text))
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
