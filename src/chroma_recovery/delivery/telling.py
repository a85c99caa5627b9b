"""What a delivery says of itself: README.txt for people, DOCUMENTATION.txt with the guide's list, provenance.json."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .. import __version__
from ..build import Scripts
from ..errors import Problem
from ..frames import format_frames
from ..nk.metadata import plain_text
from ..stages.header import DIGITAL_SOURCE, KEYS, preset_digest
from .contents import FOLDERS, Parts
from .copying import Copied

__all__ = ["checks", "documentation", "entry", "heading", "provenance", "readme", "wrapped"]

WIDTH = 78

WHAT = """
This folder holds a recovered version of the {scope} "{shot}" of a film whose dyes had faded. The colour was rebuilt: a
small neural network learnt, from pairs of frames (faded scan, colour reference), which colour belongs to which
picture, and was applied to every frame. Brightness, detail and grain are those of the scan; only the colour difference
signals (Cb, Cr) come from the network. It is an interpretation with a stated source, not a measurement of the original
colours.
"""

PICTURES = """
OpenEXR files, 16 bit half float, one per frame; the number in the name is the frame number of the scan. Colour space:
{delivery} (the primaries stand in each file's header). Each header also says how the frame was made, in text
attributes such as RecoveryType, ReferenceSource, ModelCheckpoint, ModelHash (SHA-256 of the model file), PresetHash
(SHA-256 of preset/resolved.json). In these texts %5B stands for [ and so on, as in web addresses. `exrheader FILE`,
`oiiotool --info -v FILE` or `chroma-recovery trace FILE` shows them.
"""

AGAIN = """
The scan and the reference are not part of this folder. With them in the places that preset/ names, `chroma-recovery run
PRESET --out FOLDER` or the scripts in graphs/ (Foundry Nuke) repeat the work. The model: .safetensors with .json beside
it (an open format: named arrays of numbers), or .cat (Nuke's own).
"""


def readme(
    scripts: Scripts,
    parts: Parts,
    *,
    now: datetime,
    hash_name: str,
    bag: bool,
    gaps: Sequence[Problem],
    within: str = "",
) -> str:
    """For somebody who has this folder and nothing else. within: where it lies in the delivery of a film."""
    p = scripts.loaded.preset
    lines = [f"{p.shot}: recovered colour", "=" * (len(p.shot) + 18), ""]
    lines += [*wrapped(WHAT.format(scope=p.scope, shot=p.shot)), ""]
    source = f"{p.reference.kind}. {p.reference.citation}".strip()
    for name, text in (
        ("Scanned element", p.documentation.element),
        ("Film stock", p.documentation.stock),
        ("Colour taken from", source),
        ("Institution", p.documentation.institution),
        ("Restorationist", p.documentation.restorationist),
        ("Delivered", f"{now:%Y-%m-%d %H:%M} UTC by chroma-recovery {__version__}"),
    ):
        lines += entry(name, text or "not documented")
    if gaps:
        lines += heading("NOT IN THIS DELIVERY")
        lines += [
            line for g in gaps for line in textwrap.wrap(f"- {g.message}", WIDTH, subsequent_indent="  ")
        ]
    lines += heading("What is where")
    there = {item.part for item in parts.items}
    for folder, text in FOLDERS.items():
        if folder in there:
            frames = parts.frames.get(folder)
            more = f" {frames.name}, frames {format_frames(frames.numbers)}." if frames else ""
            lines += entry(f"{folder}/", f"{text}.{more}")
    lines += entry("DOCUMENTATION.txt", "what was assumed, cleaned and decided, in words.")
    lines += entry("provenance.json", "the same facts for programs.")
    up = "../" * len(within.split("/")) if within else ""
    lines += entry(f"{up}ascmhl/", "the checksum of every file (ASC Media Hash List v2.0).")
    lines += heading("The pictures")
    lines += wrapped(PICTURES.format(delivery=p.colour.delivery))
    lines += checks(hash_name, bag=bag) if not within else []
    lines += heading("To make it again")
    return "\n".join([*lines, *wrapped(AGAIN)]) + "\n"


def checks(hash_name: str, *, bag: bool) -> list[str]:
    """How to see that a delivery is whole."""
    by_hand = (
        "`xxhsum -H64 FILE` computes it."
        if hash_name == "xxh64"
        else "Any program for this hash computes it."
    )
    ways = [
        "With any tool that reads ASC MHL v2.0, for example the reference implementation: "
        "`pip install ascmhl`, then `ascmhl diff .` and `ascmhl-debug verify .` in this folder.",
        "With chroma-recovery: `chroma-recovery verify .`",
        f"By hand: ascmhl/0001_*.mhl is a text file; it lists the {hash_name} of each file. {by_hand}",
    ]
    if bag:
        ways.insert(0, "This is a BagIt bag: in the folder above, `sha512sum -c manifest-sha512.txt`.")
    lines = [line for w in ways for line in textwrap.wrap(f"- {w}", WIDTH, subsequent_indent="  ")]
    return [*heading("To check that nothing was lost or changed"), *lines]


def heading(text: str) -> list[str]:
    return ["", text, "-" * len(text), ""]


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), WIDTH, break_on_hyphens=False)


def entry(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        f"{name:<20} {' '.join(text.split())}", WIDTH, subsequent_indent=" " * 21, break_on_hyphens=False
    )


def documentation(scripts: Scripts, gaps: Sequence[Problem]) -> str:
    """The workflow's documentation requirements, filled in from the preset; what nobody wrote is said to be missing."""
    p, d = scripts.loaded.preset, scripts.loaded.preset.documentation
    plan = scripts.recovery.plan
    t = p.training
    sections = {
        "Source material": (
            f"Element: {d.element or NOT}\nFilm stock: {d.stock or NOT}\nFiles: {p.source.path}, "
            f"{p.source.first}-{p.source.last} at {p.source.fps:g} frames per second"
        ),
        "Cleaning of the Source before the work": d.cleanup or NOT,
        "Degraining": d.degrain or NOT,
        "Neutral balance before training": d.balance or NOT,
        "Reference": (
            f"{p.reference.kind}. {p.reference.citation or NOT}\nFiles: {p.reference.path}, "
            f"{p.reference.first}-{p.reference.last}"
        ),
        "Why this Reference and these pairs": d.rationale or NOT,
        "Assumptions": d.assumptions or NOT,
        "Training": (
            f"{t.node}: {plan.total_steps} steps, batch {t.batch}, patch {t.patch}; {len(plan.training)} training "
            f"pairs, {len(plan.hold_outs)} hold-outs (see pairs/); all settings: preset/resolved.json"
        ),
        "Validation": "see report/",
        "Remaining caveats": d.caveats or NOT,
    }
    if gaps:
        sections["Not in this delivery"] = "\n".join(g.message for g in gaps)
    parts = []
    for title, text in sections.items():
        wrapped = "\n".join(textwrap.fill(line, WIDTH) for line in text.splitlines())
        parts.append(f"{title}\n{'-' * len(title)}\n{wrapped}\n")
    return "\n".join(parts)


NOT = "not documented"


def provenance(
    scripts: Scripts,
    parts: Parts,
    files: Sequence[Copied],
    *,
    now: datetime,
    hash_name: str,
    gaps: Sequence[Problem],
) -> str:
    """provenance.json, version 1. Digests are SHA-256 where said so, else in the format that ``hash`` names."""
    p = scripts.loaded.preset
    by_part: dict[str, list[Copied]] = {}
    for made in files:
        by_part.setdefault(made.part, []).append(made)
    sequences: dict[str, Any] = {
        name: {
            "files": f.name,
            "frames": format_frames(f.numbers),
            "count": len(f.numbers),
            "header": {k: plain_text(f.header[k]) for k in KEYS if k in f.header and k != "SourceFrame"},
        }
        for name, f in parts.frames.items()
    }
    said = {
        "chroma_recovery_delivery": 1,
        "shot": p.shot,
        "made": now.isoformat(timespec="seconds"),
        "tool": f"chroma-recovery {__version__}",
        "digital_source_type": DIGITAL_SOURCE,
        "preset_sha256": preset_digest(p),
        "graph_sha256": scripts.graph_hash,
        "sequences": sequences,
        "hash": hash_name,
        "parts": {
            part: [{"path": m.target, "bytes": m.size, hash_name: m.digests[hash_name]} for m in made]
            for part, made in by_part.items()
            if part not in parts.frames
        },
        "events": [
            {
                "type": "replication",
                "date_time": now.isoformat(timespec="seconds"),
                "detail": f"{len(files)} files copied from the project, each read back from the disk",
                "outcome": "success",
            },
            {
                "type": "message digest calculation",
                "date_time": now.isoformat(timespec="seconds"),
                "detail": f"{hash_name} of each file while it was copied, in ascmhl/",
                "outcome": "success",
            },
        ],
        "missing": [g.as_json() for g in gaps],
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
