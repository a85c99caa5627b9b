"""Text of a .nk script -> Graph. Nothing in the text is ever executed or substituted.

The script is split by Tcl's rules and each command is acted on by name: node classes build and push a node;
``set``, ``push``, ``clone`` and ``end_group`` work the stack as Nuke does. Values are typed by the
catalogue; what it does not know is kept as it is (Verbatim), so that writing the graph again keeps its
meaning. Code in knobs is kept as data.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from ..errors import GraphError, NkError, Problem
from ..graph.catalogue import GROUPS, catalogue
from ..graph.graph import Graph, NukeVersion
from ..graph.knobs import KnobValue
from ..graph.node import Node, UserKnob
from .tcl import Command, TclError, Word, commands, is_class, position, split_list
from .user_knobs import read_user_knob
from .values import understand, user_spec
from .writer import ALWAYS, DEEPEST

__all__ = ["read"]

INPUTS = re.compile(r"([0-9]{1,5})(?:\+([0-9]))?\Z")
STACK = re.compile(r"\[\s*stack\s+0\s*\]\Z")
IGNORED = {"define_window_layout_xml", "define_window_layout"}
MOST_INPUTS = 10_001


def read(text: str, *, name: str = "<text>") -> Graph:
    """The graph of a script, gizmo, toolset or pasted text. name: what error places call the text.

    Raises NkError with everything that cannot be read, each at ``name:line:column``.
    """
    reader = _Reader(text, name)
    for command in commands(text.removeprefix("\ufeff") if not text.startswith("\ufeff") else " " + text[1:]):
        if isinstance(command, TclError):
            reader.problem(command.code, command.offset, str(command))
        else:
            reader.run(command)
    return reader.finish()


@attrs.define(eq=False)
class _Level:
    """One graph while it is read: the script or the inside of a group."""

    graph: Graph
    owner: Node | None = None
    start: int = 0
    stack: list[Node | None] = attrs.field(factory=list)
    clones: dict[str, int] = attrs.field(factory=dict)


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.problems: list[Problem] = []
        self.levels = [_Level(Graph())]
        self.variables: dict[str, tuple[_Level, Node | None]] = {}
        self.pasted: dict[str, tuple[_Level, Node]] = {}
        self.acts: dict[str, Callable[[Command], None]] = {
            "version": self.version,
            "set": self.set,
            "push": self.push,
            "clone": self.clone,
            "end_group": self.end_group,
            "add_layer": self.add_layer,
            "Root": self.root,
        }

    # -- errors and the end

    def problem(self, code: str, offset: int, message: str, hint: str = "") -> None:
        line, column = position(self.text, offset)
        source = self.text.split("\n", line)[line - 1][:200] if line < 10_000 else ""
        excerpt = (
            f"  {source}\n  {' ' * (column - 1)}^"
            if source.isprintable() and column <= 200 and source
            else ""
        )
        self.problems.append(Problem(code, f"{self.name}:{line}:{column}", message, hint, excerpt))

    def finish(self) -> Graph:
        for level in self.levels[1:]:
            self.problem(
                "CR328", level.start, f"{level.owner.cls if level.owner else 'group'} without end_group"
            )
        if self.problems:
            raise NkError(self.problems)
        top = self.levels[0].graph
        waiting = [top]
        while waiting:
            graph = waiting.pop()
            graph.nuke = top.nuke
            waiting += [n.children for n in graph if n.children is not None]
        return top

    # -- commands

    def run(self, command: Command) -> None:
        first = command.words[0]
        act = self.acts.get(first.text)
        if act is not None:
            act(command)
        elif first.text in IGNORED:
            return
        elif first.style == "bare" and is_class(first.text) and len(command.words) == 2:
            self.node(first.text, command.words[1], command.start)
        else:
            self.problem("CR322", command.start, f"{first.text[:60]!r} is no command of a Nuke script")

    def version(self, command: Command) -> None:
        text = " ".join(w.text for w in command.words[1:])
        text = re.sub(r"([0-9]+\.[0-9])[0-9]{3}\Z", r"\1", text)  # Nuke 4 and 5 wrote 4.5030 for 4.5v3
        try:
            self.levels[0].graph.nuke = NukeVersion.parse(text)
        except GraphError:
            self.problem("CR331", command.start, f"{text!r} is no version", "as in: version 15.1 v4")

    def set(self, command: Command) -> None:
        level = self.levels[-1]
        if len(command.words) != 3 or not STACK.match(command.words[2].text):
            self.problem("CR322", command.start, "only 'set NAME [stack 0]' is known")
            return
        self.variables[command.words[1].text] = (level, level.stack[-1] if level.stack else None)

    def push(self, command: Command) -> None:
        level = self.levels[-1]
        word = command.words[1].text if len(command.words) == 2 else ""
        if word == "0":
            level.stack.append(None)
        elif word.startswith("$"):
            found = self.variable(word, command)
            level.stack.append(found)
        else:
            self.problem("CR322", command.start, "only 'push 0' and 'push $NAME' are known")

    def variable(self, word: str, command: Command) -> Node | None:
        found = self.variables.get(word[1:])
        if found is None:
            self.problem("CR325", command.start, f"{word} was never set")
            return None
        level, node = found
        if node is not None and level is not self.levels[-1]:
            self.problem("CR325", command.start, f"{word} is a node of another group")
            return None
        return node

    def clone(self, command: Command) -> None:
        words = command.words
        if len(words) == 3 and words[1].text.startswith("$"):
            source = self.variable(words[1].text, command)
            if source is not None:
                self.instance(source, words[2], command.start)
            elif words[1].text[1:] in self.variables and not self.problems:
                self.problem("CR325", command.start, f"{words[1].text} holds no node")
        elif len(words) == 4 and "|" in words[1].text and is_class(words[2].text):
            known = self.pasted.get(words[1].text)
            if known is not None and known[0] is self.levels[-1]:
                self.instance(known[1], words[3], command.start)
                return
            made = self.node(words[2].text, words[3], command.start)
            if made is not None:
                self.pasted[words[1].text] = (self.levels[-1], made)
        else:
            self.problem("CR322", command.start, "this form of 'clone' is not known")

    def end_group(self, command: Command) -> None:
        if len(self.levels) == 1:
            self.problem("CR327", command.start, "end_group without a group")
            return
        level = self.levels.pop()
        if level.owner is not None and level.graph.nodes:
            level.owner.children = level.graph

    def add_layer(self, command: Command) -> None:
        words = self.elements(command.words[1]) if len(command.words) == 2 else []
        layer = tuple(w.text for w in words)
        top = self.levels[0].graph
        if not layer:
            self.problem("CR321", command.start, "add_layer takes one list")
        elif layer not in top.layers:
            top.layers = (*top.layers, layer)

    def root(self, command: Command) -> None:
        if len(command.words) != 2:
            self.problem("CR321", command.start, "Root takes one list of knobs")
            return
        for name, word in self.pairs(command.words[1]):
            if name.text != "inputs" and name.text != "addUserKnob":
                self.levels[0].graph.root[name.text] = understand(word, catalogue().knob("Root", name.text))

    # -- nodes

    def elements(self, body: Word) -> list[Word]:
        try:
            return split_list(body.text, body.start)
        except TclError as error:
            self.problem(error.code, body.start + error.offset, str(error))
            return []

    def pairs(self, body: Word) -> list[tuple[Word, Word]]:
        words = self.elements(body)
        if len(words) % 2:
            self.problem("CR323", words[-1].start, f"knob {words[-1].text[:60]!r} has no value")
            words.pop()
        return list(zip(words[::2], words[1::2], strict=True))

    def node(self, cls: str, body: Word, start: int) -> Node | None:
        level = self.levels[-1]
        node = Node("", cls)
        spec = catalogue().node(cls)
        pipes, masked = 1, 0
        added: dict[str, UserKnob] = {}
        for name, word in self.pairs(body):
            knob = name.text
            if knob == "inputs":
                pipes, masked = self.inputs(word)
            elif knob == "name":
                node.name = word.text
            elif knob in ("xpos", "ypos"):
                setattr(node, knob, _place(word.text))
            elif knob == "addUserKnob":
                try:
                    user = read_user_knob(word.text)
                except TclError as error:
                    self.problem(error.code, word.start + error.offset, str(error))
                    continue
                added[user.name or f"\0{len(added)}"] = user
            elif knob in added:
                value = understand(word, user_spec(knob, added[knob].kind))
                added[knob] = attrs.evolve(added[knob], value=value)
            elif not (word.style == "braced" and ALWAYS.get(cls, {}).get(knob) == "{" + word.text + "}"):
                node.knobs[knob] = self.value(cls, knob, word)
        node.user_knobs = tuple(added.values())
        node.name = level.graph.free_name(node.name or cls.rsplit(".", 1)[-1] + "1")
        if spec is not None and spec.has_mask and not masked and pipes == spec.max_inputs + 1:
            masked = 1
            pipes -= 1
        self.connect(level, node, pipes, masked, start)
        level.graph.nodes[node.name] = node
        if cls in GROUPS:
            if len(self.levels) > DEEPEST:
                self.problem("CR329", start, f"groups more than {DEEPEST} deep")
            self.levels.append(_Level(Graph(), node, start))
        return node

    def instance(self, source: Node, body: Word, start: int) -> None:
        level = self.levels[-1]
        first = source.clone_of or source.name
        count = level.clones[first] = level.clones.get(first, 1) + 1
        node = Node(f"{first}~{count}", source.cls, clone_of=first)
        pipes, masked = 1, 0
        for name, word in self.pairs(body):
            if name.text == "inputs":
                pipes, masked = self.inputs(word)
            elif name.text in ("xpos", "ypos"):
                setattr(node, name.text, _place(word.text))
            elif name.text not in ("selected", "name"):
                node.knobs[name.text] = self.value(source.cls, name.text, word)
        self.connect(level, node, pipes, masked, start)
        level.graph.nodes[node.name] = node

    def value(self, cls: str, knob: str, word: Word) -> KnobValue:
        return understand(word, catalogue().knob(cls, knob))

    def inputs(self, word: Word) -> tuple[int, int]:
        match = INPUTS.match(word.text)
        if not match or int(match[1]) > MOST_INPUTS:
            self.problem(
                "CR324", word.start, f"{word.text[:60]!r} is no number of inputs", "as in: inputs 2+1"
            )
            return 1, 0
        masked = int(match[2] or 0)
        return int(match[1]) + max(masked - 1, 0), min(masked, 1)

    def connect(self, level: _Level, node: Node, pipes: int, masked: int, start: int) -> None:
        """Pop the inputs; where the stack is empty Nuke leaves them unconnected."""
        popped: list[str | None] = []
        for _ in range(pipes + masked):
            up = level.stack.pop() if level.stack else None
            popped.append(up.name if up is not None else None)
        if masked:
            node.mask = popped.pop()
        node.inputs = tuple(popped)
        level.stack.append(node)


def _place(text: str) -> int:
    try:
        return max(-(2**31), min(2**31 - 1, round(float(text))))
    except (ValueError, OverflowError):
        return 0
