"""Fuzz a reader: ``python tools/fuzz.py TARGET --seconds 60``; without a target, all of them in turn.

With ``atheris`` (``pip install 'chroma-recovery[fuzz]'``) readers in Python are fuzzed guided by coverage; without it,
and for pictures and models, whose readers are native, inputs are mutated from seeds by a seeded generator. Inputs
that bring out anything but an error of ours are kept in ``--keep`` and named; the exit code is then 1.
Runs in a process of its own with bounded memory, so a native crash is found, not suffered.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import sys
import time
import traceback
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fuzz_targets import TARGETS, Finding, Target, attempt

__all__ = ["bounded", "main", "mutated", "seeded"]

MEMORY = 4 << 30
"""Bytes of address space beyond what is taken at the start."""
LARGEST = 1 << 19


def mutated(seeds: list[bytes], target: Target, rng: random.Random) -> bytes:
    """A seed with one to eight changes: bits, bytes, words, numbers, pieces cut, doubled or taken from another seed."""
    data = bytearray(rng.choice(seeds))
    for _ in range(1 << rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        if not target.text and rng.random() < 0.5:
            at = min(at, rng.randrange(1024))  # headers are where the structure is
        kind = rng.randrange(9)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(data):
            data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 2:
            del data[at : at + rng.choice((1, 2, 4, 16, 200))]
        elif kind == 3:
            data[at:at] = data[at : at + rng.choice((1, 4, 30, 300))] * rng.choice((1, 2, 20))
        elif kind == 4 and target.words:
            data[at:at] = rng.choice(target.words)
        elif kind == 5 and target.words:
            word = rng.choice(target.words)
            data[at : at + len(word)] = word
        elif kind == 6:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            data[at:at] = other[start : start + rng.randrange(1, 200)]
        elif kind == 7:
            if target.text:
                number = rng.choice(
                    ("-1", "0", "1e308", "99999999999999999999", "9" * 5000, "0.1", "nan", "")
                )
                data[at:at] = number.encode()
            else:
                data[at : at + 4] = rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 65537, 0x10000000)).to_bytes(
                    4, rng.choice(("little", "big"))
                )
        elif rng.random() < 0.3:
            del data[at:]
        if len(data) > LARGEST:
            del data[LARGEST:]
    return bytes(data)


def seeded(target: Target, cases: int, seed: int = 0) -> Iterator[bytes]:
    """The seeds themselves, then so many mutations; the same for the same seed."""
    seeds = target.seeds()
    yield from (*seeds, b"", b"\0")
    rng = random.Random(f"{target.name} {seed}")  # noqa: S311 - to be repeated, not to be secret
    for _ in range(cases):
        yield mutated(seeds, target, rng)


def limit_memory(more: int = MEMORY) -> None:
    """Bound this process's address space, where the system can."""
    try:
        import resource
    except ImportError:
        return
    held = 0
    status = Path("/proc/self/statm")
    if status.is_file():
        held = int(status.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + more, held + more))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# -- one target in a process of its own


def _warm(target: Target) -> None:
    for seed in target.seeds():
        attempt(target, seed)


def _work(name: str, cases: int | None, seconds: float, seed: int, last: str, pipe: Any) -> None:
    target = TARGETS[name]
    _warm(target)
    limit_memory()
    began, done = time.monotonic(), 0
    seeds, rng = target.seeds(), random.Random(f"{name} {seed}")  # noqa: S311
    inputs = (
        seeded(target, cases, seed) if cases is not None else iter(lambda: mutated(seeds, target, rng), None)
    )
    keep = Path(last)
    for data in inputs:
        if cases is None and time.monotonic() - began > seconds:
            break
        if target.native:
            keep.write_bytes(data)  # what a crash leaves behind
        found = attempt(target, data)
        done += 1
        if found is not None:
            pipe.send((done, data, "".join(traceback.format_exception(found.error))[-3000:]))
    pipe.send((done, None, ""))


