"""Every exception of the package.

::

    ChromaRecoveryError
    +-- PresetError          what a preset says is wrong          (also ValueError)   CR1xx
    +-- GraphError           a graph breaks a rule of Nuke        (also ValueError)   CR2xx
    +-- NkError              a .nk text cannot be read or written (also ValueError)   CR3xx
    +-- StageError           a stage cannot be built as asked     (also ValueError)   CR4xx
    +-- EngineError          a node cannot be evaluated           (also RuntimeError) CR5xx
    |   +-- UnsupportedNode  the engine does not know this node or knob value
    |   +-- ImageFileError   a frame cannot be read or written    (also OSError)
    |   +-- Cancelled        the user stopped the work
    +-- PathError            a path is unsafe or in the way       (also OSError)      CR6xx
    +-- ColourError          a colour-space name is unknown       (also LookupError)  CR7xx
    +-- FrameError           frames or ranges cannot be read      (also ValueError)   CR8xx
    +-- NukeError            Nuke refuses, lacks or fails          (also RuntimeError) CR9xx

Each carries one or more :class:`Problem` values: a stable code, the place, what is wrong and what to do.
All problems that can be found are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import attrs

__all__ = [
    "Cancelled",
    "ChromaRecoveryError",
    "ColourError",
    "EngineError",
    "FrameError",
    "GraphError",
    "ImageFileError",
    "NkError",
    "NukeError",
    "PathError",
    "PresetError",
    "Problem",
    "StageError",
    "UnsupportedNode",
    "did_you_mean",
]


_UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def _printable(text: str) -> str:
    """Text that a terminal shows and does not obey: control signs and what cannot be encoded are spelled out."""
    return _UNFIT.sub(lambda m: ascii(m[0])[1:-1], text)


@attrs.frozen
class Problem:
    """One thing that is wrong. What files and names said in it cannot steer a terminal.

    code: stable, ``CR`` and three digits. place: ``file:line:column``, ``node.knob`` or a field path; may be
    empty. message: what is wrong and what is allowed. hint: what to do, may be empty. excerpt: source lines with
    a caret, may be empty. severity: ``error``, ``warning`` or, from ``preset lint`` only, ``advice``.
    """

    code: str
    place: str = attrs.field(converter=_printable)
    message: str = attrs.field(converter=_printable)
    hint: str = attrs.field(default="", converter=_printable)
    excerpt: str = attrs.field(default="", converter=_printable)
    severity: str = "error"

    def __str__(self) -> str:
        head = f"{self.place}: " if self.place else ""
        text = f"{head}{self.code}: {self.message}"
        if self.hint:
            text += f" ({self.hint})"
        if self.excerpt:
            text += "\n" + self.excerpt
        return text

    def as_json(self) -> dict[str, str]:
        """The problem as a flat mapping of strings, for ``--json``."""
        return {k: str(v) for k, v in attrs.asdict(self).items() if v != ""}


class ChromaRecoveryError(Exception):
    """Base of all our errors; ``problems`` is never empty."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        if not found:
            raise TypeError(f"{type(self).__name__} needs at least one Problem")
        self.problems: tuple[Problem, ...] = found
        super().__init__("\n".join(str(p) for p in found))

    def __reduce__(self) -> tuple[type[ChromaRecoveryError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)

    @classmethod
    def at(cls, code: str, place: str, message: str, hint: str = "") -> ChromaRecoveryError:
        """One-problem error: ``raise EngineError.at("CR501", "Read1.file", "...")``."""
        return cls(Problem(code, place, message, hint))


class PresetError(ChromaRecoveryError, ValueError):
    """What a preset says is wrong."""


class GraphError(ChromaRecoveryError, ValueError):
    """A graph breaks a rule of Nuke."""


class NkError(ChromaRecoveryError, ValueError):
    """A .nk text cannot be read, or a value cannot be written as one."""


class StageError(ChromaRecoveryError, ValueError):
    """A stage cannot be built as the preset asks."""


class EngineError(ChromaRecoveryError, RuntimeError):
    """A node cannot be evaluated."""


class UnsupportedNode(EngineError):
    """The engine does not know this node class or knob value; it never passes pixels through silently."""


class ImageFileError(EngineError, OSError):
    """A frame cannot be read or written."""


class Cancelled(EngineError):
    """The user stopped the work; what was finished is kept."""


class PathError(ChromaRecoveryError, OSError):
    """A path is unsafe, missing or in the way."""


class ColourError(ChromaRecoveryError, LookupError):
    """A colour-space, display or view name does not exist in the chosen OCIO config."""


class FrameError(ChromaRecoveryError, ValueError):
    """A frame number, range or sequence pattern cannot be read."""


class NukeError(ChromaRecoveryError, RuntimeError):
    """A live or headless Nuke refuses, lacks something, or fails."""


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``did you mean 'x'?`` for the nearest known word (case-blind), or an empty string."""
    folded: dict[str, str] = {}
    for k in known:
        folded.setdefault(k.casefold(), k)
    near = get_close_matches(word.casefold(), list(folded), n=3, cutoff=0.55)
    if not near:
        return ""
    return "did you mean " + " or ".join(repr(folded[n]) for n in near) + "?"
