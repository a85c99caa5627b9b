"""The workflow as node graphs: one module per stage, and the pipeline that joins them."""

from .names import Names
from .pipeline import Recovery, build
from .plan import Plan, ProjectPaths

__all__ = ["Names", "Plan", "ProjectPaths", "Recovery", "build"]
