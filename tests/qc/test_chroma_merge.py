"""The final plate: Original luma under Recovered chroma, as a ``Color`` composite makes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data
from skimage.transform import resize

from chroma_recovery.colour.ycbcr import KB, KG, KR
from chroma_recovery.engine import ycbcr
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.headers import PictureSize
from chroma_recovery.preset import model as m
from chroma_recovery.stages import ProjectPaths, build

WIDTH, HEIGHT = 192, 128
WEIGHTS = np.array([KR, KG, KB])


def colour_composite(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Blend mode "color" of W3C Compositing and Blending Level 1, which Resolve's Color composite is named after:
    SetLum(Cs, Lum(Cb)) = Cs + (Lum(Cb) - Lum(Cs)), before its clipping to 0-1. Lum here with BT.601's weights; the
    standard rounds them to 0.3, 0.59, 0.11."""
    return np.asarray(above + ((below - above) @ WEIGHTS)[..., None])


@pytest.mark.parametrize("domain", ["display", "log"])
def test_the_final_plate_is_a_colour_composite(domain: str, tmp_path: Path) -> None:
    size = PictureSize(WIDTH, HEIGHT)
    plates = ("plates/source.####.exr", "plates/reference.####.exr")
    preset = m.Preset(
        shot="sh010",
        source=m.Clip(plates[0], 1, 4),
        reference=m.Reference(plates[1], 1, 4),
        pairs=tuple(m.Pair(f) for f in (1, 2, 3, 4)),
        training=m.Training(patch=64, batch=2),
        colour=m.Colour(domain=domain),
    )
    found = build(preset, paths=ProjectPaths(*plates, size, size))
    evaluator = Evaluator(found.graph, project=tmp_path)
    source = resize(data.astronaut()[40:300, 40:430] / 255, (HEIGHT, WIDTH)).astype(np.float32)
    recovered = (resize(data.coffee()[50:310, 40:430] / 255, (HEIGHT, WIDTH)) ** 2).astype(np.float32)
    (tmp_path / "plates").mkdir()
    write_exr(tmp_path / "plates/source.0002.exr", Image.of(source), half=False)
    masters = tmp_path / found.plan.output("04_inference_render", found.plan.model_id).replace("####", "0002")
    masters.parent.mkdir(parents=True)
    write_exr(masters, Image.of(recovered), half=False)

    names, graph = found.names, found.graph
    below = evaluator.image(names.original, 2).rgb()
    above = evaluator.image(names.recovered_read, 2).rgb()
    merged = evaluator.image(graph[names.write_final or ""].inputs[0] or "", 2).rgb()

    def encoded(linear: np.ndarray) -> np.ndarray:
        if domain == "log":
            return evaluator.colour.convert(linear, evaluator.colour.working, "acescct")
        return ycbcr.encode(linear, "sRGB")

    b, a, out = (encoded(p).astype(np.float64) for p in (below, above, merged))
    assert np.abs(a - b).mean() > 0.05
    assert np.abs(out - colour_composite(b, a)).max() < 2e-4
    assert np.abs(out @ WEIGHTS - b @ WEIGHTS).max() < 2e-4  # the luma of the Original
    chroma = [p - (p @ WEIGHTS)[..., None] for p in (out, a)]
    assert np.abs(chroma[0] - chroma[1]).max() < 2e-4  # the chroma of Recovered
