"""F_Align against known motions: a faded, grainy Source and a clean colour Reference with black borders.

The faded side loses dyes unevenly (another offset and slope per channel), the Reference has more contrast, is
softer and 8 bit. Truth is the homography that made it.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from skimage import data

from chroma_recovery.engine.comparison import brightness, picture_area
from chroma_recovery.engine.image import Format, Image
from chroma_recovery.engine.nodes.align import F_ALIGN, solve, solve_with_score
from chroma_recovery.engine.registration import Motions, RegistrationError, register
from chroma_recovery.errors import EngineError

WIDTH, HEIGHT, MARGIN = 480, 270, 60
CORNERS = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float64)

Matrix = npt.NDArray[np.float64]


def scene(name: str = "astronaut") -> Any:
    photo = getattr(data, name)()[..., :3].astype(np.float32) / 255
    size = (WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
    wide = photo[: round(photo.shape[1] * size[1] / size[0])]
    return cv2.resize(wide, size, interpolation=cv2.INTER_AREA) ** 2.2


def faded(linear: Any, seed: int = 0) -> Image:
    code = np.clip(linear, 0, 1) ** (1 / 2.2)
    code = np.stack(
        [0.42 + 0.5 * code[..., 0] ** 0.8, 0.2 + 0.35 * code[..., 1], 0.25 + 0.25 * code[..., 2]], -1
    )
    return Image.of((code + np.random.default_rng(seed).normal(0, 0.012, code.shape)) ** 2.2)


def reference(linear: Any, borders: int = 12) -> Image:
    code = np.clip(1.15 * np.clip(linear, 0, 1) ** (1 / 2.2) - 0.04, 0, 1)
    code = cv2.GaussianBlur(code.astype(np.float32), (0, 0), 0.8)
    if borders:
        code[:, :borders] = code[:, -borders:] = 0
        code[: borders // 2] = 0
    return Image.of((np.round(code * 255) / 255) ** 2.2)


def shot(picture: Any, matrix: Matrix, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """The scene as a camera with ``matrix`` (output to scene pixels, centres at .5, y down) sees it."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    local = np.linalg.inv(half) @ matrix @ half
    return cv2.warpPerspective(picture, local, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)


SOURCE = np.array([[1, 0, MARGIN], [0, 1, MARGIN], [0, 0, 1.0]])


def nuke(matrix: Matrix, reference_height: int = HEIGHT) -> Matrix:
    """True Src (the Reference) to Ref (the Source) map in Nuke's coordinates, from the Reference's camera."""
    flip = [np.array([[1, 0, 0], [0, -1, h], [0, 0, 1.0]]) for h in (HEIGHT, reference_height)]
    return flip[0] @ np.linalg.inv(SOURCE) @ matrix @ flip[1]


