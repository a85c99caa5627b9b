"""A YAML text as plain nested values, to prove that an edit changed one thing only. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import yaml

__all__ = ["Tree", "prove", "tree_of", "tree_without", "with_item", "with_tree", "without_item"]

Tree: TypeAlias = Any
"""A dict, a list, or the (text, is it unquoted) of a single value; None for nothing."""


def tree_of(node: Any) -> Tree:
    """The tree below a node of PyYAML's ``compose``."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): tree_of(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [tree_of(item) for item in node.value]
    if node is None or (node.style is None and not node.value):
        return None
    return (str(node.value), node.style is None)


def _copied(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {k: _copied(v) for k, v in tree.items()}
    return [_copied(v) for v in tree] if isinstance(tree, list) else tree


def with_tree(tree: Tree, steps: Sequence[str | int], value: Tree) -> Tree:
    """The tree with another value at a place; mappings on the way are made."""
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(first, int):
        return [with_tree(v, rest, value) if n == first else v for n, v in enumerate(tree)]
    owner = tree if isinstance(tree, dict) else {}
    return {**owner, first: with_tree(owner.get(first), rest, value)}


def tree_without(tree: Tree, steps: Sequence[str | int]) -> Tree:
    """The tree without the value at a place."""
    result = _copied(tree)
    owner = result
    for step in steps[:-1]:
        owner = owner[step]
    owner.pop(steps[-1], None)
    return result


def _list_at(tree: Tree, steps: Sequence[str | int]) -> list[Tree]:
    for step in steps:
        tree = tree[step]
    return list(tree)


def with_item(tree: Tree, steps: Sequence[str | int], index: int, value: Tree) -> Tree:
    """The tree with one more item in the list at a place."""
    items = _list_at(tree, steps)
    return with_tree(tree, steps, [*items[:index], value, *items[index:]])


def without_item(tree: Tree, steps: Sequence[str | int], index: int) -> Tree:
    """The tree without one item of the list at a place."""
    items = _list_at(tree, steps)
    return with_tree(tree, steps, [*items[:index], *items[index + 1 :]])


def prove(after: Tree, wanted: Tree) -> bool:
    """Whether two trees say the same; mappings with nothing in them count as left out."""
    return bool(_pruned(after) == _pruned(wanted))


def _pruned(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        kept = {k: _pruned(v) for k, v in tree.items()}
        return {k: v for k, v in kept.items() if v is not None} or None
    return [_pruned(v) for v in tree] if isinstance(tree, list) else tree
