"""``read(write(g)) == g``, and a real Tcl sees the same graph: for graphs drawn from the whole catalogue."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chroma_recovery.graph import (
    Curve,
    EvaluatedText,
    Expression,
    Graph,
    Key,
    NukeVersion,
    UserKnob,
    Verbatim,
)
from chroma_recovery.graph.catalogue import GROUPS, KnobSpec, catalogue
from chroma_recovery.graph.checks import check
from chroma_recovery.nk import read, write
from chroma_recovery.nk.values import user_spec

HOSTILE = [
    "[python {__import__('os').system('touch x')}]",
    r"\[exec touch x]",
    "\n}\nexec touch x\nNoOp {",
    "$env(HOME) ${x}",
    "{",
    "}{",
    '"; exec touch x "',
    "a\\",
    "\\\\[exec x]",
    "# no comment",
    "",
    "true",
    "12",
    "0x10",
    "{{curve x1 2}}",
    "ünïcødé 漢字 🎞",
]
LITERAL = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(
        st.one_of(st.sampled_from('[]{}$\\"; \n\t#ab1'), st.characters(exclude_categories=["Cs", "Cc"])),
        max_size=12,
    ),
)
SAFE = st.text("abz ()/_-.,:#'%1", max_size=12)
INTS = st.integers(-(10**12), 10**12)
NUMBERS = st.one_of(INTS, st.floats(allow_nan=False, allow_infinity=False))
NAMES = st.sampled_from(["rgba", "rgb", "alpha", "rgba.red", "-rgba.green", "none", "depth.Z", "all"])
EVALUATED = LITERAL.map(lambda text: EvaluatedText("[value x] " + text))
EXPRESSIONS = LITERAL.map(Expression)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    frames = sorted(
        set(draw(st.lists(st.one_of(st.integers(-999, 9999), st.floats(-9, 9)), min_size=1, max_size=5)))
    )
    part = st.none() | st.floats(-9, 9)
    letters = st.sampled_from(["constant", "linear", "smooth", "catmull-rom", "cubic"])
    keys = [
        Key(f, draw(NUMBERS), draw(letters), draw(part), draw(part), draw(part), draw(part)) for f in frames
    ]
    return Curve(tuple(keys), draw(st.sampled_from(["constant", "linear"])))


def values(spec: KnobSpec) -> st.SearchStrategy[Any]:
    """What ``check`` accepts for a knob and the reader can tell apart."""
    animated = st.one_of(curves(), EXPRESSIONS)
    if spec.kind == "boolean":
        return st.one_of(st.booleans(), animated)
    if spec.kind == "number":
        vectors = st.tuples(*[st.one_of(NUMBERS, animated)] * spec.size) if spec.size > 1 else st.nothing()
        return st.one_of(NUMBERS, animated, vectors)
    if spec.kind == "colour":
        return st.integers(0, 2**32 - 1)
    if spec.kind == "choice":
        listed = st.sampled_from(spec.values) if spec.values else SAFE
        if spec.values and not spec.name.startswith("fromInput"):
            indices = [i for i in range(len(spec.values)) if str(i) not in spec.values]
            listed |= st.sampled_from(indices) if indices else st.nothing()
        return listed | EXPRESSIONS if not spec.name.startswith("fromInput") else listed
    if spec.kind == "channel":
        return st.one_of(NAMES, st.lists(NAMES, min_size=2, max_size=4).map(tuple), EXPRESSIONS)
    if spec.type == "Format_Knob":
        return st.sampled_from(
            ["2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)", "800 800 0 0 800 800 1 ", "HD_1080"]
        )
    if spec.evaluated:
        return st.one_of(LITERAL, EVALUATED)
    if spec.kind == "text":
        return SAFE
    kept = LITERAL.map(lambda text: Verbatim("[" + text))
    return st.one_of(NUMBERS, st.booleans(), SAFE, st.tuples(NUMBERS, NUMBERS), kept)


USER_KINDS = [1, 2, 3, 4, 6, 7, 12, 20, 26, 41, 43]


@st.composite
def user_knobs(draw: st.DrawFn) -> list[UserKnob]:
    found = []
    for n in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(USER_KINDS))
        arguments = draw(
            st.sampled_from([(), ("R", "-1", "1"), ("M", 'a "b c"'), ("T", "+X"), ("n", "-1"), ("l", "")])
        )
        flags = draw(st.lists(st.sampled_from(["+INVISIBLE", "-STARTLINE"]), max_size=2))
        value = draw(st.none() | values(user_spec("x", kind)))
        label = "" if arguments == ("l", "") else draw(LITERAL)
        found.append(UserKnob(f"user{n}", kind, label, draw(LITERAL), tuple(flags), arguments, value))
    return found


@st.composite
def graphs(draw: st.DrawFn, depth: int = 0) -> Graph:
    graph = Graph(NukeVersion(17, 0, 3))
    known = catalogue()
    root = known.node("Root")
    assert root is not None
    if depth == 0:
        for name in draw(st.lists(st.sampled_from(sorted(root.knobs)), unique=True, max_size=4)):
            if root.knobs[name].kind != "code":
                graph.root[name] = draw(values(root.knobs[name]))
        graph.layers = tuple(draw(st.lists(st.just(("despill", "despill.red")), max_size=1)))
    classes = [c for c in known.classes if c != "Root" and (depth < 2 or c not in GROUPS)]
    for n in range(draw(st.integers(0 if depth == 0 else 1, 5))):
        spec = known.node(draw(st.sampled_from(classes)))
        assert spec is not None
        ups: list[str | None] = [*graph.nodes, None]
        most = min(spec.max_inputs, 4) if spec.cls not in GROUPS else 0
        inputs = draw(st.lists(st.sampled_from(ups), min_size=min(spec.min_inputs, most), max_size=most))
        mask = draw(st.sampled_from(ups)) if spec.has_mask else None
        at = (draw(st.integers(-9999, 9999)), draw(st.integers(-9999, 9999)))
        cloneable = [x.name for x in graph if x.clone_of is None and x.cls not in GROUPS]
        if cloneable and draw(st.integers(0, 3)) == 0:
            source = known.node(graph[name := draw(st.sampled_from(cloneable))].cls)
            assert source is not None
            masked = mask if source.has_mask else None
            graph.clone(name, inputs=inputs[: source.max_inputs], mask=masked, at=at)
            continue
        usable = [
            k
            for k, s in spec.knobs.items()
            if s.kind not in ("code", "display", "obsolete", "tab")
            and not s.read_only
            and s.exists_in(graph.nuke)
        ]
        chosen = draw(st.lists(st.sampled_from(sorted(usable)), unique=True, max_size=4))
        knobs = {k: draw(values(spec.knobs[k])) for k in chosen}
        added = draw(user_knobs()) if draw(st.integers(0, 3)) == 0 else []
        graph.add(spec.cls, f"Node{n}", inputs=inputs, mask=mask, at=at, user_knobs=added, knobs=knobs)
        if spec.cls in GROUPS and draw(st.booleans()):
            graph[f"Node{n}"].children = draw(graphs(depth=depth + 1))
    return graph


slow = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow
@given(graphs())
def test_reading_what_was_written_gives_the_graph(graph: Graph) -> None:
    found = [p for p in check(graph) if p.code not in ("CR217", "CR225")]
    assert found == [], "the strategy makes graphs that the checks accept"
    text = write(graph)
    again = read(text)
    assert again == graph
    assert write(again) == text
    assert read(write(graph, header=False)) == graph


@settings(slow, max_examples=60)
@given(graphs())
def test_tcl_sees_the_same_graph(tcl: Any, graph: Graph) -> None:
    view = tcl.run(write(graph))
    assert (view.errors, view.attempted) == ([], [])
    assert view.versions == ["17.0 v3"]
    seen = names_of(view)
    literal: list[tuple[str, str]] = []
    expected = dict(all_nodes(graph))
    assert dict.fromkeys(seen.values()) == dict.fromkeys(expected)
    for ident, path in seen.items():
        node, ours = expected[path], view.nodes[ident]
        prefix = path[: len(path) - len(node.name)]
        assert [None if i == "0" else seen[i] for i in ours.inputs] == [p and prefix + p for p in node.inputs]
        assert (ours.mask and seen.get(ours.mask)) == (node.mask and prefix + node.mask)
        assert (ours.knobs["xpos"], ours.knobs["ypos"]) == (str(node.xpos), str(node.ypos))
        if node.clone_of is not None:
            assert set(ours.knobs) <= {"inputs", "xpos", "ypos", "selected"}
            continue
        assert ours.cls == node.cls
        owned = {"inputs", "name", "xpos", "ypos", "addUserKnob", "serialiseKnob"}
        set_by_user = {u.name for u in node.user_knobs if u.value is not None}
        assert set(ours.knobs) - owned - set_by_user == set(node.knobs) - owned
        for name, value in node.knobs.items():
            literal += compare(
                catalogue().knob(node.cls, name), value, ours.knobs[name], view.lengths[ident, name]
            )
        for user in node.user_knobs:
            if user.value is not None:
                spec = user_spec(user.name, user.kind)
                literal += compare(spec, user.value, ours.knobs[user.name], view.lengths[ident, user.name])
    for name, value in graph.root.items():
        literal += compare(catalogue().knob("Root", name), value, view.root[name], None)
    if literal:
        assert tcl.evaluate([word for word, _ in literal]) == [text for _, text in literal]


def compare(spec: KnobSpec | None, value: Any, word: str, length: int | None) -> list[tuple[str, str]]:
    """Assert what one Tcl word says; (word, literal text) where the second evaluation has to be asked too."""
    if isinstance(value, str):
        if spec is not None and spec.evaluated:
            return [(word, value)]
        if spec is None or not spec.name.startswith("fromInput"):
            assert word == value
    elif isinstance(value, (EvaluatedText, Verbatim)):
        assert word == (value.text if isinstance(value, EvaluatedText) else value.word)
    elif isinstance(value, bool):
        assert word in (("true", "1") if value else ("false", "0"))
    elif isinstance(value, (int, float)):
        assert (int(word, 16) if word.startswith("0x") else float(word)) == value
    elif length is not None:
        assert length == (len(value) if isinstance(value, tuple) else 1)
    return []


def all_nodes(graph: Graph, prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for node in graph:
        found.append((prefix + node.name, node))
        if node.children is not None:
            found += all_nodes(node.children, f"{prefix}{node.name}.")
    return found


def names_of(view: Any) -> dict[str, str]:
    """Tcl's node ids -> our paths: the name knob, or the source's name and how many instances there were."""
    names: dict[str, str] = {}
    instances: dict[str, int] = {}
    for ident, node in view.nodes.items():
        prefix = f"{names[node.owner]}." if node.owner != "-" else ""
        if node.source == "-":
            names[ident] = prefix + node.knobs["name"]
        else:
            instances[node.source] = instances.get(node.source, 1) + 1
            names[ident] = f"{names[node.source]}~{instances[node.source]}"
    return names
