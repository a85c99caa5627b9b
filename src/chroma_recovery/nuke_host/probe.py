"""What nobody has seen in a running Nuke yet, asked of one: ``nuke -t probe.py --out report.json`` (about a minute).

Every question is asked on its own: whatever Nuke does or lacks, the answer says so and the next one is asked. Nothing
is rendered or trained, no file but the report is written, and a script that holds nodes is left alone. The report names
version, edition and system, no user, host or path; please send it as it is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

__all__ = ["FORMAT", "main", "probe"]

FORMAT = 1
"""Version of the report."""


def probe(nuke: Any, *, only: Sequence[str] = ()) -> dict[str, Any]:
    """Ask a Nuke with an empty script every question, or only those of some names.

    Returns what goes into the report: ``answers`` in order, each with ``id``, ``question``, ``assumed`` (what the code
    relies on), ``found`` (plain values), ``agrees`` (None where only a person can say) and ``error`` (a text).
    Raises NukeError (CR931) if the script holds nodes.
    """
    from .. import __version__
    from ..errors import NukeError
    from .editions import running
    from .probe_questions import QUESTIONS

    if list(nuke.allNodes()):
        hint = "start nuke -t for it, or File > New first"
        raise NukeError.at("CR931", "", "the probe works in an empty script only", hint)
    answers = []
    for question in QUESTIONS:
        if only and question.name not in only:
            continue
        answer: dict[str, Any] = {"id": question.name, "question": question.text, "assumed": question.assumed}
        try:
            found, agrees = question.ask(nuke)
            answer.update(found=_plain(found), agrees=agrees, error="")
        except Exception as error:
            answer.update(found=None, agrees=None, error=_told(error))
        finally:
            _clear(nuke)
        answers.append(answer)
    here = running(nuke)
    return {
        "format": FORMAT,
        "chroma_recovery": __version__,
        "nuke": ".".join(map(str, here.version[:2])) + f"v{here.version[2]}",
        "edition": here.edition,
        "gui": here.gui,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "answers": answers,
    }


def _told(error: Exception) -> str:
    """Type and text of an error, without folders."""
    text = str(error).replace(tempfile.gettempdir(), "TEMP").replace(os.path.expanduser("~"), "HOME")
    return f"{type(error).__name__}: {text}"[:500]


def _plain(value: Any) -> Any:
    """Only what JSON has."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _clear(nuke: Any) -> None:
    """Remove what a question left behind; what cannot be removed does not stop the next one."""
    try:
        for node in list(nuke.allNodes()):
            try:
                nuke.delete(node)
            except Exception:  # noqa: S112 - a clone may be gone with its original
                continue
    except Exception:
        return


@contextmanager
def _importable() -> Iterator[None]:
    """As terminal.py: our package and its libraries behind everything else on the path."""
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    vendor = os.path.join(os.path.dirname(home), "vendor")
    places = [home, vendor, os.path.join(vendor, "py" + "".join(map(str, sys.version_info[:2])))]
    sys.path += [p for p in places if os.path.isdir(p) and p not in sys.path]
    yield


def main(argv: Sequence[str] | None = None) -> int:
    """Ask the Nuke that runs this, write the report, print one line per answer. 0 unless it could not be written."""
    parser = argparse.ArgumentParser(prog="probe.py", description="Ask this Nuke what nobody has seen yet.")
    parser.add_argument("--out", metavar="FILE.json", default="nuke_probe.json", help="the report")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ID", help="only this question; may be repeated"
    )
    words = parser.parse_args(argv)
    with _importable():
        asked = importlib.import_module("chroma_recovery.nuke_host.probe")
        errors = importlib.import_module("chroma_recovery.errors")
        paths = importlib.import_module("chroma_recovery.paths")
    try:
        report = asked.probe(importlib.import_module("nuke"), only=words.only)
        text = json.dumps(report, indent=1) + "\n"
        paths.write_text(importlib.import_module("pathlib").Path(words.out), text)
    except errors.ChromaRecoveryError as error:
        print(error, file=sys.stderr)
        return 1
    for answer in report["answers"]:
        verdict = {True: "as assumed", False: "DIFFERENT", None: "to read"}[answer["agrees"]]
        print(f"{answer['id']:24} {'not answered: ' + answer['error'] if answer['error'] else verdict}")
    print(f"{words.out}: please send it as it is")
    return 0


if __name__ == "__main__":
    sys.exit(main())
