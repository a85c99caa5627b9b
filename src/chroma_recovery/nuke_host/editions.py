"""Which Nuke this is, and what it cannot do. Plain tuples, no imports: asked while Nuke starts."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["FULL", "LIMITED", "Running", "lacks", "limits", "running"]

FULL = ("nukex", "studio", "indie", "non-commercial")
"""Editions that have NukeX's nodes (F_Align, CopyCat). Indie and Non-commercial ship them too."""
LIMITED = ("indie", "non-commercial")
"""Editions whose Python may touch about ten nodes only."""
NON_COMMERCIAL_SIZE = (1920, 1080)
NUKEX_CLASSES = {
    "OFXuk.co.thefoundry.furnace.f_align_v403": "F_Align",
    "CopyCat": "CopyCat",
    "BigCat": "BigCat",
}
"""Classes that only NukeX and Nuke Studio can create (reference guide of each node)."""


class Running(NamedTuple):
    """The Nuke we are in. version: (major, minor, release). edition: nuke, assist, or one of FULL."""

    version: tuple[int, int, int]
    edition: str
    gui: bool

    @property
    def name(self) -> str:
        major, minor, release = self.version
        words = {
            "nuke": "Nuke",
            "assist": "Nuke Assist",
            "nukex": "NukeX",
            "studio": "Nuke Studio",
            "indie": "Nuke Indie",
            "non-commercial": "Nuke Non-commercial",
        }
        return f"{words[self.edition]} {major}.{minor}v{release}"

    @property
    def limited(self) -> bool:
        """Python may touch only about ten nodes."""
        return self.edition in LIMITED


def running(nuke: Any) -> Running:
    """Read from ``nuke.env``; Indie also calls itself studio, so it is asked first."""
    env = nuke.env

    def on(key: str) -> bool:
        return bool(env.get(key))

    order: tuple[tuple[str, str], ...] = (
        ("nc", "non-commercial"),
        ("indie", "indie"),
        ("nukeassist", "assist"),
        ("assist", "assist"),
        ("studio", "studio"),
        ("hieroStudio", "studio"),
        ("nukex", "nukex"),
    )
    edition = next((name for key, name in order if on(key)), "nuke")
    version = tuple(int(env[k]) for k in ("NukeVersionMajor", "NukeVersionMinor", "NukeVersionRelease"))
    return Running((version[0], version[1], version[2]), edition, bool(nuke.GUI))


def lacks(here: Running, classes: set[str] | frozenset[str]) -> list[str]:
    """Why nodes of these classes cannot be made here, one sentence per reason; empty if they can."""
    reasons = []
    need = sorted(short for cls, short in NUKEX_CLASSES.items() if cls in classes)
    if need and here.edition not in FULL:
        reasons.append(f"{' and '.join(need)} need NukeX; this is {here.name} (start it with --nukex)")
    if "BigCat" in classes and here.version[:2] < (16, 1):
        reasons.append(f"BigCat came with Nuke 16.1; this is {here.name}")
    return reasons


def limits(here: Running, *, edition: str, version: tuple[int, int], size: tuple[int, int]) -> list[str]:
    """What this Nuke will do differently from what a preset says: sentences to show, nothing that stops the work.

    edition, version: those of the preset. size: width and height of the delivered frame.
    """
    said = []
    if here.version[:2] < version:
        said.append(
            f"the preset is for Nuke {version[0]}.{version[1]} and this is {here.name}: "
            "knobs that came later are missing here (set nuke.version in the preset)"
        )
    if here.edition == "non-commercial":
        wide, high = NON_COMMERCIAL_SIZE
        if size[0] > wide or size[1] > high:
            said.append(
                f"Nuke Non-commercial writes at most {wide}x{high}, the preset delivers {size[0]}x{size[1]}: "
                "give a smaller inference.format for previews"
            )
        said.append(
            "Nuke Non-commercial saves scripts as .nknc and models as .catnc; no other edition opens them"
        )
    if here.edition == "indie":
        said.append("Nuke Indie saves scripts as .nkind, which other editions do not open")
    if (here.edition == "non-commercial") != (edition == "non-commercial"):
        suffix = ".catnc" if here.edition == "non-commercial" else ".cat"
        said.append(
            f"this Nuke trains {suffix} models, the preset says nuke.edition: {edition}; "
            "after training take the model with Use Latest Checkpoint"
        )
    return said
