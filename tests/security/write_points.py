"""Runs a job in forked children, each killed at another write point; not a test, but the program of ``test_crashes``.

A write point is where a file is opened for writing, flushed to disk, renamed, linked, removed or truncated, or a folder
is made. The child is killed just before it; at a flush the file is torn in half first, as a dying machine may leave it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

EVENTS = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "os.symlink")


def tree(folder: Path) -> dict[str, str]:
    """Digest of every file that shows under a final name."""
    found = {}
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and "state" not in path.relative_to(folder).parts:
            found[path.relative_to(folder).as_posix()] = sha256(path.read_bytes()).hexdigest()
    return found


class Counter:
    """Counts write points below a folder and kills this process at the one that is asked for."""

    def __init__(self, folder: Path, kill_at: int) -> None:
        self.folder, self.kill_at, self.seen = str(folder), kill_at, 0
        real = os.fsync

        def fsync(file: int) -> None:
            self.point(file)
            real(file)

        os.fsync = fsync
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writes and str(path).startswith(self.folder):
                self.point()
        elif event in EVENTS and any(str(a).startswith(self.folder) for a in arguments[:2]):
            self.point()

    def point(self, file: int | None = None) -> None:
        self.seen += 1
        if self.seen == self.kill_at:
            if file is not None:
                os.truncate(file, os.fstat(file).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)


def child(job: Callable[[Path], int], folder: Path, kill_at: int) -> tuple[int, int]:
    """(exit code or negative signal, write points seen) of one run in a forked process."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        counter = Counter(folder, kill_at)
        code = 99
        try:
            sys.stderr = sys.stdout = open(os.devnull, "w")  # noqa: SIM115
            code = job(folder)
        finally:
            os.write(write, str(counter.seen).encode())
            os._exit(code)
    os.close(write)
    said = os.read(read, 99)
    os.close(read)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status, int(said or 0)


def main() -> None:
    """argv: work folder, template folder, name of the job, share of write points: 1 all, 3 a third."""
    work, template, name, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    from jobs import JOBS

    job = JOBS[name]
    job.prepare()

    def fresh(number: int) -> Path:
        place = work / f"{name}{number}"
        shutil.copytree(template, place, symlinks=True)
        return place

    whole = fresh(0)
    code, points = child(job.first, whole, 0)
    wanted = tree(whole)
    killed, wrong = 0, []
    before = tree(template)
    for at in sorted(random.Random(name).sample(range(1, points + 1), -(-points // step))):
        place = fresh(at)
        status, _ = child(job.first, place, at)
        killed += status == -signal.SIGKILL
        for path, digest in tree(place).items():
            if digest not in (wanted.get(path), before.get(path)):
                wrong.append(f"point {at}: {path} is neither old nor whole")
        status, _ = child(job.again, place, 0)
        if status != code:
            wrong.append(f"point {at}: going on ended with {status}")
        if tree(place) != wanted:
            wrong.append(f"point {at}: {sorted(set(tree(place).items()) ^ set(wanted.items()))[:3]}")
        shutil.rmtree(place)
    print(
        json.dumps({"code": code, "points": points, "killed": killed, "wrong": wrong, "files": len(wanted)})
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
