"""Lettering that nothing was tuned on: other fonts, places, colours and logos than in :mod:`alignment_lettering`."""

from __future__ import annotations

from alignment_lettering import Lettering

__all__ = ["UNSEEN"]

STIX, ROMAN, SANS = "STIXGeneral.ttf", "cmr10.ttf", "cmss10.ttf"

UNSEEN: dict[str, tuple[Lettering, ...]] = {
    "serif, white, outlined": (Lettering(("Nobody crosses the river at night.",), font=STIX, size=0.06),),
    "serif, two lines at the top": (
        Lettering(("The council has decided.", "You leave at dawn."), font="STIXGeneralBol.ttf", place=(0.5, 0.15)),
    ),
    "cyan, outlined": (Lettering(("Who gave you the key?",), colour=(0.3, 0.9, 0.95), font=SANS),),
    "green teletext on a plate": (
        Lettering(("No, wait for me!",), colour=(0.2, 0.9, 0.25), edge=None, box=True, font="DejaVuSansMono-Bold.ttf"),
    ),
    "pale yellow, italic, thin edge": (
        Lettering(("It was raining when we met.",), colour=(0.9, 0.88, 0.6), edge=(0.15, 0.1, 0.05),
                  font="STIXGeneralItalic.ttf", size=0.06),
    ),
    "low left, speaker": (
        Lettering(("MARTA: Not again.",), place=(0.27, 0.9), font="DejaVuSans-Bold.ttf", size=0.045),
    ),
    "roman, on the Source only": (
        Lettering(("Wo ist der Schlüssel?",), on="Source", edge=None, font=ROMAN, size=0.065, place=(0.5, 0.84)),
    ),
    "black letters": (
        Lettering(("1936",), colour=(0.02, 0.02, 0.02), edge=(0.9, 0.9, 0.9), size=0.09, place=(0.3, 0.7)),
    ),
    "logo, upper left, solid": (
        Lettering(("R7",), size=0.08, edge=None, place=(0.09, 0.12), font="DejaVuSerif-Bold.ttf", opacity=0.9),
    ),
    "logo, lower right, faint": (
        Lettering(("ARTE",), size=0.05, edge=None, place=(0.9, 0.9), font="DejaVuSans-Bold.ttf", opacity=0.5),
    ),
    "red logo": (Lettering(("LIVE",), size=0.05, colour=(0.85, 0.1, 0.1), edge=None, place=(0.12, 0.1), font=SANS),),
    "timecode in a window": (
        Lettering(("10:04:31:17",), size=0.05, edge=None, box=True, place=(0.5, 0.08), font="DejaVuSansMono.ttf"),
    ),
    "end credits, three lines": (
        Lettering(("Directed by A. Moreau", "Camera J. Lind", "Sound P. Okafor"), size=0.06, edge=None, font=STIX,
                  place=(0.5, 0.45)),
    ),
}  # fmt: skip
"""As ``alignment_lettering.KINDS``."""
