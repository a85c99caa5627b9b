#!/usr/bin/env python3
"""Frames per second of a render against reading and writing the same frames with nothing between.

    python benchmarks/render.py [--quick] [--json FILE] [--only TEXT ...]

Per size and compression several processes take turns, several times over: ``io`` reads half-float EXR and writes it
again at once, with threads ahead and behind, no conversion; ``copy`` is a graph of Read and Write alone (with the
conversion between two colour spaces); ``base``, ``surfaces`` and ``residual`` have Crop, Inference and Reformat
between, with a model that is its base alone, the same over the whole frame or varying, and with one whose residual
is let through too. Wall and processor seconds per frame are medians of the rounds, those of the decoding process
included; peak memory is that of the process, what the decoding process holds at the end is another column. share:
their rate over the rate of ``io``, by the wall clock and by processor time (which holds on a busy machine too).
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio
import psutil
from rows import Clock, Row, Rows, words

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.footage import write_frame
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.learning.checkpoint import save_checkpoint
from chroma_recovery.engine.learning.degrain import Degrain
from chroma_recovery.engine.learning.network import ARCHITECTURES, ChromaNetwork
from chroma_recovery.engine.render import render
from chroma_recovery.engine.write_node import COMPRESSIONS
from chroma_recovery.graph import Graph

SIZES = {"960x540": 40, "2048x1556": 10, "4096x3112": 5}
"""Width x height, frames."""
CONFIG = "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
CODECS = ("DWAA", "Zip (1 scanline)")
MODELS = ("base", "surfaces", "residual")
MODES = ("io", "copy", *MODELS)
KEYS = ("size", "compression")
FILE = "plates/p.####.exr"


def prepare(folder: Path, size: str, frames: int) -> None:
    """Plates with grain, and models with weights of noise: how it looks makes no difference to how long it takes."""
    import torch

    width, height = (int(v) for v in size.split("x"))
    chance = np.random.default_rng(0)
    for number, frame in enumerate(read_clip(frames=frames), 1):
        big = cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC)
        big += chance.normal(0, 0.012, big.shape).astype(np.float32)
        write_frame(folder / f"plates/p.{number:04d}.exr", np.clip(big, 0, 1))
    torch.manual_seed(0)
    for kind in MODELS:
        network = ChromaNetwork(ARCHITECTURES["Medium"])
        torch.nn.init.normal_(network.residual.weight, std=0.05)
        network.strength.fill_(float(kind == "residual"))
        Degrain(4, (1e-5, 1e-5)).put(network)
        part = network.table if kind == "base" else network.base_local
        part.normal_(0, 0.002)
        save_checkpoint(folder / f"{kind}.safetensors", network, {"step": 1})


def graph(mode: str, size: str, frames: int, compression: str) -> Graph:
    width, height = (int(v) for v in size.split("x"))
    made, whole = Graph(), f"{width} {height} 0 0 {width} {height} 1 whole"
    made.root.update(colorManagement="OCIO", OCIO_config=CONFIG, workingSpaceLUT="scene_linear", format=whole)
    last = made.add(
        "Read", "Source", knobs={"file": FILE, "first": 1, "last": frames, "colorspace": "sRGB - Texture"}
    )
    if mode in MODELS:
        box = (16.0, 8.0, float(width - 16), float(height - 8))
        last = made.add(
            "Crop", "Live_area", inputs=(last,), knobs={"box": box, "reformat": True, "crop": False}
        )
        last = made.add("Inference", "Inference1", inputs=(last,), knobs={"modelFile": f"{mode}.safetensors"})
        delivery = {
            "type": "to format",
            "format": whole,
            "resize": "none",
            "center": True,
            "black_outside": True,
        }
        last = made.add("Reformat", "Delivery", inputs=(last,), knobs=delivery)
    knobs = {"file": f"{mode}/o.####.exr", "file_type": "exr", "channels": "rgb", "compression": compression}
    more = {"datatype": "16 bit half", "create_directories": True, "colorspace": "ACES2065-1"}
    made.add("Write", "Out", inputs=(last,), knobs={**knobs, **more})
    return made


def io_only(folder: Path, compression: str) -> Callable[[int, int], None]:
    """Half in, half out, the codec's own threads, one frame read ahead, one written behind."""
    code = COMPRESSIONS[compression] + (":45" if compression.startswith("DWA") else "")

    def read(number: int) -> tuple[Any, Any]:
        file = oiio.ImageInput.open(str(folder / f"plates/p.{number:04d}.exr"))
        pixels, spec = file.read_image(0, 0, 0, 3, oiio.HALF), file.spec()
        file.close()
        return pixels, spec

    def write(number: int, pixels: Any, given: Any) -> None:
        spec = oiio.ImageSpec(given.width, given.height, 3, oiio.HALF)
        spec.attribute("compression", code)
        path = folder / f"io/o.{number:04d}.exr"
        path.parent.mkdir(exist_ok=True)
        file = oiio.ImageOutput.create(str(path))
        file.open(str(path), spec)
        file.write_image(pixels)
        file.close()

    def run(first: int, last: int) -> None:
        with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
            coming, going = reader.submit(read, first), None
            for number in range(first, last + 1):
                pixels, spec = coming.result()
                if number < last:
                    coming = reader.submit(read, number + 1)
                if going is not None:
                    going.result()
                going = writer.submit(write, number, pixels, spec)

    return run


