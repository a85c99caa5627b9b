"""``nuke.env`` and the version and edition constants.

Keys as in a dump of 13.0v1 (A: STUBS). In Indie ``studio`` is True (C). What ``interactive`` is per licence is
simplified: True in the GUI.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["GlobalsEnvironment", "constants", "environment"]


class GlobalsEnvironment:
    """Not a dict: ``get`` takes text as default only (C: a comment in Deadline's code)."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> list[str]:
        return list(self._values)

    def values(self) -> list[Any]:
        return list(self._values.values())

    def items(self) -> list[tuple[str, Any]]:
        return list(self._values.items())

    def get(self, key: str, default: str | None = None) -> Any:
        if default is not None and not isinstance(default, str):
            raise TypeError("nuke.env.get takes text as default")
        return self._values.get(key, default)


def environment(session: FakeNuke) -> GlobalsEnvironment:
    edition, v = session.edition, session.version
    return GlobalsEnvironment(
        {
            "64bit": True,
            "ExecutablePath": f"/usr/local/Nuke{version_string(session)}/Nuke{v.major}.{v.minor}",
            "ExternalPython": False,
            "LINUX": sys.platform.startswith("linux"),
            "MACOS": sys.platform == "darwin",
            "WIN32": os.name == "nt",
            "NukeLibraryPath": f"/usr/local/Nuke{version_string(session)}",
            "NukeVersionDate": "",
            "NukeVersionMajor": v.major,
            "NukeVersionMinor": v.minor,
            "NukeVersionPhase": "",
            "NukeVersionPhaseNumber": 0,
            "NukeVersionRelease": v.release,
            "NukeVersionString": version_string(session),
            "PluginExtension": {"win32": "dll", "darwin": "dylib"}.get(sys.platform, "so"),
            "PluginsVerbose": False,
            "assist": False,
            "gui": session.gui,
            "hiero": False,
            "hieroNuke": edition == "studio",
            "hieroStudio": edition == "studio",
            "indie": edition == "indie",
            "interactive": session.gui,
            "nc": edition == "nc",
            "nukex": edition != "nuke",
            "numCPUs": 8,
            "ple": edition == "nc",
            "studio": edition in ("studio", "indie"),
            "threads": 8,
        }
    )


def version_string(session: FakeNuke) -> str:
    v = session.version
    return f"{v.major}.{v.minor}v{v.release}"


def constants(session: FakeNuke) -> dict[str, Any]:
    v = session.version
    return {
        "GUI": session.gui,
        "INTERACTIVE": session.gui,
        "NUKE_VERSION_MAJOR": v.major,
        "NUKE_VERSION_MINOR": v.minor,
        "NUKE_VERSION_RELEASE": v.release,
        "NUKE_VERSION_STRING": version_string(session),
        "NUKE_VERSION_PHASE": "",
        "EXE_PATH": environment(session)["ExecutablePath"],
        "ALL": 1,
        "NODIR": 2,
        "INPUTS": 2,
        "EXPRESSIONS": 1,
        "HIDDEN_INPUTS": 4,
        "TABKNOB": 0,
        "TABBEGINGROUP": 1,
        "TABBEGINCLOSEDGROUP": 2,
        "TABENDGROUP": -1,
        "rawArgs": ["nuke"] if session.gui else ["nuke", "-t"],
    }
