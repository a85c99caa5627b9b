"""QC profiles: the limits that a shot is held to, in YAML, read as strictly as a preset.

``` yaml
name: archive
rules:
  Q104: 0.005      # another limit
  Q403: null       # reported, but decides nothing
```

What a profile leaves out keeps the shipped limit. A name without a slash and without ``.yaml`` is a shipped profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ..errors import PresetError, did_you_mean
from ..paths import posix
from ..preset.convert import Reading, convert
from ..preset.extends import shipped_folders
from ..preset.load import Loaded
from ..preset.nodes import MapNode, parse
from ..preset.places import Findings, Text
from ..preset.said import part, said
from ..preset.schema import json_schema
from ..preset.text import checked, read
from .results import Measure
from .rules import RULES, rule

__all__ = ["Profile", "load_profile", "profile_of", "profile_schema", "shipped_profiles"]


def _limits() -> type[Any]:
    optional: Any = float | None
    fields: dict[str, Any] = {
        r.code: attrs.field(
            default=r.limit,
            type=optional,
            metadata={"help": f"{r.name}: {r.definition}", "unit": r.unit, "low": -1e9, "high": 1e9},
        )
        for r in RULES
    }
    made: type[Any] = attrs.make_class("Limits", fields, frozen=True)
    return made


Limits = _limits()
"""One field per rule, None where it decides nothing."""


@attrs.frozen
class _File:
    """A profile file."""

    name: str = said(
        "Name of the profile.", "default", pattern=r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", example="archive"
    )
    rules: Any = part(Limits, "Limits by code of the rule; null: reported only.")


_File.__annotations__["rules"] = Limits


@attrs.frozen
class Profile:
    """Limits of the rules. limits: by code, None where a measure is only reported."""

    name: str = "default"
    limits: Mapping[str, float | None] = attrs.field(factory=lambda: {r.code: r.limit for r in RULES})

    def limit(self, code: str) -> float | None:
        """The limit of a rule, None without one."""
        return self.limits[code]

    def measure(self, code: str, value: float, detail: str = "", name: str = "") -> Measure:
        """A measured value, held to its rule."""
        r, limit = rule(code), self.limits[code]
        return Measure(
            name or r.name, value, r.unit, r.words(limit), r.holds(value, limit), detail or r.definition, code
        )


def shipped_profiles() -> dict[str, Path]:
    """Profiles that come with the package, by name."""
    return {p.stem: p for folder in reversed(shipped_folders()) for p in sorted(folder.glob("qc/*.yaml"))}


def load_profile(named: str | Path) -> Profile:
    """Read a profile: a shipped name, or a file.

    Raises PresetError with every problem and its file, line and column; codes as for presets (``preset.codes``),
    CR115 for an unknown name.
    """
    path = Path(named)
    if isinstance(named, str) and not _is_path(named):
        known = shipped_profiles()
        if named not in known:
            hint = did_you_mean(named, list(known)) or "shipped: " + ", ".join(known)
            raise PresetError.at("CR115", named[:60], "no shipped QC profile has this name", hint)
        path = known[named]
    return _read(Text(posix(path), checked(read(path, posix(path)), posix(path))))


def profile_of(loaded: Loaded, asked: str | None = None) -> Profile:
    """The profile that a shot is held to: the one asked for, else the preset's ``validation.profile``, else the shipped
    limits. A path in a preset starts at the folder of the file that says it. Raises as :func:`load_profile`.
    """
    if asked is not None:
        return load_profile(asked)
    said_ = loaded.preset.validation.profile
    if not said_:
        return Profile()
    if _is_path(said_):
        return load_profile(loaded.folder_of("validation.profile") / said_)
    return load_profile(said_)


def _is_path(named: str) -> bool:
    return "/" in named or Path(named).suffix in (".yaml", ".yml")


def profile_schema() -> dict[str, Any]:
    """The JSON Schema of QC profiles, so that an editor completes and explains every rule."""
    return json_schema(
        _File,
        title="QC profile of chroma_recovery",
        description="Limits that a shot is held to. A rule that is left out keeps the shipped limit; null reports the "
        "number and lets it decide nothing.",
    )


def _read(text: Text) -> Profile:
    findings = Findings()
    root = parse(text, findings)
    if not isinstance(root, MapNode):
        findings_or = findings.sorted()
        if findings_or:
            raise PresetError(findings_or)
        raise PresetError.at("CR105", f"{text.name}:1:1", "a QC profile needs a mapping", "name: and rules:")
    said_ = convert(_File, root, Reading(findings))
    if findings:
        raise PresetError(findings.sorted())
    return Profile(said_.name, {r.code: getattr(said_.rules, r.code) for r in RULES})
