"""A strict stand-in for Nuke, for tests without one."""

from .assertions import assert_no_errors, assert_same_graph, assert_wired, differences, session_graph
from .session import EDITIONS, FakeNuke
from .unverified import UnverifiedBehaviour

__all__ = [
    "EDITIONS",
    "FakeNuke",
    "UnverifiedBehaviour",
    "assert_no_errors",
    "assert_same_graph",
    "assert_wired",
    "differences",
    "session_graph",
]
