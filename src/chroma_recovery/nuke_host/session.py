"""A live Nuke session: puts a recovery's graph into the open script, and rebuilds it there.

Text goes in: the same .nk text that the command writes, pasted by ``nodePaste`` inside one undo step (see
docs/decisions/0002-paste-text.md). Our nodes are known again by their marks, whatever they are called. A rebuild
replaces our nodes and nothing else: connections to the artist's nodes are made again, and what he changed on ours
is kept (see ``artist_edits``). If nothing would change, nothing is touched.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts
from ..errors import NkError, NukeError, Problem
from ..graph.catalogue import catalogue
from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from ..graph.node import Node, UserKnob
from ..nk import read, write
from ..nk.tcl import Word
from ..nk.values import spell, understand
from ..paths import posix
from ..stages.marks import BUILT, ID
from ..stages.pipeline import Recovery
from .artist_edits import Kept, merge, read_built
from .editions import lacks, limits, running
from .hands import Hands, LiveNode, hands_for
from .placing import offset
from .readback import read_back
from .rebuild import Outside, differences, marks_of, outside, successors

__all__ = ["Outcome", "Session"]


@attrs.frozen
class Outcome:
    """What an insertion did. changes: one line per difference, empty if the script was as wanted already.

    kept: knobs that the artist changed and that stay his. names: our node's name -> its name in the script.
    notes: what to tell the artist.
    """

    changes: tuple[str, ...]
    kept: Kept
    names: dict[str, str]
    notes: tuple[Problem, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.changes)


class Session:
    """nuke: the module, or a stand-in for it."""

    def __init__(self, nuke: Any) -> None:
        self.nuke = nuke
        self.here = running(nuke)
        self.hands: Hands = hands_for(nuke, self.here)

    # -- what is there

    def ours(self, shot: str, nodes: Sequence[LiveNode] | None = None) -> list[LiveNode]:
        """The nodes of a shot that we built."""
        return [n for n in (self.hands.nodes() if nodes is None else nodes) if n.mark.startswith(f"{shot}/")]

    def built_stages(self, recovery: Recovery, ours: Sequence[LiveNode]) -> list[str]:
        """Stages that stand in the script: those that together come nearest to the nodes that are there.

        A stage brings what feeds it, and the artist may have deleted something, so single nodes tell nothing.
        """
        if not ours:
            return []
        marks = marks_of(recovery.graph)
        names = {stage: recovery.working(stage) for stage in recovery.stages}
        working = {marks[name] for name in set().union(*names.values())}
        here = Counter(n.mark for n in ours if n.mark in working)

        stages = tuple(recovery.stages)
        page = marks.get("Backdrop_recovery") in {n.mark for n in ours}  # around all stages, and only then

        def distance(chosen: tuple[str, ...]) -> tuple[int, bool, int]:
            there = Counter(marks[n] for n in set().union(*(names[s] for s in chosen)))
            return (here - there).total() + (there - here).total(), (chosen == stages) != page, -len(chosen)

        subsets: list[tuple[str, ...]] = []
        for size in range(1, len(stages) + 1):
            subsets.extend(combinations(stages, size))
        best = min(subsets, key=distance)
        return list(best)

    # -- building

    def insert(
        self,
        scripts: Scripts,
        stages: Sequence[str],
        *,
        reads: Mapping[str, Any] | None = None,
        settings: bool = False,
        project: Path | None = None,
    ) -> Outcome:
        """Build stages in the open script, or bring them up to date.

        stages: by name; what feeds them comes along. reads: the artist's own Reads by ``source`` and ``reference``,
        as handles; ours are then left out. settings: also set the project settings, with ``project`` as project
        directory. Raises NukeError (CR901) where this Nuke cannot make a node, (CR902) where Nuke refuses the text.
        """
        with self.nuke.root():  # not inside a group that the artist has open
            return self._insert(scripts, stages, reads or {}, settings, project)

    def _insert(
        self,
        scripts: Scripts,
        stages: Sequence[str],
        reads: Mapping[str, Any],
        settings: bool,
        project: Path | None,
    ) -> Outcome:
        recovery = scripts.recovery
        nodes = self.hands.nodes()
        ours = self.ours(recovery.plan.preset.shot, nodes)
        present = self.built_stages(recovery, ours)
        unknown = [s for s in stages if s not in recovery.stages]
        if unknown:
            raise NukeError.at(
                "CR903", "", f"the preset builds no stage {', '.join(unknown)}", "see validation in it"
            )
        wanted = recovery.part([s for s in recovery.stages if s in present or s in stages])
        self._demand(recovery, wanted)
        roles = {"source": recovery.names.source_read, "reference": recovery.names.reference_read}
        links = _left_out(wanted, {roles[r]: handle for r, handle in reads.items()})
        links |= _left_out(wanted, _artist_reads(wanted, ours, roles.values(), outside(nodes, ours)))
        current = self.current(ours)
        wanted, kept = merge(wanted, current)
        changes = differences(wanted, current, ours) if ours else [f"{len(wanted)} new nodes"]
        called = {n.handle: n.name for n in ours}
        if reads:
            changes += [f"{called[to]} reads from your node" for to, _, _ in _wires(links, ours)]
        after: Sequence[LiveNode] = ours
        if changes or settings:
            with self._undo("Chroma Recovery"):
                if settings:
                    self.apply_settings(recovery.graph.root, project)
                if changes:
                    after = self._replace(wanted, nodes, ours, links)
        if settings:
            changes.append("project settings are the preset's")
        names = {n.mark.partition("/")[2]: n.name for n in after}
        notes = [
            *self._said(recovery),
            *_environment(settings),
            *self._kept(kept),
            *read_back(self.nuke, recovery, names),
        ]
        return Outcome(tuple(changes), kept, names, tuple(notes))

    def apply_settings(self, root: Mapping[str, KnobValue], project: Path | None) -> None:
        """Project settings of a preset on this script's Root; ``project`` becomes the project directory."""
        handle = "root" if self.here.limited else self.nuke.root()
        for knob, value in sorted(root.items(), key=lambda item: item[0] != "customOCIOConfigPath"):
            if knob == "project_directory":  # the path goes in before OCIO_config says custom
                if project is None:
                    continue
                value = posix(project.resolve())
            self.hands.set(handle, knob, spell(value, catalogue().knob("Root", knob)))

    def _demand(self, recovery: Recovery, wanted: Graph) -> None:
        reasons = lacks(self.here, {n.cls for n in wanted})
        if reasons:
            hint = "curation and inference work here; align and train on a machine with NukeX"
            raise NukeError([Problem("CR901", "", reason, hint) for reason in reasons])

    def _said(self, recovery: Recovery) -> list[Problem]:
        plan = recovery.plan
        said = limits(
            self.here,
            edition=plan.preset.nuke.edition,
            version=(plan.version.major, plan.version.minor),
            size=(plan.delivery.width, plan.delivery.height),
        )
        return [Problem("CR904", "", text, severity="warning") for text in said]

    def _kept(self, kept: Kept) -> list[Problem]:
        return [
            Problem(
                "CR905",
                place,
                "you had changed it, and the preset changed it too: the preset's value is set now",
                severity="warning",
            )
            for place in kept.overruled
        ]

    # -- the script's side

    def current(self, ours: Sequence[LiveNode]) -> Graph:
        """Our nodes as they are now, from their text; where that cannot be read, from the knobs that we set."""
        if not ours:
            return Graph()
        undo = self.nuke.Undo()
        undo.disable()  # looking is no step
        chosen = self.hands.selected()
        try:
            return read(self.hands.copy([n.handle for n in ours]), name="the script")
        except (NkError, RuntimeError, OSError):  # Non-commercial may copy encrypted text
            return self._by_knobs(ours)
        finally:
            self.hands.select(chosen)
            undo.enable()

    def _by_knobs(self, ours: Sequence[LiveNode]) -> Graph:
        graph = Graph()
        for live in ours:
            if any(n.user(ID) == live.mark for n in graph):
                continue
            built = self.hands.get(live.handle, BUILT) or ""
            marks = (UserKnob(ID, 1, value=live.mark), UserKnob(BUILT, 1, value=_text(built)))
            node = Node(live.name, live.cls, user_knobs=marks)
            said = read_built(node)
            words = said.words if said is not None else {}
            for knob in {
                "label",
                *(w.rpartition(".")[0] if w.rpartition(".")[2].isdigit() else w for w in words),
            }:
                word = self.hands.get(live.handle, knob)
                if word is not None:
                    node.knobs[knob] = understand(_word(word), catalogue().knob(live.cls, knob))
            graph.nodes.setdefault(live.name, node)
        return graph

    def _replace(
        self,
        wanted: Graph,
        nodes: Sequence[LiveNode],
        ours: Sequence[LiveNode],
        links: Mapping[tuple[str, int], Any],
    ) -> list[LiveNode]:
        """Delete our old nodes, paste the new ones, put them in place, and connect them as the old ones were."""
        lost = outside(nodes, ours)
        mine = {n.handle for n in ours}
        others = [n for n in nodes if n.handle not in mine]
        shift = self._shift(wanted, ours, others)
        for node in wanted:
            node.xpos, node.ypos = node.xpos + shift[0], node.ypos + shift[1]
        text = write(wanted, header=False)
        self.hands.delete([n.handle for n in ours])
        try:
            pasted = set(self.hands.paste(text))
        except RuntimeError as error:
            raise NukeError.at(
                "CR902", "", f"Nuke does not take the nodes: {error}", "nothing was changed"
            ) from error
        after = [n for n in self.hands.nodes() if n.handle in pasted]
        self._settle(wanted, after)
        self._connect(lost, successors(ours, after), mine, links, after)
        if self.here.gui:
            self.nuke.zoomToFitSelected()
        return after

    def _shift(self, wanted: Graph, ours: Sequence[LiveNode], others: Sequence[LiveNode]) -> tuple[int, int]:
        """A rebuild stays where it was; a new group goes where the artist looks."""
        marks = {mark: name for name, mark in marks_of(wanted).items() if wanted[name].clone_of is None}
        for live in sorted(ours, key=lambda n: not n.mark.rpartition("/")[2].startswith("Title_")):
            name = marks.get(live.mark)
            if name is not None:
                return live.x - wanted[name].xpos, live.y - wanted[name].ypos
        chosen = set(self.hands.selected())
        centre = None
        if self.here.gui:
            x, y = self.nuke.center()
            centre = (round(x), round(y))
        return offset(wanted, others, [n for n in others if n.handle in chosen], centre)

    def _settle(self, wanted: Graph, after: Sequence[LiveNode]) -> None:
        """Nuke puts pasted nodes where it likes; move them back together."""
        marks = {mark: name for name, mark in marks_of(wanted).items() if wanted[name].clone_of is None}
        once = [n for n in after if sum(o.mark == n.mark for o in after) == 1 and n.mark in marks]
        if not once:
            return
        first = wanted[marks[once[0].mark]]
        dx, dy = first.xpos - once[0].x, first.ypos - once[0].y
        if dx or dy:
            for node in after:
                self.hands.move(node.handle, node.x + dx, node.y + dy)

    def _connect(
        self,
        lost: Outside,
        new: Mapping[Any, Any],
        mine: set[Any],
        links: Mapping[tuple[str, int], Any],
        after: Sequence[LiveNode],
    ) -> None:
        for old, pipe, other in lost.into_ours:
            if old in new:
                self.hands.connect(new[old], pipe, other)
        for theirs, pipe, old in lost.from_ours:
            if old in new:
                self.hands.connect(theirs, pipe, new[old])
        for handle, pipe, other in _wires(links, after):
            self.hands.connect(handle, pipe, other)

    @contextmanager
    def _undo(self, name: str) -> Iterator[None]:
        """One undo step; taken back whole if anything fails on the way."""
        undo = self.nuke.Undo()
        undo.begin(name)
        try:
            yield
        except BaseException:
            undo.cancel()
            raise
        undo.end()


