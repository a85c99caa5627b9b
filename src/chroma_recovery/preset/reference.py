"""The preset reference as Markdown, from the model itself; ``tools/write_preset_reference.py`` writes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from ..colour import PURPOSES, config_names, resolve
from ..errors import ColourError
from .codes import CODES
from .fields import Field, fields_of
from .model import Preset

__all__ = ["COMMAND", "kind_of", "plain", "reference"]

COMMAND = "python tools/write_generated.py"
"""Rewrites the reference."""

_HEAD = f"""# Preset reference

Made from the model by `{COMMAND}`; do not edit by hand.

A preset is a YAML file (UTF-8, at most 1 MiB) with the fields below. Fields without a default must be given,
by the preset or by one that it extends. The shipped presets explain the defaults: `presets/shot.yaml` shows
every field, `presets/example_shot.yaml` is a whole one.

## How values are read

- Everything is read as typed, by the field it is for: in a text, `NO`, `12:30` or `1_000` are texts; in a
  number they are errors. YAML's own guesses (yes, off, octal, dates) are never used.
- Numbers are plain decimal digits, without quotes, exponents, underscores or zeros in front. Switches are
  `true` or `false`. `null` or nothing stands for "left out" where the default is empty.
- Tags, anchors, aliases, merge keys (`<<`) and several documents in a file are refused.
- A path uses `/` on every platform and starts at the folder of the file that says it. It must not hold
  `[ ] $ \\` or a backtick, nor `~` in front, nor a URL: Nuke would evaluate some of these, and none is ever
  expanded here.
- `extends:` names a shipped preset (`shot`, `scene`, `sequence`, `non_reference`) or a `.yaml` file. Mappings
  are merged key by key; lists and single values replace what they extend. At most 8 presets in a row.
- Every mistake is reported at once, as `file:line:column: code: field: what is wrong (what to do)`.
- Reading 1,493 pairs with notes (97 KiB) took 0.3 s on a 2-core machine.
"""


_CONFIGS = {
    "aces_1.2": "aces_1.2",
    "nuke-default": "nuke-default",
    "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1": "ACES 1.3, v1.0.0",
    "fn-nuke_studio-config-v2.2.0_aces-v1.3_ocio-v2.4": "v2.2.0 and v3.0.0",
}

_COLOUR = """A colour field takes a purpose from this table, a name, alias or role of the config,
or the name that the same space has in another ACES config. Roles mean different spaces in different
configs, so each is
resolved in the one chosen. `Utility - sRGB - Color Picking`, the guide's ingest, is a name of no
config: it stands for the role `color_picking` where that is plain sRGB-encoded Rec.709, and for
`Utility - sRGB - Texture` in aces_1.2, where the role is an inverse output transform. Configs that are
known by name: """


def reference() -> str:
    """The whole page."""
    parts = [_HEAD, "## Fields\n"]
    parts += ["### Top level\n", _table(Preset, extra=True)]
    parts += _sections(Preset, "")
    parts += ["## Colour names\n", _COLOUR + _configs(), _colours()]
    rows = "\n".join(f"| {code} | {_cell(text)} |" for code, text in CODES.items())
    parts += ["## Codes\n", f"| code | meaning |\n| --- | --- |\n{rows}\n"]
    return "\n".join(parts)


def _configs() -> str:
    return ", ".join(f"`{c}`" for c in config_names()) + "; any other is the path of a `.ocio` file.\n"


def _colours() -> str:
    """What each purpose is called in each config."""
    rows = ["| purpose | " + " | ".join(_CONFIGS.values()) + " |", "| --- " * (len(_CONFIGS) + 1) + "|"]
    for purpose in PURPOSES:
        names = []
        for config in _CONFIGS:
            try:
                names.append(f"`{resolve(purpose, config=config).name}`")
            except ColourError:
                names.append("-")
        rows.append(f"| `{purpose}` | " + " | ".join(names) + " |")
    return "\n".join(rows) + "\n"


def _sections(cls: type[Any], prefix: str) -> list[str]:
    parts: list[str] = []
    for name, field in fields_of(cls).items():
        if field.model is None:
            continue
        path = f"{prefix}{name}"
        shown = f"{path}[]" if field.kind == "models" else path
        note = f"{field.help}\n"
        if field.limits.get("shorthand"):
            note += f"\nA bare value in the list stands for `{{{field.limits['shorthand']}: value}}`.\n"
        parts += [f"### `{shown}`\n", note, _table(field.model)]
        parts += _sections(field.model, f"{shown}.")
    return parts


def _table(cls: type[Any], *, extra: bool = False) -> str:
    rows = ["| field | type | default | meaning |", "| --- | --- | --- | --- |"]
    if extra:
        rows.append("| `extends` | text | none | Name of a shipped preset or path of another to build on. |")
    for name, field in fields_of(cls).items():
        rows.append(f"| `{name}` | {kind_of(field)} | {_default(field)} | {_meaning(field)} |")
    return "\n".join(rows) + "\n"


def kind_of(field: Field) -> str:
    """What a field takes, in a word or two."""
    if field.kind == "numbers":
        return f"list of {field.limits['size']} numbers"
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "switch", "model": "mapping"}
    name = names.get(field.kind, "list of mappings")
    return "path" if field.limits.get("form") == "path" else name


def _default(field: Field) -> str:
    if field.required:
        return "**must be given**"
    if field.kind == "model":
        return "left out" if field.optional else "see below"
    return f"`{plain(field.default)}`"


def plain(value: Any) -> str:
    """A value as a preset spells it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text.removesuffix(".0")
    if isinstance(value, tuple):
        return "[" + ", ".join(plain(v) for v in value) + "]"
    return str(value) if value != "" else '""'


def _meaning(field: Field) -> str:
    limits = field.limits
    parts = [field.help]
    if "choices" in limits:
        parts.append("One of " + ", ".join(f"`{plain(c)}`" for c in limits["choices"]) + ".")
    if "low" in limits:
        parts.append(f"{plain(limits['low'])} to {plain(limits['high'])}.")
    if "unit" in limits:
        parts.append(f"Unit: {limits['unit']}.")
    if "example" in limits:
        example = limits["example"]
        parts.append(f"Example: `{plain(example) if not attrs.has(type(example)) else example}`.")
    return _cell(" ".join(parts))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