def corner_error(
    found: Matrix, true: Matrix, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> npt.NDArray[np.float64]:
    """Distances in pixels on the Source's grid between where both maps take the Reference's corners."""
    corners = CORNERS * [size[0] / WIDTH, size[1] / HEIGHT]
    a, b = (cv2.perspectiveTransform(corners[None], m)[0] for m in (found, true))
    return np.linalg.norm(a - b, axis=1)


def camera(seed: int, reach: float = 9) -> Matrix:
    moved = CORNERS + MARGIN + np.random.default_rng(seed).uniform(-reach, reach, (4, 2))
    return cv2.getPerspectiveTransform(CORNERS.astype(np.float32), moved.astype(np.float32))


def similarity(scale: float, degrees: float, dx: float, dy: float) -> Matrix:
    """A camera that is zoomed and turned about the middle and shifted."""
    a = np.radians(degrees)
    turn = scale * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = middle + MARGIN - turn @ middle + (dx, dy)
    return matrix


def aligned(bench: Any, matrix: Matrix, name: str = "astronaut", **knobs: Any) -> tuple[str, Any]:
    picture = scene(name)
    inputs = bench.given(reference(shot(picture, matrix))), bench.given(faded(shot(picture, SOURCE)))
    switches = dict.fromkeys(("scale", "rotate", "translate", "perspective"), True)
    region = {"regionBL": (50, 30), "regionTR": (430, 240)}
    return bench.add(
        F_ALIGN, *inputs, **{**switches, **region, "accuracy": 1.0, "filtering": "High", **knobs}
    ), bench


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_a_faded_source_and_a_colour_reference_are_aligned(bench: Any, name: str) -> None:
    errors = []
    for seed in (1,):
        matrix = camera(seed)
        node, _ = aligned(bench, matrix, name)
        errors.append(corner_error(solve(bench.evaluator().call(node, 1)), nuke(matrix)))
    assert np.median(errors) < 0.3
    assert np.max(errors) < 1.0


def test_the_picture_lands_on_the_source(bench: Any) -> None:
    """Away from the borders the aligned Reference equals the same Reference shot from the Source's camera."""
    matrix = camera(4)
    node, _ = aligned(bench, matrix)
    out = bench.image(node)
    assert out.format == Format(WIDTH, HEIGHT)
    want = reference(shot(scene(), SOURCE), borders=0)
    got, ideal = (
        i.filling()[50:-50, 60:-60] ** (1 / 2.2) for i in (Image.of(np.maximum(out.filling(), 0)), want)
    )
    before = reference(shot(scene(), matrix), borders=0).filling()[50:-50, 60:-60] ** (1 / 2.2)
    assert np.abs(got - ideal).mean() < 0.01
    assert np.abs(got - ideal).mean() < 0.25 * np.abs(before - ideal).mean()


@pytest.mark.parametrize(
    ("switches", "matrix"),
    [
        ({"scale": False, "rotate": False, "perspective": False}, similarity(1, 0, 7.3, -4.6)),
        ({"scale": False, "perspective": False}, similarity(1, 2.5, -5.2, 3.4)),
        ({"rotate": False, "perspective": False}, similarity(1.06, 0, 4.1, 2.7)),
        ({"perspective": False}, similarity(0.94, -2.0, 6.0, 1.5)),
    ],
)
def test_only_the_motions_that_are_on(bench: Any, switches: dict[str, bool], matrix: Matrix) -> None:
    node, _ = aligned(bench, matrix, **switches)
    found = solve(bench.evaluator().call(node, 1))
    assert np.median(corner_error(found, nuke(matrix))) < 0.3
    assert np.allclose(found[2], [0, 0, 1], atol=1e-9)
    turn, size = found[:2, :2], np.hypot(found[0, 0], found[1, 0])
    assert np.allclose(turn @ turn.T, size**2 * np.eye(2), atol=1e-8)  # one scale, no shear
    if "scale" in switches:
        assert size == pytest.approx(1, abs=1e-8)
    if "rotate" in switches:
        assert found[1, 0] == pytest.approx(0, abs=1e-8)


def test_a_large_shift_is_found(bench: Any) -> None:
    matrix = similarity(1.0, 0, 45, -30)
    node, _ = aligned(bench, matrix)
    assert np.median(corner_error(solve(bench.evaluator().call(node, 1)), nuke(matrix))) < 0.5


def test_a_reference_of_another_size(bench: Any) -> None:
    """A half-size video of the same frame: the formats' ratio is the first guess."""
    picture = scene()
    half = camera(3, 5) @ np.diag([2.0, 2.0, 1.0])
    small = cv2.GaussianBlur(picture, (0, 0), 0.8)
    inputs = (
        bench.given(reference(shot(small, half, WIDTH // 2, HEIGHT // 2))),
        bench.given(faded(shot(picture, SOURCE))),
    )
    node = bench.add(
        F_ALIGN, *inputs, scale=True, rotate=True, translate=True, perspective=True, accuracy=1.0
    )
    found = solve(bench.evaluator().call(node, 1))
    assert (
        np.median(corner_error(found, nuke(half, HEIGHT // 2), (WIDTH // 2, HEIGHT // 2))) < 0.8
    )  # 0.4 of its pixels
    assert bench.image(node).format == Format(WIDTH, HEIGHT)


def test_unrelated_pictures_are_refused(bench: Any) -> None:
    inputs = (
        bench.given(reference(shot(scene("coffee"), SOURCE))),
        bench.given(faded(shot(scene("chelsea"), SOURCE))),
    )
    node = bench.add(F_ALIGN, *inputs, scale=True, rotate=True, translate=True, perspective=True)
    with pytest.raises(EngineError, match=r"CR520.*no alignment was found") as raised:
        bench.image(node)
    assert "manual" in raised.value.problems[0].hint


@pytest.mark.parametrize("blank", [0.0, 0.5])
def test_blank_pictures_are_refused(blank: float) -> None:
    plane = brightness(faded(shot(scene(), SOURCE)).rgb())
    flat = np.full((HEIGHT, WIDTH, 3), blank, np.float32)
    with pytest.raises(RegistrationError):
        register(plane, flat, np.ones_like(plane, bool), Motions())


def test_solved_once_per_frame(bench: Any) -> None:
    node, _ = aligned(bench, camera(1))
    evaluator = bench.evaluator()
    call = evaluator.call(node, 1)
    assert solve(call) is solve(call)
    score = solve_with_score(call)[1]
    assert score.score > 0.8
    assert 0.5 < score.overlap <= 1


def test_borders_are_found() -> None:
    area = picture_area(brightness(reference(shot(scene(), SOURCE)).rgb()))
    rows, columns = area.any(1), area.any(0)
    assert abs(int(columns.argmax()) - 12) <= 2
    assert abs(int(columns[::-1].argmax()) - 12) <= 2
    assert abs(int(rows.argmax()) - 6) <= 2
    assert rows[-1]
