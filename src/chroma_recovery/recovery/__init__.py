"""Running a built recovery here: every stage evaluated, judged and reported."""

from .outcome import Outcome
from .run import Recoverer, Tell

__all__ = ["Outcome", "Recoverer", "Tell"]