def once(folder: Path, mode: str, size: str, frames: int, compression: str) -> Row:
    """In a process of its own: seconds per frame without the first, peak memory in MiB."""
    if mode == "io":
        go = io_only(folder, compression)
    else:
        evaluator = Evaluator(graph(mode, size, frames, compression), project=folder)

        def go(first: int, last: int) -> None:
            render(evaluator, "Out", range(first, last + 1), overwrite=True)

    go(1, 1)
    clock, beside = Clock(), _decoding()
    go(2, frames)
    spent = {"wall": clock.spent, "cpu": clock.spent_cpu + _decoding() - beside}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    held = sum(p.memory_info().rss for p in psutil.Process().children()) / 2**20
    return {**{k: v / (frames - 1) for k, v in spent.items()}, "peak": peak, "decoder": held}


def _decoding() -> float:
    """Processor seconds of the processes that decode."""
    times = [p.cpu_times() for p in psutil.Process().children()]
    return sum(t.user + t.system for t in times)


def measured(folder: Path, size: str, frames: int, compression: str, rounds: int) -> Row:
    found: dict[str, list[Row]] = {m: [] for m in MODES}
    for _ in range(rounds):
        for mode in MODES:
            command = [sys.executable, __file__, "--one", str(folder), mode, size, str(frames), compression]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found[mode].append(json.loads(done.stdout.splitlines()[-1]))
    middle = {
        m: {k: statistics.median(r[k] for r in rs) for k in ("wall", "cpu", "peak", "decoder")}
        for m, rs in found.items()
    }
    row: Row = {"frames": frames, "rounds": rounds}
    for mode, one in middle.items():
        row |= {
            f"{mode}_fps": 1 / one["wall"],
            f"{mode}_cpu_seconds": one["cpu"],
            f"{mode}_peak_mib": one["peak"],
            f"{mode}_decoder_mib": one["decoder"],
        }
    for model in MODELS:
        row |= {f"{model}_share_{k}": middle["io"][k] / middle[model][k] for k in ("wall", "cpu")}
    return row


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        folder, mode, size, frames, compression = sys.argv[2:]
        print(json.dumps(once(Path(folder), mode, size, int(frames), compression)))
        return 0
    parser = words(__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="TEXT", help="sizes and compressions")
    asked = parser.parse_args()
    rows = Rows("render", asked.json, KEYS)
    for size, frames in SIZES.items():
        if asked.quick and size != "960x540":
            continue
        codecs = [c for c in CODECS if not rows.has(size=size, compression=c)]
        codecs = [c for c in codecs if all(t in (size, c) for t in asked.only)]
        if not codecs:
            continue
        frames = min(frames, 12) if asked.quick else frames
        with tempfile.TemporaryDirectory() as folder:
            prepare(Path(folder), size, frames)
            for compression in codecs:
                found = measured(Path(folder), size, frames, compression, 1 if asked.quick else 5)
                rows.add(size=size, compression=compression, **found)
    shares = [f"{m}_share_{k}" for m in MODELS for k in ("wall", "cpu")]
    rows.table((*KEYS, "io_fps", "io_cpu_seconds", *shares, "residual_peak_mib", "residual_decoder_mib"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
