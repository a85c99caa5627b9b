"""One value or one list item of a preset's text changed in place; comments, order and spelling stay.

A path names a value as in error messages: ``training.patch``, ``alignment.keys[0].use``. Every edit is proven before
it is handed out: the new text is parsed again and must differ from the old one by this value only.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import yaml

from ...errors import PresetError
from .text_tree import Tree, prove, tree_of, tree_without, with_item, with_tree, without_item

__all__ = [
    "insert_item",
    "order_items",
    "raw",
    "remove_item",
    "remove_value",
    "root_of",
    "said_in",
    "set_value",
]

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_COMMENT = re.compile(r"(?:^|\s)#", re.MULTILINE)


def steps_of(path: str) -> list[str | int]:
    """``keys[0].use`` -> ``["keys", 0, "use"]``."""
    return [m[1] if m[1] else int(m[2]) for m in _STEP.finditer(path)]


def refused(path: str, why: str) -> PresetError:
    """CR191: the text cannot be edited safely."""
    error = PresetError.at("CR191", path, why, "edit the file by hand")
    assert isinstance(error, PresetError)  # noqa: S101 - at() makes its own class
    return error


def root_of(text: str) -> yaml.MappingNode:
    """The tree with places. Raises PresetError (CR191) if there is none."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise refused("", "the file is not YAML") from error
    if root is None:
        root = yaml.MappingNode("tag:yaml.org,2002:map", [], None, None, False)
    if not isinstance(root, yaml.MappingNode):
        raise refused("", "the file holds no preset")
    return root


def raw(text: str, path: str) -> str | list[str] | None:
    """What the text says for a value, as typed: a text, or a list's texts; None if it says nothing about it."""
    return said_in(root_of(text), path)


def said_in(root: Any, path: str) -> str | list[str] | None:
    """As :func:`raw`, of a tree that is read already."""
    node = root
    for step in steps_of(path):
        node = child(node, step)
        if node is None:
            return None
    if isinstance(node, yaml.SequenceNode):
        return [str(item.value) for item in node.value]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def child(node: Any, step: str | int) -> Any:
    """A mapping's value or a list's item; None if it is not there."""
    if isinstance(step, int):
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        return items[step] if step < len(items) else None
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == step), None)


def set_value(text: str, path: str, spelled: str) -> str:
    """The text with another value. spelled: YAML for one line, as the ``spelling`` module gives it.

    A value that the text does not have yet is added at the end of its mapping. Raises PresetError (CR191).
    """
    steps = steps_of(path)
    node: Any = root_of(text)
    before = tree_of(node)
    depth = 0
    while depth < len(steps) and (below := child(node, steps[depth])) is not None:
        node, depth = below, depth + 1
    if depth == len(steps):
        result = _replaced(text, node, spelled, path)
    else:
        result = _added(text, node, steps[depth:], spelled, path, top=depth == 0)
    _proven(result, with_tree(before, steps, _spelled(spelled)), path)
    return result


def remove_value(text: str, path: str) -> str:
    """The text without a value, so that what it extends holds again. Lines with a comment become comments."""
    steps = steps_of(path)
    parent: Any = root_of(text)
    before = tree_of(parent)
    for step in steps[:-1]:
        parent = child(parent, step)
    name = steps[-1]
    if child(parent, name) is None or isinstance(name, int):
        return text
    place, (key, node) = next((n, e) for n, e in enumerate(parent.value) if e[0].value == name)
    start, end = key.start_mark.index, end_of(text, node)
    if parent.flow_style:
        if place + 1 < len(parent.value):
            end = parent.value[place + 1][0].start_mark.index
        elif place:
            start = end_of(text, parent.value[place - 1][1])
        if _COMMENT.search(text[start:end]):
            raise refused(path, "a comment stands within it")
        result = text[:start] + text[end:]
    else:
        first, last = line_start(text, start), line_end(text, end)
        if text[first:start].strip():
            raise refused(path, "it begins an item of a list")
        lines = text[first:last]
        kept = ""
        if _COMMENT.search(lines):
            pad = start - first
            kept = "".join(f"{' ' * pad}# {line[pad:]}" for line in lines.splitlines(True))
        result = text[:first] + kept + text[last:]
    _proven(result, tree_without(before, steps), path)
    return result


def insert_item(text: str, path: str, index: int, spelled: str) -> str:
    """The text with one more item in a list that it has, before item ``index`` (its length: at the end)."""
    steps = steps_of(path)
    node: Any = root_of(text)
    before = tree_of(node)
    for step in steps:
        node = child(node, step)
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return set_value(text, path, f"[{spelled}]")
    items = node.value
    if node.flow_style:
        at = end_of(text, items[index - 1]) if index else items[0].start_mark.index
        words = f", {spelled}" if index else f"{spelled}, "
    else:
        dash = _dash(text, items[0])
        at = line_end(text, end_of(text, items[index - 1])) if index else line_start(text, dash)
        lead = "" if not at or text[at - 1] == "\n" else "\n"
        words = f"{lead}{' ' * (dash - line_start(text, dash))}- {spelled}\n"
    result = text[:at] + words + text[at:]
    _proven(result, with_item(before, steps, index, _spelled(spelled)), path)
    return result


