"""The fields of a preset as a form shows them, made from the model's own metadata: a new field appears by itself.

Pair table and keys per pair are no form fields; see ``pairs_table``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from ...preset.editing.spelling import shown
from ...preset.editing.text_edits import said_in
from ...preset.fields import Field, fields_of
from ...preset.model import Preset
from .look import Look

__all__ = ["TABS", "FormField", "form_fields", "groups", "typed_value"]

TABS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Shot", ("shot", "scope", "source", "reference", "colour")),
    ("Pairs", ("hold_out", "alignment", "crop")),
    ("Training", ("training",)),
    ("Render", ("inference", "validation", "output", "nuke")),
    ("Notes", ("documentation",)),
)
"""Tabs and the top-level keys on each; keys named nowhere come last of all."""
HIDDEN = ("schema",)
FOLDED = ("colour", "format", "f_align", "augmentation", "engine", "match_grade")
"""Groups that begin closed: most shots never open them."""
WORDS = {
    "fps": "Frame rate",
    "gpu": "GPU",
    "dwaa_level": "DWAA level",
    "lut_size": "LUT size",
    "f_align": "F_Align",
    "patch": "Patch (crop size)",
    "box": "Box",
    "use": "Path",
    "read": "Read transform",
    "checkpoint_every": "Checkpoint every",
    "contact_sheet_every": "Contact sheet every",
    "trial": "Trial frames",
    "write": "Written files",
    "nuke": "Nuke",
    "crop": "Crop",
    "colour": "Colour management",
    "hold_out": "Hold-outs",
    "inference": "Inference",
    "engine": "Built-in engine only",
    "documentation": "Hand-over",
}
NAMED = {"crop": "Shared crop", "inference.crop": "Live area", "inference.format": "Delivered frame"}
"""Labels of single paths, where the same word elsewhere means something else."""


@attrs.frozen
class FormField:
    """One line of the form.

    path: field of the preset. group: path of the mapping it stands in, empty at the top. editor: ``text``,
    ``number``, ``switch``, ``choice``, ``numbers``, ``path`` or ``prose``. hint: shown in an empty editor.
    """

    path: str
    group: str
    label: str
    editor: str
    kind: str
    help: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    size: int = 0
    hint: str = ""
    optional: bool = False
    required: bool = False

    @property
    def tooltip(self) -> str:
        """Help, unit and the field's name in the file."""
        unit = f"\nUnit: {self.unit}" if self.unit else ""
        return f"{self.help}{unit}\n{self.path}"


@attrs.frozen
class Group:
    """Fields of one mapping. folded: begins closed."""

    path: str
    title: str
    fields: tuple[FormField, ...]
    folded: bool = False


def form_fields() -> tuple[FormField, ...]:
    """Every single value of a preset, in the model's order."""
    return tuple(_fields(Preset, ""))


def groups(tab: str) -> tuple[Group, ...]:
    """The groups of a tab, in the model's order; fields at the top of the file come first, without a title."""
    keys = dict(TABS)[tab]
    named = {k for _, ks in TABS for k in ks}
    last = tab == TABS[-1][0]

    def here(field: FormField) -> bool:
        top = field.path.partition(".")[0]
        return top in keys or (last and top not in named)

    found: dict[str, list[FormField]] = {}
    for field in form_fields():
        if here(field):
            found.setdefault(field.group, []).append(field)
    order = sorted(
        found, key=lambda path: keys.index(path.partition(".")[0]) if path.partition(".")[0] in keys else -1
    )
    return tuple(
        Group(path, _title(path), tuple(found[path]), path.rpartition(".")[2] in FOLDED) for path in order
    )


def typed_value(field: FormField, look: Look, root: Any) -> str | list[str]:
    """What the form shows for a field: as typed in this text, else the value that holds. root: the text's tree."""
    own = said_in(root, field.path) if field.path in look.own else None
    if own is not None and field.editor != "numbers":
        said = own if isinstance(own, str) else " ".join(own)
        return "" if field.optional and said in ("null", "~", "Null", "NULL") else said
    value: Any = look.preset
    for name in field.path.split("."):
        value = getattr(value, name, None)
        if value is None:
            break
    if field.editor == "numbers":
        if isinstance(own, list):
            return (own + [""] * field.size)[: field.size]
        return [shown(v) for v in value] if value else [""] * field.size
    return shown(value)


def _fields(cls: type[Any], prefix: str) -> Iterator[FormField]:
    for name, field in fields_of(cls).items():
        path = f"{prefix}{name}"
        if path in HIDDEN or field.kind == "models":
            continue
        if field.model is not None:
            yield from _fields(field.model, f"{path}.")
        else:
            yield _field(path, prefix.removesuffix("."), field)


def _field(path: str, group: str, field: Field) -> FormField:
    limits = field.limits
    choices = tuple(str(c) for c in limits.get("choices", ()))
    if choices:
        editor = "choice"
    elif field.kind == "bool":
        editor = "switch"
    elif field.kind == "numbers":
        editor = "numbers"
    elif field.kind in ("int", "float"):
        editor = "number"
    else:
        editor = {"prose": "prose", "path": "path"}.get(str(limits.get("form", "")), "text")
    example = limits.get("example")
    hint = "" if example is None or editor == "numbers" else f"for example {example}"
    if field.optional and not hint:
        hint = "automatic"
    return FormField(
        path,
        group,
        NAMED.get(path) or _words(path.rpartition(".")[2]),
        editor,
        field.kind,
        field.help,
        str(limits.get("unit", "")),
        choices,
        int(limits.get("size") or 0),
        hint,
        field.optional,
        field.required,
    )


def _words(name: str) -> str:
    return WORDS.get(name) or name.replace("_", " ").capitalize()


def _title(path: str) -> str:
    if not path:
        return ""
    if path in NAMED:
        return NAMED[path]
    first, *rest = path.split(".")
    if first in ("training", "inference", "alignment", "documentation") and rest:
        return " – ".join(_words(p) for p in rest)
    return " – ".join(_words(p) for p in (first, *rest))
