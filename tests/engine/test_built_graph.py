"""The graph that the stage builders make, evaluated: nothing is refused, and the Ground Truth keeps Y."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data
from skimage.transform import resize

from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.ycbcr import luma
from chroma_recovery.errors import UnsupportedNode
from chroma_recovery.frames import FrameRange
from chroma_recovery.headers import PictureSize
from chroma_recovery.preset import model as m
from chroma_recovery.stages import ProjectPaths, Recovery, build

WIDTH, HEIGHT = 240, 160
PLATES = ("plates/source.####.exr", "plates/reference.####.exr")


def recovery(**more: Any) -> Recovery:
    size = PictureSize(WIDTH, HEIGHT)
    preset = m.Preset(
        shot="sh010",
        source=m.Clip(PLATES[0], 1, 7),
        reference=m.Reference(PLATES[1], 1, 7),
        pairs=tuple(m.Pair(f) for f in (1, 3, 5, 7)),
        crop=m.Crop(box=(20, 14, 220, 146)),
        training=m.Training(median=3, patch=32, batch=2, **more.pop("training", {})),
        **more,
    )
    return build(preset, paths=ProjectPaths(*PLATES, size, size))


VARIANTS: dict[str, dict[str, Any]] = {
    "display": {},
    "log": {"colour": m.Colour(domain="log")},
    "aces-odt": {"colour": m.Colour(domain="aces-odt", read="ACES2065-1")},
    "aces_1.2": {"colour": m.Colour(config="aces_1.2", view="Rec.709", display="ACES")},
    "Nuke 12": {"nuke": m.Nuke(version="12.2")},
    "Nuke 17": {"nuke": m.Nuke(version="17.0")},
    "augmented": {
        "training": {"augmentation": m.Augmentation(flip=True, translate=4, scale=0.02, exposure=0.1)}
    },
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_node_and_knob_of_every_variant_is_understood(name: str, tmp_path: Path) -> None:
    graph = recovery(**VARIANTS[name]).graph
    evaluator = Evaluator(graph, project=tmp_path)
    refused = []
    for node in graph:
        if node.cls in ("BackdropNode", "StickyNote"):
            continue
        try:
            evaluator.op(node)
            evaluator.range(node.name)
        except UnsupportedNode as error:
            refused.append(str(error))
    assert refused == []


def plates(folder: Path) -> None:
    """A still that moves a little; the Source is faded, the Reference is shifted and contrasty."""
    photo = resize(data.astronaut()[..., :3] / 255.0, (HEIGHT + 40, WIDTH + 40), anti_aliasing=True)
    for frame in (1, 3, 5, 7):
        code = photo[20 : 20 + HEIGHT, 10 + frame : 10 + frame + WIDTH]
        faded = np.stack([0.4 + 0.5 * code[..., 0], 0.2 + 0.4 * code[..., 1], 0.25 + 0.3 * code[..., 2]], -1)
        other = photo[22 : 22 + HEIGHT, 13 + frame : 13 + frame + WIDTH]
        for pattern, picture in zip(PLATES, (faded, np.clip(1.1 * other - 0.03, 0, 1)), strict=True):
            write_exr(folder / pattern.replace("####", f"{frame:04d}"), Image.of(picture))


def test_the_built_ground_truth(tmp_path: Path) -> None:
    plates(tmp_path)
    built = recovery()
    names = built.names
    evaluator = Evaluator(built.graph, project=tmp_path)
    trained = evaluator.range(names.training_input)
    assert trained.first == 1
    assert evaluator.range(names.source_dataset) == FrameRange(1, len(trained))
    for pair in trained:
        given = evaluator.image(names.training_input, pair)
        truth = evaluator.image(names.training_ground_truth, pair)
        assert given.box == truth.box == given.format.box
        assert given.channels == truth.channels == ("red", "green", "blue")
        assert (given.format.width, given.format.height) == (200, 132)
        mixed = evaluator.image(names.ground_truth_ycbcr, pair)
        source = evaluator.image(names.source_ycbcr, pair)
        assert (mixed.channel("red") == source.channel("red")).all()
        difference = np.abs(luma(truth.rgb()) - luma(given.rgb()))
        inside = ((truth.pixels > 0) & (truth.pixels < 1)).all(-1)
        assert inside.mean() > 0.5
        assert difference[inside].max() < 1e-5
        assert np.abs(truth.rgb() - given.rgb()).mean() > 0.005  # the chroma did change
    # the alignment took out the shift: 3 columns right and 2 rows down in the plates
    aligned = evaluator.image(names.dissolve, 1).filling()[30:-30, 40:-40]
    before = evaluator.image(names.reference_dataset, 1).filling()
    moved = before[28:-32, 37:-43]
    assert np.abs(aligned - moved).mean() < 0.15 * np.abs(aligned - before[30:-30, 40:-40]).mean()
