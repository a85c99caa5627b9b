"""Known transforms are found to a fraction of a pixel, keys say the same as the maps, and wrong pairs do not pass."""

from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.demo.known_pairs import KnownPair, Overlay, corner_errors, known_pair, scene
from chroma_recovery.demo.reference import DvdReference, similarity
from chroma_recovery.pairs.alignment import (
    RegistrationError,
    Side,
    align,
    best_partner,
    implausible,
    region_of,
)
from chroma_recovery.pairs.crop import (
    around,
    common_box,
    largest_box,
    live_mask,
    lost_to,
    nuke_box,
    richness,
)
from chroma_recovery.pairs.judge import judge, judged_residual
from chroma_recovery.pairs.keys import conforming, corners_of, key_of, matrix_of
from chroma_recovery.pairs.lettering import overlays

W, H = 960, 540


def side(picture: Any) -> Side:
    return Side(picture, live_mask([picture]), (picture.shape[1], picture.shape[0]))


@pytest.fixture(scope="module")
def frames() -> list[Any]:
    return list(read_clip(frames=20))


@pytest.fixture(scope="module")
def pairs(frames: list[Any]) -> list[KnownPair]:
    text = Overlay("WHO GOES THERE?")
    return [
        known_pair(scene(frames[9 * k], W, H), W, H, seed=k, fade=name, overlay=text if k == 1 else None)
        for k, name in enumerate(("strong", "collapse"))
    ]


def verdict(source: Side, reference: Side, matrix: Any) -> str:
    found, common = overlays(source, reference, matrix), common_box(source, reference, matrix)
    box = around(common, found, richness(reference.picture))
    if box is None:
        return "reject"
    lost = lost_to(common, box, found, H)
    return judge(judged_residual(source, reference, matrix, box), concerns=[lost] if lost else []).verdict


def test_corners_are_placed_to_a_fraction_of_a_pixel(pairs: list[KnownPair]) -> None:
    for pair in pairs:
        a, b = side(pair.source), side(pair.reference)
        found = align(a, b)
        assert corner_errors(found.matrix, pair.matrix, W, H).max() < 0.25
        assert found.residual.p50 < 0.3
        assert verdict(a, b, found.matrix) == "accept"


def test_a_neighbours_map_is_a_good_start(pairs: list[KnownPair]) -> None:
    pair = pairs[0]
    a, b = side(pair.source), side(pair.reference)
    near = pair.matrix @ similarity(W, H, shift=(1.5, -1.0))
    assert corner_errors(align(a, b, start=near).matrix, pair.matrix, W, H).max() < 0.25


@pytest.mark.parametrize("moved", [{"shift": (1.0, 0.0)}, {"scale": 1.006}, {"degrees": 0.3}])
def test_a_wrong_map_is_not_accepted(pairs: list[KnownPair], moved: dict[str, Any]) -> None:
    pair = pairs[0]
    wrong = pair.matrix @ similarity(W, H, **moved)
    assert verdict(side(pair.source), side(pair.reference), wrong) == "reject"


def test_another_picture_is_refused_or_rejected(pairs: list[KnownPair]) -> None:
    a, b = side(pairs[0].source), side(np.ascontiguousarray(pairs[0].reference[:, ::-1]))
    try:
        matrix = align(a, b).matrix
    except RegistrationError:
        return
    assert verdict(a, b, matrix) == "reject"


def test_something_in_front_is_not_accepted(pairs: list[KnownPair]) -> None:
    pair = pairs[0]
    blocked = pair.reference.copy()
    blocked[150:330, 300:560] = cv2.resize(pair.reference[300:420, 20:200], (260, 180))
    assert verdict(side(pair.source), side(blocked), pair.matrix) != "accept"


def test_keys_are_the_map_where_a_transform_can_be_it() -> None:
    truth = similarity(1920, 1080, shift=(12.5, -7.25), scale=1.013, degrees=0.4)
    key = key_of(truth, (1920, 1080), (1920, 1080))
    assert key.off < 0.01
    assert corner_errors(matrix_of(key, (1920, 1080), (1920, 1080)), truth, 1920, 1080).max() < 0.01
    assert key.rotate == pytest.approx(0.4, abs=1e-3)  # clockwise there is counter-clockwise back
    assert key.scale == pytest.approx((1 / 1.013, 1 / 1.013), abs=1e-5)
    bent = truth.copy()
    bent[2, 0] = 4e-6
    assert key_of(bent, (1920, 1080), (1920, 1080)).off > 1


