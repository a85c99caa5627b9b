"""What a headless Nuke prints, understood line by line: progress, saved files, errors, licences.

The forms are those of a real farm log of Nuke 16.0v1 and of a farm integration in production. Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Event", "understand"]


class Event(NamedTuple):
    """kind: step, frame, saved, written, error, licence, warning, or text for everything else.

    done, total: of step and frame. text: loss, path, or message. what: which kind of file was saved.
    """

    kind: str
    text: str = ""
    done: int = 0
    total: int = 0
    what: str = ""


STEP = re.compile(r"\[Step:\s*(\d{1,12})\s*/\s*(\d{1,12})\](?:\s*Loss:\s*(\S+))?")
SAVED = re.compile(r"\[\*\]\s*(Cat file|Optimiser|Contactsheet) saved at (.+?)\s*\Z")
FRAME = re.compile(r"Frame (-?\d+) \((\d+) of (\d+)\)")
WRITTEN = re.compile(r"Writing (.+?) took [0-9.]+ seconds")
ERROR = re.compile(r"(?:\AERROR: |\] ERROR: |ERROR ?: |Error ?:|Eddy\[ERROR\])\s*(.+)")
LICENCE = re.compile(
    r"A license for .* was not found|FOUNDRY LICENSE ERROR REPORT|RLM : A suitable license does not exist"
)
WARNING = re.compile(r"(?:\]\s*)?Warning: (.+)")
STAMP = re.compile(r"\A\[\d+:\d+\.\d+\]\s*")
KINDS = {"Cat file": "model", "Optimiser": "optimiser", "Contactsheet": "contact sheet"}


def understand(line: str) -> Event:
    """One line of stdout or stderr."""
    line = line.rstrip("\r\n")
    if match := STEP.search(line):
        return Event("step", match[3] or "", int(match[1]), int(match[2]))
    if match := SAVED.search(line):
        return Event("saved", match[2], what=KINDS[match[1]])
    if match := FRAME.search(line):
        return Event("frame", match[1], int(match[2]), int(match[3]))
    if match := WRITTEN.search(line):
        return Event("written", match[1])
    if LICENCE.search(line):
        return Event("licence", line.strip())
    if match := WARNING.search(line):
        return Event("warning", match[1].strip())
    if match := ERROR.search(line):
        return Event("error", match[1].strip())
    return Event("text", STAMP.sub("", line))