def bounded(
    name: str, *, cases: int | None = None, seconds: float = 0.0, seed: int = 0, folder: Path
) -> tuple[int, list[tuple[bytes, str]]]:
    """Fuzz a target in a process with bounded memory: so many cases, or for so long.

    Returns how many inputs were read, and those that brought out anything but a result or an error of ours, with why.
    """
    context = multiprocessing.get_context("spawn")
    total, wrong = 0, []
    until = time.monotonic() + seconds
    while True:
        here, there = context.Pipe(False)
        last = folder / f"last-{name}"
        left = until - time.monotonic()
        worker = context.Process(target=_work, args=(name, cases, left, seed, str(last), there))
        worker.start()
        there.close()
        ended, seen = False, 0
        try:
            while True:
                done, data, why = here.recv()
                if data is None:
                    total, ended = total + done, True
                    break
                wrong.append((data, why))
                seen = done
                if len(wrong) >= 50:
                    worker.kill()
                    ended = True
                    break
        except EOFError:
            pass
        worker.join()
        total += seen if not ended or len(wrong) >= 50 else 0
        if not ended:
            wrong.append(
                (last.read_bytes() if last.is_file() else b"", f"the process died: {worker.exitcode}")
            )
        if cases is not None or ended or len(wrong) >= 50 or time.monotonic() > until:
            return total, wrong
        seed += 1


# -- guided by coverage


def guided(name: str, seconds: int, runs: int | None, folder: Path) -> int:
    """Fuzz with atheris in this process, for so long or so many inputs; libFuzzer ends the process itself."""
    import atheris

    again = ("chroma_recovery", "fuzz_targets", "fuzz_native", "fuzz_seeds", "yaml")
    for module in [m for m in sys.modules if m.partition(".")[0] in again]:
        del sys.modules[module]  # loaded again, instrumented
    with atheris.instrument_imports(include=["chroma_recovery", "yaml"]):
        import fuzz_targets

        target = fuzz_targets.TARGETS[name]
        _warm(target)
    corpus = folder / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    dictionary = folder / f"words-{name}.dict"
    words = ("".join(f"\\x{b:02x}" for b in word) for word in target.words)
    dictionary.write_text("".join(f'"{w}"\n' for w in words))

    def one(data: bytes) -> None:
        found: Finding | None = fuzz_targets.attempt(target, data)
        if found is not None:
            raise found.error

    words_ = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={seconds}" if runs is None else f"-runs={runs}",
        "-seed=1" if runs is not None else "-seed=0",
        f"-dict={dictionary}",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup([*words_, f"-artifact_prefix={folder}/{name}-", "-timeout=30", "-max_len=20000"], one)
    atheris.Fuzz()
    return 0


def main() -> int:
    """Command line."""
    said = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    said.add_argument("target", nargs="*", help="of: " + ", ".join(TARGETS))
    said.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    said.add_argument(
        "--runs", type=int, help="with atheris: so many inputs, repeatable, instead of --seconds"
    )
    said.add_argument("--seed", type=int, default=0)
    said.add_argument(
        "--keep", type=Path, default=Path("fuzz-found"), help="where inputs that matter are kept"
    )
    said.add_argument(
        "--no-coverage", action="store_true", help="mutate from seeds even where atheris is installed"
    )
    asked = said.parse_args()
    unknown = [t for t in asked.target if t not in TARGETS]
    if unknown:
        said.error(f"no target {', '.join(unknown)}")
    names = asked.target or list(TARGETS)
    asked.keep.mkdir(parents=True, exist_ok=True)
    if len(names) == 1 and not TARGETS[names[0]].native and not asked.no_coverage and find_spec("atheris"):
        return guided(names[0], asked.seconds, asked.runs, asked.keep)
    failed = 0
    for name in names:
        done, wrong = bounded(name, seconds=asked.seconds, seed=asked.seed, folder=asked.keep)
        failed += len(wrong)
        print(f"{name}: {done} inputs, {len(wrong)} wrong", flush=True)
        for data, why in wrong:
            kept = asked.keep / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
            kept.write_bytes(data)
            print(f"  {kept}: {why.strip().splitlines()[-1][:200]}", flush=True)
            kept.with_suffix(".txt").write_text(why)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
