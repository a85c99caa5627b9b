"""F_Align: lays input 0 (Src) over input 1 (Ref) by one global motion per frame.

Foundry's own solver is not public; ``registration.py`` is ours. So the numbers differ from Nuke's, the
meaning of the switches does not: translate, scale (equal in x and y), rotate, and perspective, which adds
shear, unequal scale and keystone. A solution that Nuke stored in the node (mat.., pin..) is not read; it is
solved anew.
"""

from __future__ import annotations

import numpy as np

from ..call import Call, NodeOp
from ..comparison import brightness
from ..image import Format, Image
from ..registration import Motions, Registration, RegistrationError, register
from ..resample import KERNELS, Matrix
from .geometry import moved_image

__all__ = ["ALIGN", "F_ALIGN", "solve", "solve_with_score"]

F_ALIGN = "OFXuk.co.thefoundry.furnace.f_align_v403"

FILTERS = {"Low": "linear", "Medium": "Keys", "High": "Lanczos6"}
"""What ``filtering`` uses here; Foundry does not say what it uses."""

LIMIT = 1 << 26
"""Most pixels per picture that are analysed."""


def _to_nuke(format: Format) -> Matrix:
    """Pixel indices, y down, to Nuke's coordinates."""
    return np.array([[1.0, 0.0, 0.5], [0.0, -1.0, format.height - 0.5], [0.0, 0.0, 1.0]])


def solve_with_score(call: Call) -> tuple[Matrix, Registration]:
    """As :func:`solve`, with the correlation and the covered share of the region."""
    return call.evaluator.memo(("F_Align", call.name, call.frame), lambda: _solve(call))


def solve(call: Call) -> Matrix:
    """3x3 from Src to Ref coordinates (x right, y up), solved once per frame and kept.

    Raises EngineError (CR520) if no trustworthy solution is found.
    """
    return solve_with_score(call)[0]


def _solve(call: Call) -> tuple[Matrix, Registration]:
    source, reference = call.input(0), call.input(1)
    for image in (source, reference):
        if image.format.width * image.format.height > LIMIT:
            call.fail("CR520", f"a picture of {image.format} is too large to analyse")
    switches = Motions(*(call.flag(k) for k in ("translate", "scale", "rotate", "perspective")))
    grid, colours = (image.crop_to(image.format.box).rgb() for image in (reference, source))
    try:
        found = register(
            brightness(grid),
            colours,
            _region(call, reference.format),
            switches,
            accuracy=call.number("accuracy"),
        )
    except RegistrationError as error:
        call.fail(
            "CR520",
            f"no alignment was found: {error}",
            "key a Transform and set the Dissolve to manual for this pair, or move the analysis region",
        )
    inverse = _to_nuke(source.format) @ found.matrix @ np.linalg.inv(_to_nuke(reference.format))
    forward = np.linalg.inv(inverse)
    return forward / forward[2, 2], found


def _region(call: Call, format: Format) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """The analysis region on the Reference's format; the middle 80 % where it is not set."""
    x, y = call.vector("regionBL", 2, (0.1 * format.width, 0.1 * format.height))
    r, t = call.vector("regionTR", 2, (0.9 * format.width, 0.9 * format.height))
    columns, rows = np.arange(format.width) + 0.5, format.height - np.arange(format.height) - 0.5
    inside = ((columns >= x) & (columns < r))[None, :] & ((rows >= y) & (rows < t))[:, None]
    if not inside.any():
        call.refuse("regionTR", f"the region {x:g} {y:g} {r:g} {t:g} holds no pixel of {format}")
    return inside


def _aligned(call: Call) -> Image:
    source, reference = call.input(0), call.input(1)
    filtering = call.choice("filtering")
    if filtering not in FILTERS:
        call.refuse("filtering", f"unknown setting {filtering!r}")
    return moved_image(
        source, solve(call), KERNELS[FILTERS[filtering]], black_outside=True, format=reference.format
    )


ALIGN = NodeOp(
    _aligned,
    frozenset(
        [
            "translate",
            "scale",
            "rotate",
            "perspective",
            "regionBL",
            "regionTR",
            "accuracy",
            "filtering",
            "renderOn",
            "range",
        ]
        + [
            "start",
            "stop",
            "analyse",
            "clear",
            "badAnalysis",
            "cacheBreaker",
            "Analysis Region",
            "Advanced",
            "Four Corner Pin",
        ]
        + ["pinBL", "pinBR", "pinTL", "pinTR", "pinOriginBL", "pinOriginTR"]
        + [f"mat{row}{column}" for row in range(3) for column in range(3)]
    ),
    format=lambda call: call.input_format(1),
)
"""``range`` chooses what Nuke analyses ahead; every frame is solved on its own here, as it is there."""
