"""Nuke reads this at every start, with and without a GUI, when this folder is on its plug-in path.

It only makes the package importable: ``src`` of a checkout or, beside it, ``vendored`` with the pure-Python
libraries of a release. Whatever is wrong, Nuke starts; one line on stderr then says what.
"""


def _start() -> None:
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    if sys.version_info < (3, 10):  # noqa: UP036  (an older Nuke brings an older Python)
        raise RuntimeError("it needs Python 3.10 or newer, this is " + sys.version.split()[0])
    source = os.path.join(here, "src")
    if not os.path.isfile(os.path.join(source, "chroma_recovery", "__init__.py")):
        raise RuntimeError("no package in " + source + "; unpack the whole archive")
    for folder in (source, os.path.join(here, "vendored")):
        # At the end: never in front of what the studio or Nuke itself brings.
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.append(folder)


try:
    _start()
except Exception as error:
    try:
        import sys

        sys.stderr.write("chroma_recovery: not available in Nuke: " + " ".join(str(error).split()) + "\n")
    except Exception:  # noqa: S110  (nothing is left to tell it with; Nuke has to start)
        pass
