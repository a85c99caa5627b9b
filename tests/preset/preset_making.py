"""Presets as YAML texts for the tests, and valid presets at random."""

from __future__ import annotations

from typing import Any

import attrs
import yaml
from hypothesis import strategies as st

from chroma_recovery.preset import Preset
from chroma_recovery.preset.fields import Field, fields_of
from chroma_recovery.preset.reference import plain

BASE = """\
shot: sh010
source: {path: a/source.####.exr, first: 1, last: 100}
reference: {path: a/dvd.####.exr, first: 1, last: 100}
pairs: [1, 20, 40, 60, 80]
"""


def with_field(path: str, value: str) -> str:
    """BASE with one more field, ``training.patch`` say, set to a text of YAML."""
    parts = path.split(".")
    lines = [f"{'  ' * n}{part}:" for n, part in enumerate(parts)]
    return BASE + "\n".join(lines) + f" {value}\n"


def as_yaml(value: Any) -> str:
    """A model as YAML: texts quoted, numbers as presets spell them, nothing left out."""
    if attrs.has(type(value)):
        fields = [f"{a.name}: {as_yaml(getattr(value, a.name))}" for a in attrs.fields(type(value))]
        return "{" + ", ".join(fields) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(as_yaml(v) for v in value) + "]"
    if isinstance(value, str):
        quoted = yaml.safe_dump(value, default_style='"', width=100000, allow_unicode=True)
        return quoted.strip()
    return plain(value)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn")), max_size=20
)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


def _number(field: Field, kind: str) -> st.SearchStrategy[Any]:
    low, high = field.limits.get("low", -10000), field.limits.get("high", 10000)
    if "choices" in field.limits:
        return st.sampled_from(field.limits["choices"])
    if kind == "int":
        return st.integers(low, high)
    return st.floats(low, high, allow_nan=False).map(lambda x: round(x, 9)).filter(lambda x: low <= x <= high)


def _value(field: Field) -> st.SearchStrategy[Any]:
    found: st.SearchStrategy[Any]
    if field.kind in ("int", "float"):
        found = _number(field, field.kind)
    elif field.kind == "bool":
        found = st.booleans()
    elif field.kind == "numbers":
        found = st.tuples(*[_number(field, "float")] * field.limits["size"])
    elif "choices" in field.limits:
        found = st.sampled_from(field.limits["choices"])
    elif "pattern" in field.limits:
        found = st.from_regex(field.limits["pattern"], fullmatch=True)
    elif field.limits.get("form") == "path":
        found = st.lists(NAME, min_size=1, max_size=3).map("/".join)
    elif field.kind == "str":
        found = TEXT
    else:
        raise AssertionError(field)
    return st.none() | found if field.optional else found


def section(cls: type[Any], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of a model class; ``fixed`` for fields that rules bind to others."""
    fields = {n: f for n, f in fields_of(cls).items() if n in fixed or f.model is None}
    parts = {n: fixed[n] if n in fixed else _value(f) for n, f in fields.items()}
    return st.builds(cls, **parts)


def presets() -> st.SearchStrategy[Preset]:
    """Valid presets: fields without rules are free, the others keep the rules."""
    model = {n: f.model for n, f in fields_of(Preset).items()}
    frame = st.integers(1, 1000)
    clip = {"first": st.just(1), "last": st.just(1000), "format": st.none()}
    pair = fields_of(Preset)["pairs"].model
    one = section(pair, reference=st.none() | frame, source=frame, hold_out=st.none())
    box = st.tuples(*[st.integers(-99, 99).map(float)] * 2).map(lambda p: (*p, p[0] + 64.0, p[1] + 32.0))
    boxes = st.none() | box
    training = model["training"]
    tuned = fields_of(training)
    return st.builds(
        Preset,
        shot=NAME.filter(lambda n: n not in ("con", "prn", "aux", "nul")),
        source=section(model["source"], **clip, path=st.just("a/source.####.exr")),
        reference=section(
            model["reference"], **clip, path=st.just("a/dvd.%05d.exr"), citation=TEXT.map(lambda t: f"x{t}")
        ),
        pairs=st.lists(one, min_size=4, max_size=9, unique_by=lambda p: p.source).map(tuple),
        scope=st.sampled_from(("shot", "scene", "sequence")),
        hold_out=section(model["hold_out"]),
        crop=section(model["crop"], box=boxes, keys=st.just(())),
        alignment=section(
            model["alignment"],
            keys=st.just(()),
            f_align=section(fields_of(model["alignment"])["f_align"].model, region=boxes),
        ),
        training=section(
            training,
            node=st.just("CopyCat"),
            batch=st.just(2),
            initial_weights=st.just("None"),
            preview=st.none() | frame,
            augmentation=section(tuned["augmentation"].model),
            engine=section(tuned["engine"].model),
        ),
        inference=section(
            model["inference"],
            crop=boxes,
            first=st.none() | st.just(1),
            last=st.none() | frame,
            format=st.none(),
            tile_overlap=st.integers(0, 64),
            write=section(fields_of(model["inference"])["write"].model),
        ),
        validation=section(model["validation"]),
        nuke=section(model["nuke"], version=st.sampled_from(("15.1", "16.0v6", "17.0"))),
        output=section(model["output"]),
        documentation=section(model["documentation"]),
    )
