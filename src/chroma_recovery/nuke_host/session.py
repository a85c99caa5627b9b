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
from ..errors import NukeError, Problem
from ..graph.catalogue import catalogue
from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from ..nk.values import spell
from ..paths import posix
from ..stages.pipeline import Recovery
from .artist_edits import Kept, merge
from .artist_reads import artist_reads, left_out, wires
from .editions import lacks, limits, running
from .hands import Hands, LiveNode, hands_for
from .live_graph import live_graph
from .readback import read_back
from .rebuild import differences, marks_of, outside
from .replacement import Replacement

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
        self.replacement = Replacement(nuke, self.hands, gui=self.here.gui)

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
        links = left_out(wanted, {roles[r]: handle for r, handle in reads.items()})
        links |= left_out(wanted, artist_reads(wanted, ours, roles.values(), outside(nodes, ours)))
        current = self.current(ours)
        wanted, kept = merge(wanted, current)
        changes = differences(wanted, current, ours) if ours else [f"{len(wanted)} new nodes"]
        called = {n.handle: n.name for n in ours}
        if reads:
            changes += [f"{called[to]} reads from your node" for to, _, _ in wires(links, ours)]
        after: Sequence[LiveNode] = ours
        if changes or settings:
            with self._undo("Chroma Recovery"):
                if settings:
                    self.apply_settings(recovery.graph.root, project)
                if changes:
                    after = self.replacement.replace(wanted, nodes, ours, links)
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
        return live_graph(self.nuke, self.hands, ours)

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
