"""Where and in which arithmetic the network runs, and the memory allocator it runs on."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import torch

from ...errors import EngineError

__all__ = ["Device", "choose_device", "reproducible", "tune_allocator"]

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
"""Parameters of glibc's mallopt(3)."""

_tuned = False


def tune_allocator() -> bool:
    """Keep glibc from giving big blocks back to the kernel after each use; True if that could be set.

    Page faults on the large temporary tensors otherwise cost about half of a training step on a CPU
    (measured). The process keeps its peak memory until it ends. Nothing happens outside Linux with glibc, or
    if the environment variable CHROMA_RECOVERY_MALLOC is ``0``.
    """
    global _tuned
    if _tuned:
        return True
    if not sys.platform.startswith("linux") or os.environ.get("CHROMA_RECOVERY_MALLOC") == "0":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # musl has neither that name nor that function
        return False
    settings = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 << 20))
    _tuned = bool(sum(mallopt(parameter, value) == 1 for parameter, value in settings) == len(settings))
    return _tuned


@attrs.frozen
class Device:
    """name: device as torch writes it. precision: arithmetic of the network, ``float32``, ``bfloat16`` or
    ``float16``; colour matrices and the affine base are always float32."""

    name: str
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[
            self.precision
        ]

    @property
    def half(self) -> bool:
        return self.precision != "float32"

    @contextmanager
    def autocast(self) -> Iterator[None]:
        kind = self.name.split(":")[0]
        with torch.autocast(kind, dtype=self.dtype if self.half else None, enabled=self.half):
            yield


def cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this CPU is quicker in bfloat16 than in float32.

    AMX_BF16 is, and AVX512_BF16 of AMD's cores and of Intel's model 85 (Cooper Lake). Later Xeons compute
    AVX512_BF16 alone (a virtual machine may hide AMX) at about half the rate of float32: 86 against 160
    GFLOP/s on one core of an Emerald Rapids, and a training step took 0.121 s against 0.102 s (measured).
    """
    try:
        text = cpuinfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    words = set(text.split())
    fast = "GenuineIntel" not in words or bool(re.search(r"^model\s*:\s*85$", text, re.M))
    return "amx_bf16" in words or ("avx512_bf16" in words and fast)


def choose_device(*, gpu: bool = True, precision: str = "auto") -> Device:
    """CUDA, then Apple's Metal, then the CPU.

    gpu: the node's ``useGPUIfAvailable``. precision: ``auto`` (bfloat16 where the hardware multiplies it,
    else float32), ``float32`` or ``bfloat16``. Raises EngineError (CR551) on any other word.
    """
    if precision not in ("auto", "float32", "bfloat16"):
        raise EngineError.at(
            "CR551", "cr_precision", f"{precision!r} is not a precision", "write auto, float32 or bfloat16"
        )
    if gpu and torch.cuda.is_available():
        fast = torch.cuda.is_bf16_supported()
        return Device("cuda", precision if precision != "auto" else "bfloat16" if fast else "float32")
    if gpu and torch.backends.mps.is_available():
        return Device("mps", precision if precision != "auto" else "float32")
    return Device(
        "cpu", precision if precision != "auto" else "bfloat16" if cpu_has_bfloat16() else "float32"
    )


@contextmanager
def reproducible() -> Iterator[None]:
    """Deterministic kernels inside the block, torch's random state and settings as before after it."""
    before = torch.get_deterministic_debug_mode()
    benchmark = torch.backends.cudnn.benchmark
    with torch.random.fork_rng():
        torch.set_deterministic_debug_mode("warn")  # use_deterministic_algorithms would load the compiler too
        torch.backends.cudnn.benchmark = False
        try:
            yield
        finally:
            torch.set_deterministic_debug_mode(before)
            torch.backends.cudnn.benchmark = benchmark
