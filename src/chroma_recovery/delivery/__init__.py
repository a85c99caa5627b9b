"""The hand-over: a folder that can be checked years later, by us or by anybody's tools, and traced frame by frame."""

from .checking import Verdict, verify
from .making import Delivered, deliver
from .tracing import Trace, trace

__all__ = ["Delivered", "Trace", "Verdict", "deliver", "trace", "verify"]
