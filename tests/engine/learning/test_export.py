"""Exported models: loaded where only torch is, compared with the engine's own Inference."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from chroma_recovery import nk
from chroma_recovery.engine import ycbcr
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import UNKNOWN, load_checkpoint, train
from chroma_recovery.engine.learning.apply import apply_model
from chroma_recovery.engine.learning.checkpoint import save_checkpoint
from chroma_recovery.engine.learning.device import Device
from chroma_recovery.engine.learning.export import export_model, onnx_bytes, torchscript_bytes
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork
from chroma_recovery.engine.learning.placement import SourceArea, source_area
from chroma_recovery.errors import EngineError, PathError
from chroma_recovery.graph.checks import check

CPU = Device("cpu", "float32")
AREA = SourceArea(300, 200, 20.0, 30.0, 240, 150)
PLACEMENT = {"width": 300, "height": 200, "x": 20.0, "y": 30.0, "w": 240, "h": 150}

IN_OLD_TORCH = """
Float.Scalar __derive_index __getitem__.t __range_length abs add.Scalar add.Tensor add.float_int add.int amax amin
append.t arange cat clamp clamp_max clamp_min contiguous conv2d cos div.Scalar div.Tensor div.float eq.Tensor eq.str
expand flip floordiv.int gt.float gt.int index_select le.Scalar le.float len.t max.other max_pool2d min.other
mul.Scalar mul.Tensor mul.float mul.int neg.float ones_like permute pow.Tensor_Scalar relu reshape select.int sign
sin size slice.Tensor stack sub.Scalar sub.Tensor sub.float sub.int to.dtype unsqueeze upsample_bilinear2d where.self
zeros zeros_like max.int min.int type matmul tensor sum.dim_IntList eq.int floor neg
"""
"""Operators of a model that was run in torch 1.13.1 too, and six (matmul, tensor, sum, eq.int, floor, neg) that torch
has had since 1.0; 1.12 itself was not at hand."""

CLEAN = """
import ctypes, sys, warnings
sys.modules["chroma_recovery"] = sys.modules["numpy"] = None
warnings.simplefilter("ignore")
import torch
torch.set_num_threads(1)
model = torch.jit.load(sys.argv[1], map_location="cpu")
for case in sys.argv[2:]:
    name, height, width, kind, x, y = case.split(",")
    model.area_x, model.area_y = float(x), float(y)
    data = bytearray(open(name, "rb").read())
    image = torch.frombuffer(data, dtype=torch.float32).view(1, 3, int(height), int(width))
    with torch.no_grad():
        if kind == "half":
            model.half()
            image = image.half()
        out = model(image)
    assert out.shape == image.shape and out.dtype == image.dtype and out.is_contiguous()
    out = out.float()
    open(name + ".out", "wb").write(ctypes.string_at(out.data_ptr(), 4 * out.numel()))
