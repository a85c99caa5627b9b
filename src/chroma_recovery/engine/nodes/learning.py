"""CopyCat, BigCat and Inference.

Training is not an image: :func:`chroma_recovery.engine.learning.train` executes a CopyCat. Asked for a
picture, the node passes its Input on, as in Nuke.
"""

from __future__ import annotations

from pathlib import Path

from ..call import Call, NodeOp
from ..image import RGB, Image
from ..learning import UNKNOWN, Checkpoint, apply_model, choose_device, load_checkpoint, model_file, placement
from ..learning.device import cpu_has_bfloat16
from ..learning.settings import KNOBS
from ..learning.steadying import colour_map

__all__ = ["BIGCAT", "COPYCAT", "INFERENCE"]

COPYCAT = NodeOp(lambda call: call.input(0), KNOBS, needs=lambda call: [(0, call.frame)])
BIGCAT = COPYCAT


def _model(call: Call) -> Checkpoint:
    """The node's model, read once per file and change of it."""
    path = model_file(call.evaluator.path(call.name, "modelFile"), f"{call.name}.modelFile")
    changed = tuple(_stamp(p) for p in (path, path.with_suffix(".json")))
    return call.evaluator.memo(("model", path, changed), lambda: load_checkpoint(path))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _inference(call: Call) -> Image:
    image = call.input(0)
    missing = [c for c in RGB if c not in image.channels]
    if missing:
        call.fail(
            "CR561", f"its input has no channel {', '.join(missing)}", "a model takes red, green and blue"
        )
    model = _model(call)
    network = model.network
    half = call.flag("halfPrecision")
    device = choose_device(gpu=call.flag("useGPUIfAvailable"), precision="float32")
    if half and (device.name != "cpu" or cpu_has_bfloat16()):
        device = choose_device(gpu=call.flag("useGPUIfAvailable"), precision="bfloat16")
    if next(network.parameters()).device.type != device.name:
        network.to(device.name)
    size = call.choice("tileSize")
    if size != "None" and not size.isdigit():
        call.refuse("tileSize", f"{size!r} is no size of tiles", "use None, 1024, 2048 or 4096")
    place = placement(call.evaluator, call.name, call.frame)
    where = UNKNOWN if place is None else place.where(image.box)
    factors = model.steadying.factors(call.frame, image) if model.steadying is not None else None
    if factors is not None:
        network = network.through(*colour_map(factors))
    return apply_model(network, image, where, device=device, tile=int(size) if size != "None" else None)


_KNOBS = """
modelFile halfPrecision useGPUIfAvailable tileSize tileOverlap serialiseKnob channelsIn channelsOut
gpuName isFirstTime
"""

INFERENCE = NodeOp(
    _inference,
    frozenset(_KNOBS.split()),
)