def _left_out(wanted: Graph, reads: Mapping[str, Any]) -> dict[tuple[str, int], Any]:
    """Take Reads out of the graph; (mark, pipe) of every pipe they fed -> the handle that feeds it instead."""
    marks = marks_of(wanted)
    links: dict[tuple[str, int], Any] = {}
    for name, handle in reads.items():
        if name not in wanted.nodes:
            continue
        for node in wanted:
            for pipe, up in enumerate(node.inputs):
                if up == name:
                    links[marks[node.name], pipe] = handle
            node.inputs = tuple(None if up == name else up for up in node.inputs)
        del wanted.nodes[name]
    return links


def _artist_reads(wanted: Graph, ours: Sequence[LiveNode], reads: Any, lost: Outside) -> dict[str, Any]:
    """Reads that the artist replaced by nodes of his own in an earlier run."""
    marks = {n.handle: n.mark.partition("/")[2] for n in ours}
    found: dict[str, Any] = {}
    for name in reads:
        if not ours or name in marks.values() or name not in wanted.nodes:
            continue
        fed = {(node.name, pipe) for node in wanted for pipe, up in enumerate(node.inputs) if up == name}
        feeders = [other for handle, pipe, other in lost.into_ours if (marks[handle], pipe) in fed]
        if feeders:
            found[name] = feeders[0]
    return found


def _wires(links: Mapping[tuple[str, int], Any], nodes: Sequence[LiveNode]) -> list[tuple[Any, int, Any]]:
    """The links as (to, pipe, from), those left out that are so already."""
    return [
        (node.handle, pipe, handle)
        for node in nodes
        for (mark, pipe), handle in links.items()
        if node.mark == mark and (node.inputs[pipe] if pipe < len(node.inputs) else None) != handle
    ]


def _word(text: str) -> Word:
    """What ``toScript`` gives, as the word that stands in a .nk file."""
    return Word(text, 0, "braced" if text.startswith("{") else "quoted" if " " in text else "bare")


def _text(word: str) -> str:
    return _word(word).text


def _environment(settings: bool) -> list[Problem]:
    if not settings or not os.environ.get("OCIO"):
        return []
    text = "the environment variable OCIO is set: Nuke takes that config, whatever the project settings say"
    return [
        Problem(
            "CR915",
            "OCIO",
            text,
            "start Nuke without it, or give its path as colour.config",
            severity="warning",
        )
    ]
