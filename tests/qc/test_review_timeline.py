"""The review timeline, read back by OpenTimelineIO."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

from chroma_recovery.errors import PathError
from chroma_recovery.qc.results import Outlier
from chroma_recovery.qc.review_timeline import Layer, write_review_timeline

OUTLIER = Outlier(480, "Q401", "dE_next", 1.4, 0.6, "Colour flickers. Add the frame as a pair.")


@pytest.fixture
def timeline(tmp_path: Path) -> otio.schema.Timeline:
    frames = tuple(range(471, 500))
    layers = [
        Layer("Original", tmp_path / "plates/scan_####.exr", frames),
        Layer("Baseline", tmp_path / "out/05/graded.%05d.exr", frames),
        Layer("Recovered", tmp_path / "out/04/sh010.####.exr", (*range(471, 485), *range(490, 500))),
        Layer("Missing", tmp_path / "none.####.exr", ()),
    ]
    made = write_review_timeline(
        tmp_path / "out/05/review.otio", layers, name="sh010", fps=23.976, outliers=[OUTLIER]
    )
    found = otio.adapters.read_from_file(str(made))
    assert isinstance(found, otio.schema.Timeline)
    return found


def test_tracks_lie_as_the_guide_stacks_them(timeline: otio.schema.Timeline) -> None:
    assert [t.name for t in timeline.tracks] == ["Original", "Baseline", "Recovered"]
    assert timeline.global_start_time == otio.opentime.RationalTime(471, 23.976)
    assert all(t.kind == otio.schema.TrackKind.Video for t in timeline.tracks)
    assert all(t.duration().value == 29 for t in timeline.tracks)


def test_pictures_are_sequences_with_relative_paths(timeline: otio.schema.Timeline, tmp_path: Path) -> None:
    original, baseline = (timeline.tracks[n][0].media_reference for n in (0, 1))
    assert isinstance(original, otio.schema.ImageSequenceReference)
    assert original.target_url_base == "../../plates/" and baseline.target_url_base == "./"
    assert original.target_url_for_image_number(2) == "../../plates/scan_0473.exr"
    assert baseline.target_url_for_image_number(0).endswith("graded.00471.exr")
    assert (original.rate, original.start_frame, original.frame_step) == (23.976, 471, 1)
    assert original.number_of_images_in_sequence() == 29
    assert str(tmp_path) not in otio.adapters.write_to_string(timeline)


def test_missing_frames_are_a_gap(timeline: otio.schema.Timeline) -> None:
    first, gap, second = timeline.tracks[2]
    assert isinstance(gap, otio.schema.Gap) and gap.duration().value == 5
    assert second.source_range.start_time.value == 490
    assert second.range_in_parent().start_time.value == 19 and first.duration().value == 14


def test_outliers_are_marked_on_the_recovered_clip(timeline: otio.schema.Timeline) -> None:
    marked = [
        (c, k) for t in timeline.tracks for c in t if isinstance(c, otio.schema.Clip) for k in c.markers
    ]
    ((clip, marker),) = marked
    assert clip.name.startswith("Recovered") and marker.marked_range.start_time.value == 480
    assert marker.comment == OUTLIER.reason and marker.name == "Q401 dE_next"
    assert marker.metadata["chroma_recovery"]["value"] == 1.4
    at = clip.transformed_time(marker.marked_range.start_time, timeline.tracks)
    assert at.value == 9  # frame 480 of a timeline that starts at 471


def test_a_timeline_is_not_replaced_unasked(tmp_path: Path) -> None:
    layers = [Layer("Recovered", tmp_path / "a.####.exr", (1, 2))]
    target = write_review_timeline(tmp_path / "r.otio", layers, name="a", fps=24)
    with pytest.raises(PathError):
        write_review_timeline(target, layers, name="a", fps=25)