assert sys.modules["chroma_recovery"] is None
"""


def wild(**more: Any) -> ChromaNetwork:
    """A network whose residual is large everywhere and that listens to position."""
    torch.manual_seed(0)
    shape: dict[str, Any] = {"widths": (8, 12, 16), "hidden": 16} | more
    network = ChromaNetwork(Architecture(**shape)).eval()
    with torch.no_grad():
        network.residual.weight.normal_(0, 0.7)
        network.residual_scale.fill_(0.3)
        network.white_weight.copy_(torch.tensor([[3.0, 0.2, 0.1], [0.2, 9.0, -1.0], [0.1, -1.0, 11.0]]))
        network.white_bias.copy_(torch.tensor([-1.4, 0.1, -0.2]))
        network.base_weight.normal_(0, 0.02)
        network.base_local.normal_(0, 0.005)
        network.table.normal_(0, 0.05)
        network.table_low.copy_(torch.tensor([-1.5, -2.0, -0.5]))
        network.table_high.copy_(torch.tensor([1.0, 2.5, 0.7]))
        network.position_low.fill_(-0.9)
        network.position_high.fill_(0.6)
    return network


def noise(height: int, width: int, low: float = -0.2, high: float = 1.6) -> Image:
    rng = np.random.default_rng(height * width)
    return Image.of(rng.uniform(low, high, (height, width, 3)).astype(np.float32))


def planes(image: Image) -> torch.Tensor:
    return torch.from_numpy(image.rgb().copy()).permute(2, 0, 1)[None].contiguous()


def engine(network: ChromaNetwork, image: Image, area: SourceArea | None = AREA) -> torch.Tensor:
    where = UNKNOWN if area is None else area.placement.where(image.box)
    return planes(apply_model(network, image, where, device=CPU))


def luma_away(image: torch.Tensor, other: torch.Tensor) -> float:
    one, two = (ycbcr.luma(x[0].permute(1, 2, 0).numpy()) for x in (image, other))
    return float(np.abs(one - two).max())


def loaded(data: bytes) -> Any:
    return torch.jit.load(io.BytesIO(data), map_location="cpu")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "sh010.600.safetensors"
    save_checkpoint(path, wild(), {"run": "sh010", "step": 600, "placement": PLACEMENT})
    return path


def test_in_a_process_with_torch_alone(model: Path, tmp_path: Path) -> None:
    done = export_model(model, tmp_path / "out")
    cases = [(1, 1, 20, 30), (67, 101, 20, 30), (101, 67, 5, 99), (540, 960, 0, 0), (67, 101, 20, 30)]
    words = []
    for number, (height, width, x, y) in enumerate(cases):
        path = tmp_path / f"{number}.f32"
        path.write_bytes(planes(noise(height, width)).numpy().tobytes())
        kind = "half" if number == len(cases) - 1 else "float"
        words.append(f"{path},{height},{width},{kind},{x},{y}")
    environment = {**os.environ, "GOMP_SPINCOUNT": "20000"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-I", "-c", CLEAN, str(done.model), *words]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, timeout=300)
    for number, (height, width, x, y) in enumerate(cases):
        image = noise(height, width)
        data = np.fromfile(tmp_path / f"{number}.f32.out", np.float32)
        got = torch.from_numpy(data).view(1, 3, height, width)
        wanted = engine(wild(), image, SourceArea(300, 200, x, y, width, height))
        half = number == len(cases) - 1
        assert (got - wanted).abs().max() < (0.02 if half else 1e-4)
        assert luma_away(got, planes(image)) < (2e-3 if half else 1e-5)
        assert height == 1 or (got - planes(image)).abs().mean() > 0.02


@pytest.mark.parametrize(
    "more",
    [{"linear": False}, {"widths": (8,)}, {"cell": 4, "bands": 0}, {"bands": 3, "widths": (8, 8)}],
    ids=str,
)
def test_other_shapes_of_the_network(more: dict[str, Any]) -> None:
    network, image = wild(**more), noise(131, 83)
    got = loaded(torchscript_bytes(network, AREA))(planes(image))
    assert (got - engine(network, image)).abs().max() < 1e-4


def test_place_matters_and_can_be_unknown_or_switched_off() -> None:
    network, image = wild(), noise(64, 80)
    module = loaded(torchscript_bytes(network, AREA))
    placed = module(planes(image))
    module.frame_width = 0.0
    unplaced = module(planes(image))
    assert (placed - unplaced).abs().max() > 0.01
    assert (unplaced - engine(network, image, None)).abs().max() < 1e-4
    assert torch.equal(loaded(torchscript_bytes(network))(planes(image)), unplaced)
    network.position_on.fill_(0.0)
    off = loaded(torchscript_bytes(network, AREA))(planes(image))
    assert (off - engine(network, image)).abs().max() < 1e-4


def test_upside_down_pictures() -> None:
    image = planes(noise(70, 50))
    module = loaded(torchscript_bytes(wild(), AREA))
    wanted = module(image)
    module.bottom_row_first = 1.0
    assert torch.equal(module(image.flip(2)).flip(2), wanted)


def test_values_outside_the_unit_range_and_further_channels_pass() -> None:
    image = torch.cat([planes(noise(40, 40, -1.0, 30.0)), torch.rand(1, 2, 40, 40)], 1)
    out = loaded(torchscript_bytes(wild(), AREA))(image)
    assert torch.equal(out[:, 3:], image[:, 3:])
    assert torch.isfinite(out).all() and out.max() > 10 and out.min() < -0.3
    assert luma_away(out[:, :3], image[:, :3]) < 1e-5
    assert (out[:, :3] - engine(wild(), Image.of(image[0, :3].permute(1, 2, 0).numpy()))).abs().max() < 1e-4


def test_one_bad_pixel_stays_one_bad_pixel() -> None:
    image = planes(noise(64, 64))
    image[0, :, 20, 30] = torch.nan
    bad = ~torch.isfinite(loaded(torchscript_bytes(wild(), AREA))(image)).all(1)[0]
    assert bad.nonzero().tolist() == [[20, 30]]


def test_only_operators_that_old_torch_has() -> None:
    names = torch.jit.export_opnames(loaded(torchscript_bytes(wild(), AREA)))
    assert {n.split("::")[1] for n in names} <= set(IN_OLD_TORCH.split())


def test_same_model_same_bytes_and_no_paths_of_this_machine() -> None:
    data = torchscript_bytes(wild(), AREA)
    assert torchscript_bytes(wild(), AREA) == data
    assert b"debug_pkl" not in data
    assert str(Path(__file__).parents[3]).encode() not in data


def test_equals_the_inference_node(bench: Callable[..., Any]) -> None:
    b = bench(pairs=3, cr_learning_rate=0.008)
    result = train(b.evaluator, "CopyCat1", steps=12)
    facts = load_checkpoint(result.checkpoint).facts
    assert facts["placement"] == {"width": 160, "height": 96, "x": 0.0, "y": 0.0, "w": 160, "h": 96}
    b.sets["Plate"] = [noise(96, 160, 0.0, 1.0)]
    b.graph.add("Read", "Plate")
    b.graph.add("Crop", "Live", inputs=("Plate",), box=(24, 8, 130, 75), reformat=True)
    b.graph.add(
        "Inference", "Run", inputs=("Live",), modelFile="models/run.12.safetensors", useGPUIfAvailable=False
    )
    wanted = planes(b.evaluator.image("Run", 1))
    done = export_model(result.checkpoint, b.folder, area=SourceArea(160, 96, 24.0, 8.0, 106, 67))
    got = torch.jit.load(str(done.model))(planes(b.evaluator.image("Live", 1)))
    assert (got - wanted).abs().max() < 1e-4
    elsewhere = export_model(result.checkpoint, b.folder / "elsewhere")
    moved = torch.jit.load(str(elsewhere.model))(planes(b.evaluator.image("Live", 1)))
    assert (moved - wanted).abs().max() > 1e-4


def test_area_of_the_training() -> None:
    where = AREA.placement.where(Image.of(np.zeros((150, 240, 3), np.float32)).box)
    assert source_area([(240, 150, where)] * 2) == AREA
    assert source_area([(240, 150, where), (200, 150, where)]) is None
    assert source_area([(240, 150, UNKNOWN)]) is None


@pytest.mark.parametrize(
    "said",
    [None, 5, [], {}, {**PLACEMENT, "x": "0"}, {**PLACEMENT, "width": 0}, {**PLACEMENT, "x": float("nan")},
     {**PLACEMENT, "h": True}, {**PLACEMENT, "more": 1}, {**PLACEMENT, "width": 1e30}],
)  # fmt: skip
def test_an_odd_placement_is_none(said: Any) -> None:
    assert SourceArea.from_json(PLACEMENT) == AREA
    assert SourceArea.from_json(said) is None


def test_script_and_record(model: Path, tmp_path: Path) -> None:
    done = export_model(model, tmp_path / "out")
    graph = nk.read(done.script.read_text())
    assert [p for p in check(graph) if p.severity == "error"] == []
    creator = graph["CatFileCreator_recovery"]
    module = torch.jit.load(str(done.model))
    assert {k.name: k.value for k in creator.user_knobs} == {
        k.name: getattr(module, k.name) for k in creator.user_knobs
    }
    assert creator.user("area_y") == 30.0
    assert creator.knobs["channelsIn"] == creator.knobs["channelsOut"] == "rgba.red,rgba.green,rgba.blue"
    assert graph["Crop_live_area"].knobs["box"] == (20, 30, 260, 180)
    assert graph["Inference_recovery"].inputs == ("Crop_live_area",)
    record = json.loads(done.record.read_text())
    for folder, hashes in ((model.parent, record["checkpoint"]), (tmp_path / "out", record["files"])):
        for name, digest in hashes.items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert set(record["files"]) == {"sh010.600.pt", "sh010.600_cat.nk"}


def test_a_name_is_no_program(tmp_path: Path, tcl: Any) -> None:
    path = tmp_path / "a[exec touch x]$b.safetensors"
    save_checkpoint(path, wild(), {})
    done = export_model(path, tmp_path)
    assert done.model.name == "a_exec_touch_x__b.pt"
    view = tcl.run(done.script.read_text())
    assert view.attempted == [] and view.errors == []
    [knobs] = [n.knobs for n in view.nodes.values() if n.cls == "CatFileCreator"]
    assert knobs["catFile"] == "[python {nuke.script_directory()}]/a_exec_touch_x__b.cat"


def test_nothing_is_replaced(model: Path, tmp_path: Path) -> None:
    first = export_model(model, tmp_path)
    again = export_model(model, tmp_path)  # the same bytes are not in the way
    assert again.sha256 == first.sha256
    first.script.write_text("mine")
    first.model.unlink()
    with pytest.raises(PathError) as error:
        export_model(model, tmp_path)
    assert [p.code for p in error.value.problems] == ["CR602"]
    assert not first.model.exists() and first.script.read_text() == "mine"
    export_model(model, tmp_path, overwrite=True)
    assert first.model.exists() and first.script.read_text() != "mine"


def test_onnx_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineError) as error:
        onnx_bytes(wild(), AREA)
    assert error.value.problems[0].code == "CR563"


def test_onnx(tmp_path: Path) -> None:
    import onnx
    from onnx import reference

    network = wild()
    held = onnx.load_model_from_string(onnx_bytes(network, AREA))
    onnx.checker.check_model(held)
    for size in ((33, 47), (16, 70)):
        image = noise(*size)
        [got] = reference.ReferenceEvaluator(held).run(None, {"image": planes(image).numpy()})
        assert np.abs(got - engine(network, image).numpy()).max() < 1e-4