def test_corners_hold_perspective_and_another_size() -> None:
    """A Reference of another size is fitted into the Source's format first; then its corners say the whole map."""
    bent = similarity(1920, 1080, shift=(12.5, -7.25), scale=0.35, degrees=0.4)
    bent[2, :2] = 4e-6, -3e-6
    fit = conforming((1920, 1080), (720, 576))
    assert fit @ [0, -0.5, 1] == pytest.approx([(1920 - 1350) / 2 + 1.875 / 2 - 0.5, -0.5, 1])
    assert np.array_equal(conforming((1920, 1080), (1920, 1080)), np.eye(3))
    corners = np.array(corners_of(fit @ bent, (1920, 1080), (1920, 1080))).reshape(4, 2)
    pin = cv2.getPerspectiveTransform(
        np.float32([[0, 0], [1920, 0], [1920, 1080], [0, 1080]]), corners.astype(np.float32)
    )
    here = np.array([400.0, 300.0, 1.0])  # Source pixel, y down
    there = fit @ bent @ here
    there = there / there[2]
    moved = pin @ [there[0] + 0.5, 1080 - there[1] - 0.5, 1]
    assert moved[:2] / moved[2] == pytest.approx([400.5, 1080 - 300.5], abs=0.02)


def test_keys_move_the_reference_as_nukes_transform_does() -> None:
    """A point of the Reference, moved by scale, rotation, translation about the centre, lands on the Source."""
    truth = similarity(640, 360, shift=(9.0, 4.0), scale=0.98, degrees=-1.5)
    key = key_of(truth, (640, 360), (640, 360))
    point = np.array([100.0, 80.0, 1.0])  # Source pixel, y down
    there = truth @ point
    nuke = np.array([there[0] + 0.5, 360 - there[1] - 0.5])
    angle = np.radians(key.rotate)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = turn @ ((nuke - [320, 180]) * key.scale) + [320, 180] + np.array(key.translate)
    assert moved == pytest.approx([100.5, 360 - 80.5], abs=0.02)


def test_subtitles_and_logos_are_outside_the_crop(frames: list[Any]) -> None:
    for k, text in enumerate(
        (Overlay("WHERE IS SHE?"), Overlay("K9", "logo"), Overlay("LONDON, 1941", "top"))
    ):
        pair = known_pair(scene(frames[5 * k], W, H), W, H, seed=40 + k, overlay=text)
        a, b = side(pair.source), side(pair.reference)
        common = common_box(a, b, pair.matrix)
        box = around(common, overlays(a, b, pair.matrix), richness(b.picture))
        assert box is not None and pair.overlay is not None
        x, y, r, t = pair.overlay
        there = cv2.perspectiveTransform(
            np.array([[[x, y], [r, t]]], np.float64), np.linalg.inv(pair.matrix)
        )[0]
        (x0, y0), (x1, y1) = there[0] + 2, there[1] - 2
        assert not (box[0] < x1 and x0 < box[2] and box[1] < y1 and y0 < box[3]), text
        assert (box[2] - box[0]) * (box[3] - box[1]) > 0.5 * W * H


def test_no_lettering_is_seen_where_there_is_none(pairs: list[KnownPair]) -> None:
    pair = pairs[0]
    a, b = side(pair.source), side(pair.reference)
    box = common_box(a, b, pair.matrix)
    assert around(box, overlays(a, b, pair.matrix), richness(b.picture)) == box


def test_the_richer_part_is_kept() -> None:
    """Lettering in the middle: a colourful sliver below beats a larger grey sky above."""
    from chroma_recovery.pairs.lettering import Overlay as Found

    picture = np.full((100, 200, 3), 0.6, np.float32)
    picture[70:] = (0.9, 0.1, 0.1)
    kept = around((0, 0, 200, 100), [Found((0, 55, 200, 68), "Reference")], richness(picture))
    assert kept == (0, 68, 200, 100)


def test_boxes() -> None:
    mask = np.zeros((60, 80), bool)
    mask[10:50, 5:70] = True
    mask[10:20, 5:15] = False
    assert largest_box(mask) == (15, 10, 70, 50)
    assert nuke_box((10, 20, 90, 80), (100, 100), (400, 200)) == (40, 40, 360, 160)
    assert region_of((100, 50, 1100, 850), 0.1) == (200.0, 130.0, 1000.0, 770.0)


def test_borders_corners_and_bars_are_not_picture(frames: list[Any]) -> None:
    picture = frames[0].copy()
    picture[:, :30] = 0.0
    picture[-20:] = 0.8
    yy, xx = np.mgrid[0:H, 0:W]
    picture[(xx - 30) + yy < 24] = 0.0
    mask = live_mask([picture])
    assert not mask[:, :28].any() and not mask[-19:].any() and not mask[1, 32]
    assert mask[30:-25, 40:].mean() > 0.995


def test_the_right_moment_wins(frames: list[Any]) -> None:
    scan, look = FadedScan(FADES["strong"], W, H, seed=2), DvdReference()
    references = {n: side(look(frames[n])) for n in range(5, 8)}
    source = side(scan(frames[6], 6))
    start = align(source, references[5]).matrix
    cost = best_partner(source, references.items(), start)
    assert min(cost, key=lambda n: cost[n][0]) == 6


def test_an_alignment_apart_from_its_neighbours_is_named() -> None:
    usual = {n: similarity(W, H, shift=(5 + 0.3 * (n % 2), -3)) for n in range(5)}
    assert implausible(usual, (W, H)) == {}
    assert set(implausible({**usual, 9: similarity(W, H, shift=(14, -3))}, (W, H))) == {9}
