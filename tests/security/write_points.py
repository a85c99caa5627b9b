"""Runs jobs in forked children, each interrupted at another write point; not a test, but the program of
``test_write_points``.

A write point is where a file is opened for writing, flushed to disk, renamed, linked, removed or truncated, or a folder
is made. Ways to interrupt:

- ``kill``: the child is killed just before it; at a flush the file is torn in half first, as by a dying machine
- ``full``: this and every later write is refused for lack of room; removing is not
- ``readonly``: this and every later one is refused, as by a folder that cannot be written
- ``twice``: the child is stopped there, another run of the same job begins in the same folder, then the first goes on

After each, every file under a final name is whole, old or new, and running again ends with the same files as a run that
nobody interrupted. All runs lie at the same path, one after the other, because some files name it.
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from jobs import JOBS, Job

EVENTS = ("os.rename", "os.link", "os.mkdir", "os.truncate", "os.symlink")
NUMBERS = re.compile(
    rb"\b(?:[0-9a-f]{16,}|c4[1-9A-HJ-NP-Za-km-z]{80,})\b|[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?"
)
WAIT = 3.0
"""Seconds that a second run may wait for the first before that goes on."""


def digests(folder: Path, job: Job) -> dict[str, str]:
    """Digest of every file that shows under a final name; of those that tell the time, without numbers and hashes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and not hidden and not any(re.search(p, name) for p in job.logs):
            data = path.read_bytes()
            if any(re.search(p, name) for p in job.timed):
                data = NUMBERS.sub(b"0", data)
            found[name] = sha256(data).hexdigest()
    return found


