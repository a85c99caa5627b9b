"""The report of a whole project: every shot's state, verdict and numbers on one page, with links to its own report.

It is made from what the shots' records say, needs no engine, and is written anew each time.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import attrs

from .. import __version__
from ..errors import PathError, Problem
from ..paths import posix, write_text
from .model import Places, Project
from .state import Record, read_state
from .status import UnitStatus, status_of

__all__ = ["ShotRow", "project_report", "report_html", "report_places", "write_project_report"]

FORMAT = 1

SHOWN = (
    ("Colour error, Recovered", "Colour error", "dE2000 on hold-outs"),
    ("Colour error, MatchGrade baseline", "Baseline", "dE2000 on hold-outs"),
)
"""Measures with a column of their own: name, head, unit."""

MARK = '<meta name="generator" content="chroma-recovery project report">'


@attrs.frozen
class ShotRow:
    """One shot or group. judged: True all rules hold, False some are broken, None not judged. measures: name ->
    value. links: what -> path from the report. seconds: of work, all stages."""

    name: str
    model_of: str
    frames: tuple[int, int] | None
    pairs: int
    reached: str
    complete: bool
    judged: bool | None
    verdict: str
    measures: dict[str, float]
    checkpoint: str
    steps: int | None
    seconds: float
    links: dict[str, str]
    why: tuple[str, ...]


def report_places(out: Path) -> tuple[Path, Path]:
    """Where the page and its numbers lie."""
    return out / "report" / "project_report.html", out / "report" / "project_report.json"


def project_report(project: Project, out: Path) -> list[ShotRow]:
    """A row for each unit, groups first."""
    return [_row(found, out) for found in status_of(project, out)]


def _row(found: UnitStatus, out: Path) -> ShotRow:
    unit = found.unit
    state, _ = read_state(Places(out).state(unit.name))
    records = state.stages
    judged = records.get("validation")
    facts = judged.facts if judged is not None else {}
    verdict = found.verdict
    rendered = records.get("nuke_inference")
    trained = records.get("training") or records.get("nuke_training")
    checkpoint, reached, complete = found.checkpoint, found.reached, found.complete
    if rendered is not None or (unit.is_group and "nuke_training" in records):
        last = rendered or records["nuke_training"]
        complete = last.state == "done"
        reached = "rendered by Nuke" if rendered and complete else f"Nuke: {last.state}"
        checkpoint = str(last.facts.get("model", "")) or checkpoint
        verdict = verdict or ("not judged: rendered by Nuke" if rendered else "")
    measures = {str(k): float(v) for k, v in dict(facts.get("measures") or {}).items()}
    links = {}
    report = str(facts.get("report") or "")
    if report and (out / report).is_file():
        links["report"] = posix(os.path.relpath(out / report, report_places(out)[0].parent))
    return ShotRow(
        name=unit.name,
        model_of=unit.group,
        frames=unit.frames,
        pairs=unit.pairs,
        reached=reached,
        complete=complete,
        judged=None if judged is None or judged.state != "done" else not verdict.startswith("look"),
        verdict=verdict,
        measures=measures,
        checkpoint=checkpoint.rsplit("/", 1)[-1],
        steps=_steps(trained),
        seconds=round(sum(r.seconds for r in records.values()), 1),
        links=links,
        why=_notes(found, complete),
    )


def _notes(found: UnitStatus, complete: bool) -> tuple[str, ...]:
    """What is missing, and whose pairs judged the shot."""
    missing = [f"{s.stage}: {reason}" for s in found.stages for reason in s.why] if not complete else []
    return (*missing[:2], found.unit.judged_on) if found.unit.judged_on else tuple(missing)


def _steps(record: Record | None) -> int | None:
    said = record.facts.get("steps") if record is not None else None
    return said if type(said) is int else None


def as_json(project: Project, rows: list[ShotRow]) -> dict[str, Any]:
    """The same as plain values."""
    shots = [r for r in rows if r.frames is not None]
    return {
        "chroma_recovery_project_report": FORMAT,
        "chroma_recovery": __version__,
        "project": project.name,
        "shots": len(shots),
        "done": sum(r.complete for r in shots),
        "passed": sum(r.judged is True for r in shots),
        "look": sum(r.judged is False for r in shots),
        "units": [_plain(attrs.asdict(r)) for r in rows],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


# -- the page


def report_html(project: Project, rows: list[ShotRow]) -> str:
    """The page. Every text that came from somebody is escaped; nothing is loaded from elsewhere."""
    shots = [r for r in rows if r.frames is not None]
    done, held = sum(r.complete for r in shots), sum(r.judged is True for r in shots)
    look = sum(r.judged is False for r in shots)
    worst = [r for r in shots if SHOWN[0][0] in r.measures]
    worst.sort(key=lambda r: -r.measures[SHOWN[0][0]])
    tone = "look" if look else "passes" if shots and held == len(shots) else "open"
    folder = resources.files("chroma_recovery")
    style = folder.joinpath("qc", "templates", "report.css").read_text(encoding="utf-8")
    page = folder.joinpath("project", "report.html").read_text(encoding="utf-8")
    frames = sum(r.frames[1] - r.frames[0] + 1 for r in shots if r.frames)
    figures = [
        (f"{done} of {len(shots)}", "Shots recovered", f"{frames} frames in all"),
        (str(held), "Every rule holds", "judged by validation"),
        (str(look), "To be looked at", _most_broken(shots)),
    ]
    if worst:
        value = f"{worst[0].measures[SHOWN[0][0]]:.2f} dE"
        figures.append((value, "Largest colour error", f"hold-outs of {worst[0].name}"))
    return Template(page).substitute(
        mark=MARK,
        title=escape(_headline(project, shots, done, look)),
        style=style.strip(),
        tone=tone,
        next=escape(_advice(shots, done, look)),
        figures="\n".join(_figure(*f) for f in figures),
        rows="\n".join(_line(r) for r in sorted(rows, key=_order)),
        version=escape(__version__),
    )


def _headline(project: Project, shots: list[ShotRow], done: int, look: int) -> str:
    if done < len(shots):
        return f"{project.name}: {done} of {len(shots)} shots are recovered"
    if look:
        return f"{project.name}: {len(shots)} shots are recovered, {look} of them to be looked at"
    return f"{project.name}: {len(shots)} shots are recovered"


def _advice(shots: list[ShotRow], done: int, look: int) -> str:
    if done < len(shots):
        return "run the job again; what is finished is kept"
    if look:
        return "open the reports of the shots marked below; the first in the table come first"
    return "look at every shot in motion, then deliver"


def _most_broken(shots: list[ShotRow]) -> str:
    names = Counter(
        n.strip() for r in shots if r.judged is False for n in r.verdict.partition(":")[2].split(",")
    )
    return "mostly: " + names.most_common(1)[0][0] if names else "none"


def _figure(value: str, label: str, note: str) -> str:
    return f'<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd><dd class="note">{escape(note)}</dd></div>'


def _order(row: ShotRow) -> tuple[int, str]:
    """What needs somebody first: unfinished, then broken rules, then the rest."""
    return (0 if not row.complete else 1 if row.judged is False else 2, row.name)


def _line(row: ShotRow) -> str:
    name = escape(row.name)
    if "report" in row.links:
        name = f'<a href="{escape(_address(row.links["report"]), quote=True)}">{name}</a>'
    mark = ""
    if row.judged is not None:
        mark = f'<span class="mark{"" if row.judged else " no"}">{"holds" if row.judged else "look"}</span> '
    said = row.verdict.removeprefix("look: ") if row.complete else row.reached
    why = "".join(f"<small>{escape(w)}</small>" for w in row.why[:3])
    cells = [
        f'<th scope="row">{name}</th>',
        f"<td>{escape(f'of {row.model_of}' if row.model_of else 'its own' if row.frames else 'group')}</td>",
        f'<td class="value">{f"{row.frames[0]}&ndash;{row.frames[1]}" if row.frames else ""}</td>',
        f'<td class="held">{mark}{escape(said)}{why}</td>',
        *(f'<td class="value">{_number(row.measures.get(key))}</td>' for key, _, _ in SHOWN),
        f'<td class="code">{escape(row.checkpoint)}</td>',
        f'<td class="value">{row.seconds:.0f} <span>s</span></td>',
    ]
    return "<tr>" + "".join(cells) + "</tr>"


def _number(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.2f}"


def _address(path: str) -> str:
    return quote(path)


def write_project_report(project: Project, out: Path) -> Path:
    """Write page and numbers; the page. Raises PathError (CR602) where something else bears their names."""
    page, numbers = report_places(out)
    foreign = list(_foreign(page, numbers))
    if foreign:
        raise PathError(foreign)
    rows = project_report(project, out)
    text = json.dumps(as_json(project, rows), indent=1, allow_nan=False) + "\n"
    write_text(numbers, text, overwrite=True)
    return write_text(page, report_html(project, rows), overwrite=True)


def delivered_report(project: Project, out: Path, below: Mapping[str, str]) -> tuple[str, str]:
    """Page and numbers for a delivery, where the report of each unit lies in the unit's own folder. below: that folder
    by unit."""
    rows = [
        attrs.evolve(
            r, links={"report": f"../{below[r.name]}/report/report.html"} if "report" in r.links else {}
        )
        for r in project_report(project, out)
    ]
    return report_html(project, rows), json.dumps(as_json(project, rows), indent=1, allow_nan=False) + "\n"


def _foreign(page: Path, numbers: Path) -> Iterator[Problem]:
    for path, mark in ((page, MARK), (numbers, '"chroma_recovery_project_report"')):
        if path.exists() and mark not in path.read_text(encoding="utf-8", errors="replace")[:2000]:
            yield Problem("CR602", posix(path), "exists and is not a report of ours", "move it away")
