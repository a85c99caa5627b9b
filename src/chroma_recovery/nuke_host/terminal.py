"""The ``chroma-recovery`` command inside Nuke: ``nuke -t /path/to/terminal.py COMMAND ...``.

Nuke reads the command line before we do: ``-m`` and its like are its own switches, and a word that begins with a digit
is a frame range. So join values to their option (``--frames=471-499``, ``--steps=900``) and write relative paths that
begin with a digit as ``./471``. ``train`` and ``render`` run in this very Nuke unless ``--nuke`` names another.
"""

from __future__ import annotations

import importlib
import os
import sys

__all__ = ["main"]


def main() -> int:
    """Run the command with the words that Nuke left for us."""
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    vendor = os.path.join(os.path.dirname(home), "vendor")
    places = [home, vendor, os.path.join(vendor, "py" + "".join(map(str, sys.version_info[:2])))]
    sys.path += [p for p in places if os.path.isdir(p) and p not in sys.path]
    try:
        command = importlib.import_module("chroma_recovery.cli").main
    except ImportError as error:
        print("chroma_recovery: a library is missing or too old: " + str(error), file=sys.stderr)
        return 3
    return int(command(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