class Point:
    """Counts write points below a folder and does at the n-th what is asked for. hold: another process looks on."""

    def __init__(self, folder: Path, way: str, at: int) -> None:
        self.folder, self.way, self.at, self.seen, self.refusing = str(folder), way, at, 0, False
        real = os.fsync

        def fsync(file: int) -> None:
            self.point(file)
            real(file)

        os.fsync = fsync
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writes and str(path).startswith(self.folder):
                self.point()
        elif event == "os.remove":
            if str(arguments[0]).startswith(self.folder):
                self.point(room=True)
        elif event in EVENTS and any(str(a).startswith(self.folder) for a in arguments[:2]):
            self.point()

    def point(self, file: int | None = None, *, room: bool = False) -> None:
        self.seen += 1
        if self.seen == self.at:
            if self.way == "kill":
                if file is not None:
                    os.truncate(file, os.fstat(file).st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            if self.way == "twice":
                os.kill(os.getpid(), signal.SIGSTOP)
            self.refusing = self.way in ("full", "readonly")
        if self.refusing and not (room and self.way == "full"):
            code = errno.ENOSPC if self.way == "full" else errno.EROFS
            raise OSError(code, os.strerror(code))


class Child:
    """A run in a forked process; what it says lies in a file beside the folder."""

    def __init__(self, job: Callable[[Path], int], folder: Path, way: str = "", at: int = 0) -> None:
        self.said = folder.parent / f"said-{way or 'whole'}"
        read, write = os.pipe()
        self.pid, self.pipe = os.fork(), read
        if self.pid == 0:
            os.close(read)
            code = 99
            with self.said.open("w") as told:
                sys.stderr = sys.stdout = told
                os.dup2(told.fileno(), 2)
                point = Point(folder, way, at)
                try:
                    code = job(folder)
                except BaseException:
                    import traceback

                    traceback.print_exc()
                finally:
                    told.flush()
                    os.write(write, str(point.seen).encode())
                    os._exit(code)
        os.close(write)

    def stopped(self) -> bool:
        """Wait until it stops itself or ends; whether it stopped."""
        return os.WIFSTOPPED(os.waitpid(self.pid, os.WUNTRACED)[1])

    def ended(self, wait: float) -> bool:
        """Whether it ends within so many seconds; its code is then left for :meth:`end`."""
        until = time.monotonic() + wait
        while time.monotonic() < until:
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return True
            time.sleep(0.02)
        return False

    def end(self) -> tuple[int, int, str]:
        """(exit code or negative signal, write points seen, what it said)."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        seen = os.read(self.pipe, 99)
        os.close(self.pipe)
        return code, int(seen or 0), self.said.read_text(errors="replace")


class Sweep:
    """One job, interrupted again and again below ``work``."""

    def __init__(self, name: str, job: Job, work: Path, template: Path) -> None:
        self.name, self.job, self.place, self.template = name, job, work / "place", template
        self.wrong: list[str] = []
        self._fresh()
        self.before = digests(self.place, job)
        self.code, self.points, self.said = Child(job.first, self.place).end()
        self.wanted = digests(self.place, job)

    def _fresh(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        for name in self.job.uses:
            there = self.template / name
            if there.is_dir():
                shutil.copytree(there, self.place / name, symlinks=True)
            else:
                shutil.copy2(there, self.place / name)

    def _half(self) -> Iterator[str]:
        for path, found in digests(self.place, self.job).items():
            if any(re.search(p, path) for p in self.job.records):
                json.loads((self.place / path).read_text())  # says how far it came; whole is what can be read
            elif found not in (self.wanted.get(path), self.before.get(path)):
                yield f"{path} is neither old nor whole"

    def _missing(self) -> Iterator[str]:
        for path in self.before:
            if not (self.place / path).exists() and path in self.wanted:
                yield f"{path} was there and is gone"

    def _gone_on(self, finished: bool) -> Iterator[str]:
        """finished: a run came to its end already; another may say that it is done."""
        code, _, said = Child(self.job.again, self.place).end()
        if code != self.code and not (finished and "CR602" in said):
            yield f"going on ended with {code}: {said.strip()[-600:]}"
        found = digests(self.place, self.job)
        differing = {p for p in {*found, *self.wanted} if found.get(p) != self.wanted.get(p)}
        if differing:
            yield f"after going on these differ: {sorted(differing)[:5]}"

    def interrupted(self, way: str, at: int) -> bool:
        """Interrupt a fresh run at a point; whether that stopped it."""
        self._fresh()
        first = Child(self.job.first, self.place, way, at)
        if way == "twice":
            reached = first.stopped()
            if not reached:
                return False
            second = Child(self.job.again, self.place)
            waits = not second.ended(WAIT)
            os.kill(first.pid, signal.SIGCONT)
            codes = first.end(), second.end()
            if not any(code == self.code for code, _, _ in codes):
                self._say(way, at, f"neither run finished: {[c[2].strip()[-300:] for c in codes]}")
            for code, _, said in codes:
                if code != self.code and not re.search(r"CR6(02|10)", said):
                    self._say(
                        way, at, f"of two runs one ended with {code} (waited: {waits}): {said.strip()[-600:]}"
                    )
            stopped, finished = True, any(code == self.code for code, _, _ in codes)
        else:
            code, _, said = first.end()
            stopped = code != self.code
            finished = not stopped
            if way == "kill" and code != -signal.SIGKILL:
                self._say(way, at, f"was not reached: {code}")
            if way != "kill" and stopped and (code not in (1, 3, 4) or not re.search(r"CR[0-9]{3}", said)):
                self._say(way, at, f"ended with {code}: {said.strip()[-600:]}")
        for words in (*self._half(), *self._missing(), *self._gone_on(finished)):
            self._say(way, at, words)
        return stopped

    def _say(self, way: str, at: int, words: str) -> None:
        self.wrong.append(f"{self.name}, {way} at {at}: {words}")


def chosen(name: str, way: str, points: int, most: int) -> list[int]:
    """So many of the points, by chance but always the same; 0: all. Folders that cannot be written refuse at once."""
    if way == "readonly":
        return [1]
    many = min(most or points, points)
    return sorted(random.Random(f"{name} {way}").sample(range(1, points + 1), many))


def main() -> None:
    """argv: work folder, template folder, then words ``job:way:most`` and one JSON object a word is printed."""
    work, template = Path(sys.argv[1]), Path(sys.argv[2])
    sweeps: dict[str, Sweep] = {}
    for word in sys.argv[3:]:
        name, way, most = word.split(":")
        job = JOBS[name]
        began = time.process_time() + sum(os.times()[2:4])
        if name not in sweeps:
            job.prepare()
            sweeps[name] = Sweep(name, job, work, template)
        sweep = sweeps[name]
        before = len(sweep.wrong) if way != "kill" else 0
        ways = chosen(name, way, sweep.points, int(most))
        stopped = sum(sweep.interrupted(way, at) for at in ways)
        spent = time.process_time() + sum(os.times()[2:4]) - began
        said = {"job": name, "way": way, "code": sweep.code, "points": sweep.points, "tried": len(ways)}
        said |= {"stopped": stopped, "files": len(sweep.wanted), "wrong": sweep.wrong[before:]}
        print(json.dumps({**said, "seconds": round(spent, 1), "said": sweep.said[-400:]}))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
