"""Nuke reads this after init.py, in the GUI only.

Whatever is wrong, Nuke starts; one line on stderr then says what.
"""

try:
    import chroma_recovery  # noqa: F401
except Exception as error:
    try:
        import sys

        sys.stderr.write("chroma_recovery: no menu in Nuke: " + " ".join(str(error).split()) + "\n")
    except Exception:  # noqa: S110  (nothing is left to tell it with; Nuke has to start)
        pass
