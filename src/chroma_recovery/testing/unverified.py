"""How the fake says that it does not know."""

from __future__ import annotations

__all__ = ["NODE_GONE", "UnverifiedBehaviour", "not_known"]

NODE_GONE = "A PythonObject is not attached to a node"
"""Text of the ValueError that every method of a deleted node raises (A: eight public projects)."""


class UnverifiedBehaviour(RuntimeError):
    """What Nuke would do here is not known, so host code must not rely on it."""


def not_known(owner: str, name: str) -> AttributeError:
    """For an attribute that the fake does not have."""
    return AttributeError(
        f"{owner!r} has no attribute {name!r} that the fake knows; if Nuke has it, say in "
        "chroma_recovery.testing what it does and how sure that is"
    )
