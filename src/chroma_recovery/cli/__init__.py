"""The ``chroma-recovery`` command.

Exit codes: 0 done; 1 what the user gave is wrong (preset, script, colour name); 2 the command line is wrong;
3 the work failed (a node, an image file, training); 4 something is in the way (a file exists, a folder is read-only);
130 stopped by the user. ``verify`` and ``trace`` answer with 10, 11, 21, 30, 31, as the reference implementation of ASC
MHL has them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import Cancelled, ChromaRecoveryError, EngineError, NukeError, PathError, Problem
from ..paths import posix
from .console import Console
from .parser import parser

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. argv: words after the program's name; those of the process if None."""
    arguments = parser().parse_args(argv)
    console = Console(as_json=arguments.json)
    try:
        code: int = arguments.run(arguments, console)
        return code
    except ChromaRecoveryError as error:
        console.problems(error.problems, closing=_closing(len(error.problems)))
        console.result({"ok": False, "problems": [p.as_json() for p in error.problems]})
        return _exit_code(error)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:  # the disk, or the rights of a folder, at a place that has no words of its own
        place = posix(error.filename) if isinstance(error.filename, str) else ""
        problem = Problem(
            "CR603", place, f"the system refuses: {error.strerror or error}", "check the disk and its rights"
        )
        console.problems([problem], closing=_closing(1))
        console.result({"ok": False, "problems": [problem.as_json()]})
        return 4
    except KeyboardInterrupt:
        console.note("stopped")
        return 130


def _closing(count: int) -> str:
    return f"{count} problem{'s' if count > 1 else ''} found."


def _exit_code(error: ChromaRecoveryError) -> int:
    if isinstance(error, Cancelled):
        return 130
    if isinstance(error, PathError) and any(p.code in ("CR602", "CR603") for p in error.problems):
        return 4
    return 3 if isinstance(error, (EngineError, NukeError)) else 1
