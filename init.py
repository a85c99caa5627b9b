"""Nuke runs this in every mode (GUI, terminal, render): makes ``chroma_recovery`` importable, and nothing else.

Only sys.path is touched, and only at its end: whatever the studio has already wins over what we bring. A broken
installation prints one line and leaves Nuke as it is.
"""


def _chroma_recovery_init(here: str) -> None:
    """here: folder of this file. Plain enough for any Python 3, so that an old Nuke gets the message too."""
    import os
    import sys

    try:
        python = ".".join(map(str, sys.version_info[:2]))
        if sys.version_info < (3, 10):  # noqa: UP036 - an old Nuke reads this too
            print("chroma_recovery: not loaded: needs Nuke 15 or newer (Python 3.10), this is Python " + python)
            return
        # a release zip, the repository, or a folder made by pip --target
        homes = [os.path.join(here, "lib"), os.path.join(here, "src"), os.path.dirname(os.path.dirname(here))]
        found = [h for h in homes if os.path.isfile(os.path.join(h, "chroma_recovery", "__init__.py"))]
        if not found:
            print("chroma_recovery: not loaded: no chroma_recovery folder at " + here + "; unpack the release again")
            return
        vendor = os.path.join(here, "vendor")
        for path in (found[0], vendor, os.path.join(vendor, "py" + python.replace(".", ""))):
            if os.path.isdir(path) and path not in sys.path:
                sys.path.append(path)
    except Exception as error:
        print("chroma_recovery: not loaded: " + type(error).__name__ + ": " + " ".join(str(error).split()))


def _chroma_recovery_here() -> str:
    import os
    import sys

    name = globals().get("__file__") or sys._getframe().f_code.co_filename
    return os.path.dirname(os.path.abspath(name))


_chroma_recovery_init(_chroma_recovery_here())
del _chroma_recovery_init, _chroma_recovery_here
