"""How a farm task starts Nuke: switches, mapped paths, and the few environment variables that it is given."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ..errors import PresetError
from ..paths import posix
from ..project.mapping import Rule

__all__ = ["SYSTEM", "Switches", "environment_for", "remap_words", "rules_said"]

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


def remap_words(rules: Sequence[Rule], said: str = "") -> str:
    """What ``--remap`` gets: pairs that were said, then those of a scheduler's path mapping rules.

    rules: see :func:`project.mapping.read_rules`. Raises PresetError (CR446) for a path that ``--remap`` cannot hold.
    """
    pairs = said.split(",") if said else []
    for rule in rules:
        if "," in rule.source + rule.destination:
            text = f"{rule.source} -> {rule.destination}"
            raise PresetError.at("CR446", text, "Nuke separates mapped paths by commas", "rename it")
        pairs += [posix(rule.source), posix(rule.destination)]
    return ",".join(pairs)


def rules_said(said: str) -> tuple[Rule, ...]:
    """The pairs of ``--remap`` as rules. Raises PresetError (CR446) for an odd count."""
    words = said.split(",") if said else []
    if len(words) % 2:
        raise PresetError.at("CR446", said, "--remap takes pairs: from,to,from,to")
    return tuple(Rule(a, b) for a, b in zip(words[::2], words[1::2], strict=True) if a and b)
