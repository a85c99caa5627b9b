"""How a farm task starts Nuke: switches, mapped paths, and the few environment variables that it is given."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from ..errors import PresetError
from ..paths import posix

__all__ = ["SYSTEM", "Switches", "environment_for", "remap_words"]

_SYSTEM = """
PATH HOME USER LOGNAME USERNAME USERPROFILE LANG TMPDIR TEMP TMP NUKE_TEMP_DIR SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC
PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA HOMEDRIVE HOMEPATH NUMBER_OF_PROCESSORS CUDA_VISIBLE_DEVICES
CUDA_DEVICE_ORDER CUDA_CACHE_PATH CUDA_CACHE_MAXSIZE NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES
"""

SYSTEM = frozenset(_SYSTEM.split())
"""Variables that Nuke needs from its machine: places and GPUs; LC_* and *_LICENSE too. Compared without case."""


@attrs.frozen
class Switches:
    """nuke: the executable. remap: what ``--remap`` gets, empty for none. interactive: licence. multigpu: train on all
    GPUs. keep: variables given on. ranks, rank, port, patience: see :func:`rendezvous.meet`."""

    nuke: Path
    remap: str = ""
    interactive: bool = False
    multigpu: bool = False
    keep: tuple[str, ...] = ()
    ranks: int = 1
    rank: int = 0
    port: int = 3000
    patience: float = 600.0

    def program(self) -> Path:
        """The Nuke to start, whatever folder it runs in: a bare name is looked up on the PATH by the system."""
        bare = len(self.nuke.parts) == 1 and not self.nuke.exists()
        return self.nuke if bare else self.nuke.resolve()

    def words(self, *, training: bool) -> list[str]:
        """Switches beside those of node and frames."""
        found = ["--remap", self.remap] if self.remap else []
        if training:
            return [*found, *(["--multigpu"] if self.multigpu else [])]
        return [*found, "--cont"]


def environment_for(keep: tuple[str, ...], environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that Nuke gets: those of SYSTEM and those that were named. environment: this process's if None."""
    known = os.environ if environment is None else environment
    named = set(keep)
    return {
        k: v
        for k, v in known.items()
        if k in named or k.upper() in SYSTEM or k.startswith("LC_") or k.upper().endswith("_LICENSE")
    }


def remap_words(rules: Path | None, said: str = "") -> str:
    """What ``--remap`` gets: pairs that were said, then those of a scheduler's path mapping rules.

    rules: a file in the form ``pathmapping-1.0``; one without rules is fine. Raises PresetError (CR446) for a file
    that is none, an odd count, or a path that ``--remap`` cannot hold.
    """
    pairs = said.split(",") if said else []
    if len(pairs) % 2:
        raise PresetError.at("CR446", said, "--remap takes pairs: from,to,from,to")
    try:
        read = json.loads(rules.read_text(encoding="utf-8")) if rules is not None else {}
        found = [
            (str(r["source_path"]), str(r["destination_path"])) for r in read.get("path_mapping_rules", ())
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PresetError.at(
            "CR446", posix(rules or ""), f"is no file of path mapping rules: {error}"
        ) from error
    for pair in found:
        if any("," in p for p in pair):
            raise PresetError.at(
                "CR446", " -> ".join(pair), "Nuke separates mapped paths by commas", "rename it"
            )
        pairs += [posix(p) for p in pair]
    return ",".join(pairs)
