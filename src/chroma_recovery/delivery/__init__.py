"""The hand-over: a folder that can be checked years later, by us or by anybody's tools, and traced frame by frame."""

from .checking import Verdict, verify
from .contents import GROUP, MEMBER, SHOT
from .copying import Item
from .making import Delivered, Film, Product, deliver
from .tracing import Trace, trace

__all__ = [
    "GROUP",
    "MEMBER",
    "SHOT",
    "Delivered",
    "Film",
    "Item",
    "Product",
    "Trace",
    "Verdict",
    "deliver",
    "trace",
    "verify",
]
