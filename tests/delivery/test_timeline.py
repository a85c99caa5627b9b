"""The review timeline of a delivery shows the delivered frames, and no path of the project it came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from project_making import COUNT, FIRST, Project

from chroma_recovery.delivery import deliver, verify
from chroma_recovery.delivery.timeline import delivered_timeline
from chroma_recovery.qc.results import Outlier
from chroma_recovery.qc.review_timeline import Layer, write_review_timeline

otio = pytest.importorskip("opentimelineio")


def with_timeline(project: Project) -> Path:
    frames = tuple(range(FIRST, FIRST + COUNT))
    masters = project.masters[0]
    final = project.pipeline / "05_validation/sh010/sh010_v001_CopyCat40_final_####.exr"
    layers = [
        Layer("Original", project.root / "plates/source.####.exr", frames),
        Layer("Final", final, frames),
        Layer("Recovered", masters.with_name(masters.name.replace(f"{FIRST:04d}", "####")), frames),
    ]
    return write_review_timeline(
        project.pipeline / "05_validation/sh010/sh010_v001_review.otio",
        layers,
        name="sh010",
        fps=24,
        outliers=[Outlier(FIRST + 1, "Q401", "flicker", 2.0, 0.7, "jumps")],
    )


def test_its_media_are_the_delivered_frames(project: Project, tmp_path: Path) -> None:
    made = with_timeline(project)
    to = tmp_path / "elsewhere" / "delivery"
    deliver(project.scripts(), project.out, to)
    file = to / "report" / made.name
    timeline = otio.adapters.read_from_file(str(file))
    original, final, recovered = (track[0] for track in timeline.tracks)
    for clip, folder in ((final, "final"), (recovered, "masters")):
        media = clip.media_reference
        assert media.target_url_base == f"../{folder}/"
        for n in range(media.number_of_images_in_sequence()):
            assert (file.parent / media.target_url_for_image_number(n)).is_file()
    assert original.media_reference.is_missing_reference
    assert original.media_reference.metadata["chroma_recovery"]["files"] == "source.####.exr"
    assert original.source_range.duration.value == COUNT
    assert recovered.markers[0].name == "Q401 flicker"
    text = file.read_text(encoding="utf-8")
    assert "pipeline" not in text and "plates" not in text and str(tmp_path) not in text
    assert verify(to).exit_code == 0


def test_a_timeline_that_is_none_is_delivered_as_it_is(project: Project, tmp_path: Path) -> None:
    broken = project.pipeline / "05_validation/sh010/sh010_v001_review.otio"
    for text in ("{", "[]", "[" * 5000 + "]" * 5000):
        broken.write_text(text)
        with pytest.raises(ValueError, match=r"."):
            delivered_timeline(broken, [])
    broken.write_text(json.dumps({"a": 1}))
    done = deliver(project.scripts(), project.out, tmp_path / "to")
    assert any("no timeline" in p.message for p in done.warnings)
    assert (tmp_path / "to/report" / broken.name).read_text() == '{"a": 1}'
