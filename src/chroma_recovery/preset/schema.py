"""JSON Schema (draft-07) of model classes, so that an editor completes and checks every field of a preset.

Draft-07 is the newest that yaml-language-server reads. The schema says what the loader says of single fields; rules
about several fields together (``rules.py``) need ``chroma-recovery check``. Three things differ, on purpose:

- An editor sees numbers and switches where the loader sees text (``version: 16.0``, ``stock: 5254``); fields of text
  allow both. Whether a bare number fits a pattern only the loader can tell.
- Presets that extend another may leave out any field that the other gives. Which one does, only the loader knows.
- How a number is spelled (no exponent, no ``1_000``) is the loader's; the schema sees its value.

Works on any attrs classes whose fields are made with ``said`` and ``part``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from ..colour import PURPOSES, config_names
from .extends import shipped_names
from .fields import Field, fields_of
from .model import Preset
from .words import MOST

__all__ = ["MODELINE", "base_preset_schema", "json_schema", "preset_schema", "schema_text"]

DRAFT = "http://json-schema.org/draft-07/schema#"

MODELINE = "# yaml-language-server: $schema="
"""First line of a preset, before the path or address of its schema; a comment to the loader."""

_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$(?!\n)"
_PROSE = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]*$(?!\n)"
_PATH = (
    r"^(?!\s)(?!~[^/]*(/|$))(?!.*://)(?!.*\s$)"
    r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029\\\[\]$`%#]*"
    r"(?:(?:#{1,12}|%0*(?:[1-9]|1[0-2])?d)[^\u0000-\u001f\u007f-\u009f\u2028\u2029\\\[\]$`%#/]*)?$(?!\n)"
)
"""As ``words.check_text`` reads a path: one frame token at most, in the file name."""

_FORMS = {"line": _LINE, "prose": _PROSE, "path": _PATH}
_TYPED = ["string", "number", "boolean", "null"]
"""What an editor may take a text for; the loader takes each as it was typed."""

OPEN_CHOICES: Mapping[str, tuple[str, ...]] = {
    "config": config_names(),
    **dict.fromkeys(("working", "read", "delivery"), ("Utility - sRGB - Color Picking", *PURPOSES)),
}
"""Texts that an editor offers for fields of the class Colour that take others too."""


def json_schema(
    cls: type[Any],
    *,
    title: str,
    description: str,
    extra: Mapping[str, Mapping[str, Any]] | None = None,
    complete: bool | str = True,
    offered: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """The schema of one model class and of all below it, as plain values for ``json``.

    extra: further properties by class, each a schema (``extends`` of the class Preset). complete: whether fields
    without a default must be given; the name of a property: only where that property is not said. Fields within a
    list must always be given, since lists are never merged. offered: texts to complete by ``Class.field``, where
    others are allowed too.
    """
    definitions: dict[str, Any] = {}
    writer = _Writer(definitions, offered or {}, extra or {})
    top = writer.mapping(cls, within_list=False)
    schema: dict[str, Any] = {"$schema": DRAFT, "title": title, "description": description, **top}
    if complete is True:
        schema["allOf"] = [_needed(cls)]
    elif complete:
        schema["if"] = {"required": [complete]}
        schema["else"] = _needed(cls)
    schema["definitions"] = dict(sorted(definitions.items()))
    return schema


def _needed(cls: type[Any]) -> dict[str, Any]:
    """``required`` of a class and of the mappings below it."""
    fields = fields_of(cls).values()
    below = {
        f.name: more
        for f in fields
        if f.kind == "model" and f.model is not None and (more := _needed(f.model))
    }
    needed: dict[str, Any] = {}
    if names := [f.name for f in fields if f.required]:
        needed["required"] = names
    if below:
        needed["properties"] = below
    return needed


@attrs.frozen
class _Writer:
    definitions: dict[str, Any]
    offered: Mapping[str, tuple[str, ...]]
    extra: Mapping[str, Mapping[str, Any]]

    def mapping(self, cls: type[Any], *, within_list: bool) -> dict[str, Any]:
        found: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                **self.extra.get(cls.__name__, {}),
                **{n: self.field(f, f"{cls.__name__}.{n}") for n, f in fields_of(cls).items()},
            },
        }
        if within_list:
            found.update(_only_required(cls))
        return found

    def field(self, field: Field, name: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"description": described(field)}
        if field.kind == "model":
            schema["anyOf"] = [self.refer(field, within_list=False)]
            if field.optional or not field.required:
                schema["anyOf"].append({"type": "null"})
        elif field.kind == "models":
            schema.update(type="array", items=self.item(field))
        elif field.kind == "numbers":
            size = field.limits["size"]
            schema.update(type="array", items=_number(field.limits), minItems=size, maxItems=size)
        elif field.kind == "str":
            schema.update(self.text(field, name))
        elif field.kind == "bool":
            schema["type"] = "boolean"
        else:
            schema.update(_number(field.limits), type="integer" if field.kind == "int" else "number")
            if "choices" in field.limits:
                schema["enum"] = list(field.limits["choices"])
        if field.optional and field.kind != "model":
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"].append(None)
        if not field.required and field.kind != "model":
            schema["default"] = _plain(field.default)
        if "example" in field.limits and field.kind not in ("model", "models"):
            schema["examples"] = [_plain(field.limits["example"])]
        return schema

    def refer(self, field: Field, *, within_list: bool) -> dict[str, Any]:
        assert field.model is not None  # noqa: S101 - by the field's kind
        name = field.model.__name__ + ("Item" if within_list else "")
        if name not in self.definitions:
            self.definitions[name] = {}  # keeps its place while the fields below it are written
            self.definitions[name] = self.mapping(field.model, within_list=within_list)
        return {"$ref": f"#/definitions/{name}"}

    def item(self, field: Field) -> dict[str, Any]:
        whole = self.refer(field, within_list=True)
        shorthand = field.limits.get("shorthand")
        if not shorthand or field.model is None:
            return whole
        short = self.field(fields_of(field.model)[shorthand], f"{field.model.__name__}.{shorthand}")
        return {"anyOf": [short, whole]}

    def text(self, field: Field, name: str) -> dict[str, Any]:
        if choices := field.limits.get("choices"):
            numbers = [int(c) for c in choices if re.fullmatch(r"[0-9]+", c)]
            return {"enum": [*choices, *numbers]}
        form = str(field.limits.get("form", "line"))
        schema: dict[str, Any] = {"type": list(_TYPED), "maxLength": MOST[form]}
        if pattern := field.limits.get("pattern"):
            schema.update(type=["string", "number"], pattern=f"^(?:{pattern})$(?!\\n)")
        else:
            schema["pattern"] = _FORMS[form]
        if offered := self.offered.get(name):
            return {"anyOf": [{"enum": list(offered)}, schema]}
        return schema


def _only_required(cls: type[Any]) -> dict[str, Any]:
    names = [f.name for f in fields_of(cls).values() if f.required]
    return {"required": names} if names else {}


MOST_DIGITS = 10**15 - 1
"""The loader reads numbers of at most 15 digits before the point."""


def _number(limits: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "number"}
    if "choices" not in limits:
        found["minimum"] = limits.get("low", -MOST_DIGITS)
        found["maximum"] = limits.get("high", MOST_DIGITS)
    return found


def described(field: Field) -> str:
    """What an editor shows: the meaning, the unit."""
    unit = field.limits.get("unit")
    return field.help + (f" Unit: {unit}." if unit else "")


def _plain(value: Any) -> Any:
    """A default or example as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def _extends() -> dict[str, Any]:
    path = {"type": "string", "pattern": r"\.ya?ml$(?!\n)", "maxLength": MOST["path"]}
    return {
        "description": "Name of a shipped preset, or the path of another preset file, to build on.",
        "anyOf": [{"enum": list(shipped_names())}, {"allOf": [path, {"pattern": _PATH}]}],
    }


def preset_schema(*, complete: bool = True) -> dict[str, Any]:
    """The schema of presets. complete: false for presets that are only there to be extended."""
    offered = {f"Colour.{name}": words for name, words in OPEN_CHOICES.items()}
    title = "Preset of chroma_recovery, format 1" + ("" if complete else ", to be extended")
    return json_schema(
        Preset,
        title=title,
        description="One shot, scene or sequence. Rules about several fields: chroma-recovery check PRESET.",
        extra={"Preset": {"extends": _extends()}},
        complete="extends" if complete else False,
        offered=offered,
    )


def base_preset_schema() -> dict[str, Any]:
    """The schema of presets that lack, on purpose, what only their user knows."""
    return preset_schema(complete=False)


def schema_text(schema: Mapping[str, Any]) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, indent=1, ensure_ascii=True) + "\n"
