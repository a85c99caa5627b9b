"""A stub ``nuke`` executable for tests: ``python -m chroma_recovery.testing.stub_nuke <words of nuke>``.

It reads the script with our reader, prints what Nuke prints, writes stand-ins for the files Nuke writes, and
fails as Nuke does. ``-t SCRIPT.py`` runs the script with the fake ``nuke`` in terminal mode. Plug-in folders
come from ``NUKE_PATH``, unless ``--safe`` is given.

Environment, for tests of failures (names begin ``CHROMA_RECOVERY_STUB_``):

=================  =====================================================================================
``VERSION``        of this Nuke, default 15.1v4
``LICENCE``        ``missing``: there is no licence
``STEPS``          train no more than this many steps
``FAIL_FRAME``     this frame cannot be written
``CRASH_FRAME``    the process dies at this frame, without a word
``DELAY``          seconds to wait before every line of a training or frame, to test cancelling
``EXIT``           exit code where Nuke printed an ``ERROR:`` line, default 1
=================  =====================================================================================

Exit codes (U, Foundry says nothing): 0 if all is well; ``EXIT`` after an ``ERROR:`` line; 1 for words, a
script or a licence that are wrong, and for an exception in a ``-t`` script; what ``sys.exit`` says there (A).
"""

from __future__ import annotations

import os
import runpy
import sys
import time
import traceback
from collections.abc import Sequence

from .editions import version_string
from .live import Live
from .rendering import Render
from .session import FakeNuke
from .startup import start
from .stub_arguments import CommandLine, CommandLineError, parse
from .stub_rendering import targets, write_frame, write_frames_of
from .stub_training import NodeFailed, train
from .unverified import UnverifiedBehaviour

__all__ = ["main"]

PREFIX = "CHROMA_RECOVERY_STUB_"


def _setting(name: str, default: str = "") -> str:
    return os.environ.get(PREFIX + name, default)


def _say(text: str) -> None:
    print(text, flush=True)


def _slowly(text: str) -> None:
    if delay := _setting("DELAY"):
        time.sleep(float(delay))
    _say(text)


def _complain(text: str) -> None:
    print(f"[{time.strftime('%H:%M')}.{time.strftime('%S')}] {text}", file=sys.stderr, flush=True)


class Run:
    """One start of the stub. failed: an ``ERROR:`` line was printed."""

    def __init__(self, line: CommandLine) -> None:
        self.line = line
        self.session = FakeNuke("terminal", line.edition, _setting("VERSION", "15.1v4"), check_files=False)
        self.session.remap = list(line.remap)
        self.failed = False

    def error(self, name: str, text: str) -> None:
        self.failed = True
        _complain(f"ERROR: {text[1:] if text.startswith(chr(0)) else f'{name}: {text}'}")

    def banner(self) -> None:
        _say(f"Nuke {version_string(self.session)}, 64 bit, built Feb 24 2025.")
        _say("Copyright (c) 2025 The Foundry Visionmongers Ltd.  All Rights Reserved.")
        if "quiet" not in self.line.switches:
            _say("Licence expires on: 2099/1/1")

    def script(self) -> int:
        """``-t SCRIPT.py``."""
        sys.argv = [self.line.script, *self.line.words]
        self.session.renders.effect = self._executed
        try:
            runpy.run_path(self.line.script, run_name="__main__")
        except SystemExit as end:
            if end.code is None or isinstance(end.code, int):
                return end.code or 0
            print(end.code, file=sys.stderr)
            return 1
        except BaseException:
            traceback.print_exc()
            return 1
        return 0

    def _executed(self, render: Render) -> None:
        live = self.session.find(render.node)
        if live is not None:
            self.frames(live, list(render.frames), raising=True)

    def render(self) -> int:
        """``-x`` and ``-X``."""
        started = time.monotonic()
        for live in targets(self.session, self.line.nodes):
            frames = self.line.frames
            if live.cls == "Write":
                frames = write_frames_of(live, frames)
            self.frames(live, frames or [1])
            if self.failed and "go_on" not in self.line.switches:
                break
        _say("")
        _say(f"Total render time: {time.monotonic() - started:.2f} seconds")
        return int(_setting("EXIT", "1")) if self.failed else 0

    def frames(self, live: Live, frames: list[int], *, raising: bool = False) -> None:
        """Execute a node frame by frame. raising: an error goes to Python, not to the log."""
        for number, frame in enumerate(frames, start=1):
            try:
                self.one(live, frame)
            except NodeFailed as failure:
                if raising:
                    raise
                self.error(live.name, str(failure))
                if "go_on" not in self.line.switches:
                    return
                continue
            _say(("\n" if live.cls != "Write" else "") + f"Frame {frame} ({number} of {len(frames)})")

    def one(self, live: Live, frame: int) -> None:
        if _setting("CRASH_FRAME") == str(frame):
            os._exit(139)
        if _setting("FAIL_FRAME") == str(frame):
            raise NodeFailed(f"cannot write frame {frame}: No space left on device")
        if live.cls == "Write":
            write_frame(live, frame, _slowly)
        else:
            most = _setting("STEPS")
            train(live, _slowly, most_steps=int(most) if most else None)


def _open(run: Run) -> None:
    """Load the script. Raises RuntimeError, OSError, UnicodeError."""
    session, path = run.session, run.line.script
    if session.edition == "nc" and run.line.mode == "render" and not path.endswith(".nknc"):
        raise RuntimeError(f"{path}: Non-commercial renders .nknc scripts only")
    from .script_functions import ScriptFunctions

    ScriptFunctions(session).scriptOpen(os.path.abspath(path))
    for warning in session.warnings:
        _complain(warning)
    made = session.opened_version
    if made is not None and (made.major, made.minor, made.release) > (
        session.version.major,
        session.version.minor,
        session.version.release,
    ):
        theirs = f"nuke{made.major}.{made.minor}v{made.release}"
        _complain(f"Warning: {path} is for {theirs}; this is nuke{version_string(session)}")


def main(words: Sequence[str] | None = None) -> int:
    """Run as ``nuke`` would and return the exit code."""
    try:
        line = parse(sys.argv[1:] if words is None else words)
    except CommandLineError as error:
        print(f"nuke: {error}", file=sys.stderr)
        return 1
    run = Run(line)
    run.banner()
    if _setting("LICENCE") == "missing":
        print("FOUNDRY LICENSE ERROR REPORT\n----------------------------", file=sys.stderr)
        print(f"A license for nuke{'' if line.mode == 'gui' else '_r'} was not found", file=sys.stderr)
        return 1
    if line.mode == "gui" or not line.script:
        print(
            "nuke: the stub has neither a GUI nor a prompt; give -t, -x or -X and a script", file=sys.stderr
        )
        return 1
    with run.session.installed():
        try:
            if "safe" not in line.switches:
                start(run.session, [f for f in os.environ.get("NUKE_PATH", "").split(os.pathsep) if f])
            if line.mode == "terminal" and line.script.endswith(".py"):
                return run.script()
            _open(run)
            return run.render() if line.mode != "terminal" else 0
        except UnverifiedBehaviour:
            raise
        except (RuntimeError, OSError, UnicodeError) as error:
            _complain(f"ERROR: {error}")
            return 1


if __name__ == "__main__":
    sys.exit(main())
