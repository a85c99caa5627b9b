"""Nuke runs this in every mode (GUI, terminal, render): makes ``chroma_recovery`` importable, and nothing else.

Only sys.path is touched, and only at its end: whatever the studio has already wins over what we bring. A broken
installation prints one line and leaves Nuke as it is.
"""


def _chroma_recovery_init(here):  # type: ignore[no-untyped-def]
    """here: folder of this file. Syntax of any Python 3, so that an old Nuke gets the message too."""
    import os
    import sys

    try:
        if sys.version_info < (3, 10):
            print(
                "chroma_recovery: not loaded: needs Nuke 15 or newer (Python 3.10), this is Python %d.%d"
                % sys.version_info[:2]
            )
            return
        # a release zip, the repository, or a folder made by pip --target
        homes = [os.path.join(here, "lib"), os.path.join(here, "src"), os.path.dirname(os.path.dirname(here))]
        home = next(
            (h for h in homes if os.path.isfile(os.path.join(h, "chroma_recovery", "__init__.py"))), None
        )
        if home is None:
            print(
                "chroma_recovery: not loaded: %s holds no chroma_recovery folder; unpack the release again"
                % here
            )
            return
        version = "py%d%d" % sys.version_info[:2]
        for path in (home, os.path.join(here, "vendor"), os.path.join(here, "vendor", version)):
            if os.path.isdir(path) and path not in sys.path:
                sys.path.append(path)
    except Exception as error:
        print("chroma_recovery: not loaded: %s: %s" % (type(error).__name__, error))


def _chroma_recovery_here():  # type: ignore[no-untyped-def]
    import os
    import sys

    name = globals().get("__file__") or sys._getframe().f_code.co_filename
    return os.path.dirname(os.path.abspath(name))


_chroma_recovery_init(_chroma_recovery_here())
del _chroma_recovery_init, _chroma_recovery_here
