"""New pairs in a preset file, with everything else left as the user typed it: comments, order, spelling.

Only the ``pairs`` list is edited, item by item: items that stay keep their text, new ones are put between them. The
result is read again and has to give exactly the wanted pairs and nothing else changed; otherwise nothing is handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import yaml

from ...errors import PresetError
from ..load import loads
from ..model import Pair, Preset

__all__ = ["spelled", "with_pairs"]


def with_pairs(text: str, pairs: Sequence[Pair], old: Preset) -> str:
    """The text of a preset file with other pairs. text: the file's. old: the preset as loaded from that file.

    Pairs may be added, dropped, or marked as hold-outs; pairs are told apart by Source frame. A file that takes its
    pairs from one it extends gets a list of its own at the end. Raises PresetError (CR191) if the text cannot be
    edited safely.
    """
    wanted = tuple(pairs)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise PresetError.at("CR191", "pairs", "the file holds no preset")
    found = next((value for key, value in root.value if key.value == "pairs"), None)
    if found is None:
        lines = "".join(f"  - {spelled(p)}\n" for p in wanted)
        result = text + ("" if text.endswith("\n") or not text else "\n") + f"\npairs:\n{lines}"
        if root.flow_style:
            raise PresetError.at(
                "CR191", "pairs", "the file is one {...} mapping", "write the pairs in by hand"
            )
    elif not isinstance(found, yaml.SequenceNode) or not found.value:
        raise PresetError.at("CR191", "pairs", "is no list of pairs", "write the pairs in by hand")
    else:
        result = _edited(text, found, wanted, old.pairs)
    _prove(result, wanted, old, own=text)
    return result


def spelled(pair: Pair) -> str:
    """A pair as YAML on one line: its number, or a mapping where there is more to say."""
    words = [f"source: {pair.source}"]
    if pair.reference is not None and pair.reference != pair.source:
        words.append(f"reference: {pair.reference}")
    if pair.note:
        quoted = pair.note.replace("\\", "\\\\").replace('"', '\\"')
        words.append(f'note: "{quoted}"')
    if pair.hold_out is not None:
        words.append(f"hold_out: {str(pair.hold_out).lower()}")
    return str(pair.source) if len(words) == 1 else "{" + ", ".join(words) + "}"


def _edited(text: str, found: yaml.SequenceNode, wanted: Sequence[Pair], old: Sequence[Pair]) -> str:
    """Apply edits from the end of the text to its beginning, so that places stay true."""
    items = list(zip(found.value, old, strict=False))
    if len(items) != len(found.value) or len(items) != len(old):
        raise PresetError.at("CR191", "pairs", "the list is not the one that was loaded")
    by_frame = {p.source: p for p in wanted}
    before = {p.source: p for p in old}
    edits: list[tuple[int, int, str]] = []
    for node, pair in items:
        new = by_frame.get(pair.source)
        if new is None:
            edits.append(_dropped(text, found, node))
        elif new != pair:
            edits.append(_changed(text, node, pair, new))
    for pair in wanted:
        if pair.source not in before:
            earlier = [node for node, p in items if p.source < pair.source]
            edits.append(_inserted(text, found, earlier[-1] if earlier else None, spelled(pair)))
    for start, end, words in sorted(edits, key=lambda e: e[0])[
        ::-1
    ]:  # of one place the later pair goes in first
        text = text[:start] + words + text[end:]
    return text


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Behind the line's newline."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _end(node: Any) -> int:
    """Where the last character of a value stands; PyYAML ends block values at what follows them."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _inserted(text: str, found: Any, earlier: Any, words: str) -> tuple[int, int, str]:
    """Behind the last pair of an earlier frame, so that comments above a pair stay above it; else at the top."""
    first = found.value[0]
    if found.flow_style:
        at = first.start_mark.index if earlier is None else _end(earlier)
        return at, at, f"{words}, " if earlier is None else f", {words}"
    dash = text.rfind("-", 0, first.start_mark.index)
    indent = " " * (dash - _line_start(text, dash))
    at = _line_start(text, dash) if earlier is None else _line_end(text, _end(earlier))
    lead = "" if not at or text[:at].endswith("\n") else "\n"
    return at, at, f"{lead}{indent}- {words}\n"


def _dropped(text: str, found: Any, node: Any) -> tuple[int, int, str]:
    if not found.flow_style:
        return _line_start(text, text.rfind("-", 0, node.start_mark.index)), _line_end(text, _end(node)), ""
    place = found.value.index(node)
    if place + 1 < len(found.value):
        return node.start_mark.index, found.value[place + 1].start_mark.index, ""
    return (_end(found.value[place - 1]) if place else node.start_mark.index), _end(node), ""


def _changed(text: str, node: Any, pair: Pair, new: Pair) -> tuple[int, int, str]:
    start, end = node.start_mark.index, _end(node)
    only_hold_out = attrs.evolve(pair, hold_out=None) == attrs.evolve(new, hold_out=None)
    said = isinstance(node, yaml.MappingNode) and any(key.value == "hold_out" for key, _ in node.value)
    if not only_hold_out or said or new.hold_out is None or isinstance(node, yaml.ScalarNode):
        if isinstance(node, yaml.MappingNode) and not node.flow_style and "\n" in text[start:end]:
            raise PresetError.at(
                "CR191", "pairs", f"the pair of frame {pair.source} spans lines", "edit it by hand"
            )
        return start, end, spelled(new)
    word = f"hold_out: {str(new.hold_out).lower()}"
    if node.flow_style:
        at = end - 1
        while text[at - 1] in " \t\n,":
            at -= 1
        return at, at, f", {word}"
    column = node.start_mark.column
    at = _line_end(text, end)
    lead = "" if text[:at].endswith("\n") else "\n"
    return at, at, f"{lead}{' ' * column}{word}\n"


def _prove(result: str, wanted: Sequence[Pair], old: Preset, *, own: str) -> None:
    """The new text gives the wanted pairs; without the pairs it reads as before."""
    try:
        before = yaml.compose(own, Loader=yaml.SafeLoader)
        after = yaml.compose(result, Loader=yaml.SafeLoader)
        read = _pairs_of(after, old)
    except (yaml.YAMLError, PresetError) as error:
        raise PresetError.at(
            "CR191", "pairs", "the file cannot be edited safely", "edit the pairs by hand"
        ) from error
    if read != _plain(wanted) or _rest(before) != _rest(after):
        raise PresetError.at("CR191", "pairs", "the file cannot be edited safely", "edit the pairs by hand")


def _plain(pairs: Sequence[Pair]) -> list[tuple[int, int, str, bool | None]]:
    return [(p.source, p.reference_frame, p.note, p.hold_out) for p in pairs]


def _pairs_of(root: Any, old: Preset) -> list[tuple[int, int, str, bool | None]]:
    """The pairs as our own loader reads them, in a preset with the same clips."""
    node = next(value for key, value in root.value if key.value == "pairs")
    body = yaml.serialize(node, allow_unicode=True, width=4096)
    clips = (("source", old.source, "}"), ("reference", old.reference, ", kind: dvd}"))
    head = "shot: a\ntraining: {batch: 1}\n" + "".join(
        f"{name}: {{path: {name}.####.exr, first: {c.first}, last: {c.last}{end}\n" for name, c, end in clips
    )
    indented = "".join(f"  {line}\n" for line in body.splitlines())
    return _plain(loads(head + "pairs:\n" + indented).preset.pairs)


def _rest(root: Any) -> list[tuple[str, Any]]:
    return [(key.value, yaml.serialize(value)) for key, value in root.value if key.value != "pairs"]
