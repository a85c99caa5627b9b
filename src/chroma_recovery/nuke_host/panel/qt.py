"""Qt as this Nuke has it: PySide6 (Nuke 16 and newer) or PySide2 (Nuke 13-15).

A binding that is loaded already is taken, because two of them in one process crash it. Everything else in the panel
imports Qt from here, and spells enumerations in full (``Qt.AlignmentFlag.AlignLeft``), which both understand.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from ...errors import NukeError

__all__ = ["BINDING", "QtCore", "QtGui", "QtWidgets", "load"]

BINDINGS = ("PySide6", "PySide2")


def load() -> tuple[str, Any, Any, Any]:
    """Name of the binding, QtCore, QtGui, QtWidgets. Raises NukeError (CR921) naming what went wrong with each."""
    reasons = []
    for name in sorted(BINDINGS, key=lambda n: f"{n}.QtCore" not in sys.modules):
        try:
            modules = [importlib.import_module(f"{name}.{part}") for part in ("QtCore", "QtGui", "QtWidgets")]
        except ImportError as error:
            reasons.append(f"{name}: {error}")
            continue
        return (name, modules[0], modules[1], modules[2])
    hint = "Nuke brings it in its GUI; elsewhere install PySide6-Essentials, on Debian with libegl1 and libfontconfig1"
    raise NukeError.at("CR921", "", "the panel needs Qt; " + "; ".join(reasons), hint)


BINDING, QtCore, QtGui, QtWidgets = load()
