"""CopyCat on several machines: its four environment variables, which count together or not at all.

With one of them missing CopyCat trains alone and says nothing (Foundry, distributed training), so each machine would
train a model of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import NukeError

__all__ = ["VARIABLES", "all_or_none", "copycat_variables"]

VARIABLES = ("COPYCAT_MAIN_ADDR", "COPYCAT_MAIN_PORT", "COPYCAT_RANK", "COPYCAT_WORLD_SIZE")


def all_or_none(environment: Mapping[str, str]) -> None:
    """Raises NukeError (CR932) if some of the four variables are set and some are not."""
    there = [v for v in VARIABLES if environment.get(v)]
    if there and len(there) < len(VARIABLES):
        lacking = ", ".join(v for v in VARIABLES if v not in there)
        text = f"set, but not {lacking}: CopyCat would train alone on each machine, without a word"
        raise NukeError.at("CR932", ", ".join(there), text, "set all four, or none")


def copycat_variables(address: str, port: int, rank: int, world: int) -> dict[str, str]:
    """The four variables of one of several machines. address: of rank 0, as the others reach it.

    Raises NukeError (CR932) for values that cannot work together.
    """
    if world < 2 or not 0 <= rank < world or not 0 < port < 65536 or not address.strip():
        text = f"rank {rank} of {world} at {address!r}:{port} cannot be"
        raise NukeError.at("CR932", "COPYCAT_RANK", text, "ranks run from 0 to one less than the machines")
    return dict(zip(VARIABLES, (address, str(port), str(rank), str(world)), strict=True))
