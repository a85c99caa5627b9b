"""A real Tcl interpreter for tests: what does Tcl see in a script we wrote?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, settings

# Nothing here is timed: a busy machine must not fail a property.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

PRELUDE = Path(__file__).parent / "golden" / "prelude.tcl"
DRIVER = r"""
set report {}
proc hex {text} { binary scan $text H* out; return "x$out" }
proc record {kind args} {
    set line $kind
    foreach word $args { lappend line [hex $word] }
    append ::report [join $line " "] "\n"
}
proc emit {kind args} {
    if {$kind eq "node"} {
        lassign $args id owner class source inputs mask body
        record node $id $owner $class $source $inputs $mask
        foreach {knob value} $body {
            if {[catch {llength $value} length]} { set length -1 }
            record knob $id $knob $value $length
        }
    } elseif {$kind eq "root"} {
        foreach {knob value} [lindex $args 0] { record root $knob $value }
    } else {
        record $kind {*}$args
    }
}
proc attempted {args} { record attempted $args; error "attempted $args" }
interp create -safe box
foreach danger {exec open source file socket load glob cd exit python fconfigure encoding unload} {
    interp alias box $danger {} attempted $danger
}
interp alias box emit {} emit
interp eval box [binary decode hex PRELUDE]
proc show {script} {
    if {[catch {interp eval box [binary decode hex $script]} why]} { record error $why }
}
proc again {text} {
    if {[catch {interp eval box [list subst [binary decode hex $text]]} why]} { record error $why }
    record subst $why
}
"""


@attrs.define
class TclNode:
    """A node as Tcl saw it; ids are the order of creation."""

    cls: str
    owner: str
    source: str
    inputs: list[str]
    mask: str | None
    knobs: dict[str, str]


@attrs.define
class TclView:
    """Everything a script did in Tcl. attempted: commands that could have done harm. errors: Tcl errors."""

    nodes: dict[str, TclNode] = attrs.field(factory=dict)
    root: dict[str, str] = attrs.field(factory=dict)
    lengths: dict[tuple[str, str], int] = attrs.field(factory=dict)
    versions: list[str] = attrs.field(factory=list)
    layers: list[str] = attrs.field(factory=list)
    attempted: list[str] = attrs.field(factory=list)
    errors: list[str] = attrs.field(factory=list)


class Tcl:
    """Tcl by ``tclsh`` or, where there is none, by Python's tkinter."""

    def __init__(self) -> None:
        self.program = shutil.which("tclsh") or shutil.which("tclsh8.6")
        if self.program is None:
            try:
                import tkinter
            except ImportError:
                pytest.fail(
                    "these tests need a Tcl interpreter: install tclsh or Python's tkinter", pytrace=False
                )
            self.tkinter = tkinter
        self.driver = DRIVER.replace("PRELUDE", PRELUDE.read_bytes().hex())

    def report(self, calls: str) -> list[list[str]]:
        script = self.driver + calls
        if self.program is not None:
            done = subprocess.run(
                [self.program],
                input=script + "\nputs -nonewline $report\n",
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert not done.stderr, done.stderr
            text = done.stdout
        else:
            tcl = self.tkinter.Tcl()
            tcl.eval(script)
            text = str(tcl.eval("set report"))
        lines = (line.split(" ") for line in text.splitlines())
        return [[kind, *(bytes.fromhex(w[1:]).decode("utf-8") for w in words)] for kind, *words in lines]

    def run(self, script: str) -> TclView:
        """Run a .nk script and tell what it made."""
        view = TclView()
        for kind, *words in self.report(f"show {script.encode().hex()}"):
            if kind == "node":
                name, owner, cls, source, inputs, mask = words
                view.nodes[name] = TclNode(
                    cls, owner, source, inputs.split(), None if mask == "-" else mask, {}
                )
            elif kind == "knob":
                name, knob, value, length = words
                view.nodes[name].knobs[knob] = value
                view.lengths[name, knob] = int(length)
            elif kind == "root":
                view.root[words[0]] = words[1]
            else:
                {
                    "version": view.versions,
                    "layer": view.layers,
                    "attempted": view.attempted,
                    "error": view.errors,
                }[kind].append(" ".join(words))
        return view

    def evaluate(self, words: Sequence[str]) -> list[str]:
        """Tcl substitution of each word, as Nuke's second evaluation of string knobs does; fails on any
        attempt to run something and on any error."""
        report = self.report("\n".join("again {" + w.encode().hex() + "}" for w in words))
        assert [r for r in report if r[0] != "subst"] == []
        return [r[1] for r in report]


@pytest.fixture(scope="session")
def tcl() -> Tcl:
    return Tcl()
