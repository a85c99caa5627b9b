"""Training domains: where the YCbCr build happens, and the way there and back, the same on every branch.

display    the Reads bring Rec.709 display-referred exports to the working space; nothing more is needed.
log        working space -> compositing log and back.
aces-odt   ACES masters through the Rec.709 output transform and back through its inverse.

Whatever is done to Input and Ground Truth is done, through clones, to the frames that Inference gets. In
the last two domains pixels are encoded already, so Colorspace is told sRGB in, sRGB out: it then applies
the YCbCr matrix to the values as they are instead of encoding them a second time.
"""

from __future__ import annotations

import attrs

from ..colour.names import resolve
from ..colour.views import odt
from ..errors import StageError
from ..graph.knobs import KnobValue
from .names import Names
from .plan import Plan
from .section import Strand

__all__ = ["Domain"]

INTO, BACK = "To_training_domain", "From_training_domain"


@attrs.frozen
class Domain:
    """Puts the domain's nodes into strands; the first of a kind is a node, all others are its clones."""

    plan: Plan
    names: Names

    @property
    def kind(self) -> str:
        return self.plan.preset.colour.domain

    def into(self, strand: Strand) -> None:
        """Working space -> training domain."""
        self._add(strand, INTO, invert=False)

    def back(self, strand: Strand) -> None:
        """Training domain -> working space."""
        self._add(strand, BACK, invert=True)

    def to_ycbcr(self, strand: Strand) -> str:
        """RGB of the training domain -> YCbCr (red Y, green Cb, blue Cr)."""
        return self._colorspace(strand, self.names.to_ycbcr, self._rgb, "YCbCr")

    def to_rgb(self, strand: Strand) -> str:
        """YCbCr -> RGB of the training domain."""
        return self._colorspace(strand, self.names.to_rgb, "YCbCr", self._rgb)

    @property
    def _rgb(self) -> str:
        return "RGB" if self.kind == "display" else "sRGB"

    def _colorspace(self, strand: Strand, name: str, come: str, go: str) -> str:
        if name in strand.section.graph.nodes:
            return strand.clone(name)
        return strand.node("Colorspace", name, colorspace_in=come, colorspace_out=go)

    def _add(self, strand: Strand, name: str, *, invert: bool) -> None:
        if self.kind == "display":
            return
        if name in strand.section.graph.nodes:
            strand.clone(name)
            return
        colour = self.plan.preset.colour
        working = resolve(colour.working, config=colour.config).token
        knobs: dict[str, KnobValue]
        if self.kind == "log":
            log = resolve("ACEScct", config=colour.config).token
            knobs = {
                "in_colorspace": log if invert else working,
                "out_colorspace": working if invert else log,
            }
            strand.node("OCIOColorSpace", name, knobs=knobs)
            return
        view = odt(colour.config)
        if view is None:
            raise StageError.at(
                "CR410", "colour.domain", f"{colour.config} has no known Rec.709 output transform"
            )
        knobs = {"colorspace": working, "display": view.display, "view": view.view}
        if invert:
            knobs["invert"] = True
        strand.node("OCIODisplay", name, knobs=knobs)