def remove_item(text: str, path: str, index: int) -> str:
    """The text without one item of a list; a remark on the item's own line goes with it."""
    steps = steps_of(path)
    node: Any = root_of(text)
    before = tree_of(node)
    key: Any = None
    for step in steps:
        key = next((k for k, _ in node.value if k.value == step), None)
        node = child(node, step)
    items = node.value
    item = items[index]
    if node.flow_style:
        start, end = item.start_mark.index, end_of(text, item)
        if index + 1 < len(items):
            end = items[index + 1].start_mark.index
        elif index:
            start = end_of(text, items[index - 1])
        result = text[:start] + text[end:]
    else:
        start, end = line_start(text, _dash(text, item)), line_end(text, end_of(text, item))
        result = text[:start] + text[end:]
        if len(items) == 1:
            colon = text.index(":", key.end_mark.index) + 1
            result = result[:colon] + " []" + result[colon:]
    _proven(result, without_item(before, steps, index), path)
    return result


def order_items(text: str, path: str, order: list[int]) -> str:
    """The text with a list's items in another order; whole lines move, with the comment lines above them."""
    steps = steps_of(path)
    node: Any = root_of(text)
    before = tree_of(node)
    for step in steps:
        node = child(node, step)
    items = node.value
    if node.flow_style:
        spans = [(item.start_mark.index, end_of(text, item)) for item in items]
        gaps = [text[a[1] : b[0]] for a, b in itertools.pairwise(spans)]
        if any(_COMMENT.search(gap) for gap in gaps):
            raise refused(path, "a comment stands within it")
        words = [text[spans[n][0] : spans[n][1]] for n in order]
        middle = words[0] + "".join(gap + word for gap, word in zip(gaps, words[1:], strict=True))
        result = text[: spans[0][0]] + middle + text[spans[-1][1] :]
    else:
        starts: list[int] = []
        for n, item in enumerate(items):
            start = line_start(text, _dash(text, item))
            least = line_end(text, end_of(text, items[n - 1])) if n else start
            while start > least and text[line_start(text, start - 1) : start].lstrip().startswith("#"):
                start = line_start(text, start - 1)
            starts.append(start)
        last = line_end(text, end_of(text, items[-1]))
        chunks = [text[a:b] for a, b in zip(starts, [*starts[1:], last], strict=True)]
        moved = [chunks[n] if chunks[n].endswith("\n") else chunks[n] + "\n" for n in order]
        result = text[: starts[0]] + "".join(moved) + text[last:]
    wanted = before
    for step in steps:
        wanted = wanted[step]
    _proven(result, with_tree(before, steps, [wanted[n] for n in order]), path)
    return result


def _replaced(text: str, node: Any, spelled: str, path: str) -> str:
    start, end = node.start_mark.index, end_of(text, node)
    if start == end:  # nothing stands behind the colon
        return f"{text[:start]} {spelled}{text[end:]}"
    if not isinstance(node, yaml.ScalarNode):
        if _COMMENT.search(text[start:end]):
            raise refused(path, "a comment stands within it")
        before = text[:start].rstrip()
        if not node.flow_style and before.endswith(":"):
            return f"{before} {spelled}{text[end:]}"
    return text[:start] + spelled + text[end:]


def _added(text: str, node: Any, rest: list[str | int], spelled: str, path: str, *, top: bool) -> str:
    if any(isinstance(step, int) for step in rest):
        raise refused(path, "the list has no such item")
    nested = spelled
    for step in rest[:0:-1]:
        nested = f"{{{step}: {nested}}}"
    entry = f"{rest[0]}: {nested}"
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("", "~", "null"):
        return _replaced(text, node, f"{{{entry}}}", path)
    if not isinstance(node, yaml.MappingNode):
        raise refused(path, "the value around it is no mapping")
    if node.flow_style:
        at = end_of(text, node.value[-1][1]) if node.value else node.end_mark.index - 1
        return text[:at] + (f", {entry}" if node.value else entry) + text[at:]
    column = node.value[0][0].start_mark.column if node.value else 0
    lines = [f"{' ' * (column + 2 * n)}{step}:" for n, step in enumerate(rest)]
    lines[-1] += f" {spelled}"
    if top:
        lead = ("" if text.endswith("\n") or not text else "\n") + ("\n" if text and len(rest) > 1 else "")
        return text + lead + "\n".join(lines) + "\n"
    at = line_end(text, end_of(text, node.value[-1][1]))
    lead = "" if text[at - 1] == "\n" else "\n"
    return text[:at] + lead + "\n".join(lines) + "\n" + text[at:]


def line_start(text: str, at: int) -> int:
    """Where the line of a place begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Behind the newline of a place's line."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def end_of(text: str, node: Any) -> int:
    """Behind the last character of a value; PyYAML ends block values at what follows them."""
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode):
        return len(text[:end].rstrip()) if node.style in ("|", ">") else end
    if node.flow_style or not node.value:
        return end
    last = node.value[-1]
    return end_of(text, last[1] if isinstance(last, tuple) else last)


def _dash(text: str, item: Any) -> int:
    return text.rfind("-", 0, item.start_mark.index)


def _spelled(words: str) -> Tree:
    return tree_of(child(yaml.compose(f"v: {words}", Loader=yaml.SafeLoader), "v"))


def _proven(result: str, wanted: Tree, path: str) -> None:
    try:
        after = tree_of(root_of(result))
    except PresetError as error:
        raise refused(path, "cannot be edited safely") from error
    if not prove(after, wanted):
        raise refused(path, "cannot be edited safely")
