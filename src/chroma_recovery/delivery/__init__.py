"""The hand-over: a folder that can be checked years later, by us or by anybody's tools, and traced frame by frame."""

from .deliver import Delivered, deliver
from .trace import Trace, trace
from .verify import Verdict, verify

__all__ = ["Delivered", "Trace", "Verdict", "deliver", "trace", "verify"]
