"""Jobs for render farms: what is to be done as plain values, and the files that schedulers read.

``job`` is our own small value; ``openjd``, ``deadline10`` and ``opencue`` write it down for one scheduler each. All of
them need PyYAML and attrs only, so that they run in Nuke's own Python too.
"""

from .job import Job, Place, Step, Varied

__all__ = ["Job", "Place", "Step", "Varied"]
