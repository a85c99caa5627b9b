"""The demo: a short real clip, faded on purpose, recovered by the whole job, and compared with the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from ..build import assemble, write_scripts
from ..engine.files import read_image
from ..engine.image import Box, Image
from ..frames import Pattern
from ..paths import posix, write_text
from ..qc.measures import ciede2000
from ..qc.pictures import sheet, write_jpeg
from ..qc.taps import with_luma_of
from ..recovery import Outcome, Recoverer, Tell
from .footage import Footage, write_footage

__all__ = ["DemoResult", "Row", "run_demo"]

COMPARED = 14
"""About how many frames, evenly spread, are compared with the truth."""

Frames = npt.NDArray[np.float32]

PRESET = """\
# The demo's preset, written by `chroma-recovery demo`. A real shot needs no more than this; presets/shot.yaml
# explains every field.
extends: shot
shot: demo

source:
  path: footage/source/source.####.exr
  first: {first}
  last: {last}
reference:
  path: footage/reference/reference.####.exr
  first: {first}
  last: {last}
  kind: dvd
  citation: "The clip before it was faded, at DVD size: cropped, compressed, blurred, moved."

# Begin, three middles, end; one more kept out of training.
pairs:
{pairs}

crop:
  box: {crop}
inference:
  crop: {crop}
  trial: 50

training:
  median: 3          # 10 is for film scans of 4K; this clip has 540 lines
  patch: 256
  batch: 4
  steps: {steps}
  checkpoint_every: 300
  engine:
    steps: {steps}

documentation:
  stock: "Digital clip, faded by chroma_recovery.demo.fade ({fade})"
  balance: "Per-channel density stretch and one tone curve over the whole clip"
"""


@attrs.frozen
class Row:
    """Error against the truth. mean, p95: CIEDE2000 at the Source's luma, so that only colour is judged, mean over
    frames of the mean and of the 95th percentile over pixels. as_rendered: mean CIEDE2000 with the picture's
    own luma."""

    name: str
    mean: float
    p95: float
    as_rendered: float


@attrs.frozen
class DemoResult:
    """rows: one per method. frames: number of frames compared, none of which is in a pair."""

    rows: tuple[Row, ...]
    frames: int
    outcome: Outcome
    picture: Path
    preset: Path

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "truth": [attrs.asdict(r) for r in self.rows],
            "frames": self.frames,
            "picture": posix(self.picture),
            "preset": posix(self.preset),
        }


def run_demo(
    out: Path,
    *,
    fade: str = "strong",
    steps: int = 900,
    overwrite: bool = False,
    tell: Callable[[str], Tell],
    note: Callable[[str], None],
) -> DemoResult:
    """Make the footage, build the scripts, train, render, measure. Everything is written below ``out``.

    Raises PathError (CR602) if an earlier demo is there and ``overwrite`` is false; errors of every stage as usual.
    """
    preset_file = out / "demo.yaml"
    note("making the footage: a real clip, faded, with a degraded and moved Reference")
    footage_tell = tell("footage")
    footage = write_footage(
        out / "footage",
        fade=fade,
        overwrite=overwrite,
        progress=lambda done, total: footage_tell(done, total, ""),
    )
    write_text(preset_file, preset_text(footage, fade, steps), overwrite=overwrite)
    scripts = assemble(preset_file, project=out)
    for warning in scripts.warnings:
        if warning.code != "CR142":  # the guide's number of steps is CopyCat's; this network needs far fewer
            note(f"warning: {warning}")
    job = Recoverer(scripts, out, overwrite=overwrite, tell=tell)
    write_scripts(scripts, out, overwrite=overwrite)
    outcome = job.go(("curation", "alignment", "training", "inference", "validation"))
    used = {p.source for p in scripts.loaded.preset.pairs}
    unseen = [f for f in job.frames if f not in used]
    comparison = Comparison(job, footage)
    compared = unseen[:: max(1, len(unseen) // COMPARED)]
    rows = comparison.rows(compared, tell("comparing"))
    shown = ("Source", "Reference", "Recovered")
    picture = write_jpeg(
        out / "before_reference_recovered.jpg",
        comparison.picture(unseen, shown, width=560),
        overwrite=overwrite,
    )
    everything = ("Source", "MatchGrade-like LUT", "Recovered", "Truth")
    write_jpeg(out / "compared.jpg", comparison.picture(unseen, everything, width=720), overwrite=overwrite)
    return DemoResult(rows, len(compared), outcome, picture, preset_file)


def preset_text(footage: Footage, fade: str, steps: int) -> str:
    """The demo's preset as YAML."""
    first, last = footage.first, footage.last
    frames = [round(first + (last - first) * share) for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    pairs = "\n".join(
        f"  - {{source: {f}, hold_out: true}}" if n == 2 else f"  - {f}" for n, f in enumerate(frames)
    )
    crop = "[" + ", ".join(str(v) for v in footage.picture_area) + "]"
    return PRESET.format(first=first, last=last, pairs=pairs, crop=crop, steps=steps, fade=fade)


class Comparison:
    """Rendered frames read back from disk against the truth, inside the live area."""

    def __init__(self, job: Recoverer, footage: Footage) -> None:
        self.job, self.footage = job, footage
        self.area = Box(*footage.picture_area)

    def rows(self, frames: list[int], tell: Tell) -> tuple[Row, ...]:
        """One row per method, over these frames, every second pixel of every second line."""
        found: dict[str, list[tuple[float, float, float]]] = {}
        for number, frame in enumerate(frames, start=1):
            tell(number, len(frames), "")
            pictures = {name: picture[::2, ::2] for name, picture in self.pictures(frame).items()}
            truth, source = pictures.pop("Truth"), pictures["Source"]
            aim = with_luma_of(truth, source)
            for name, picture in pictures.items():
                if name == "Reference":
                    continue
                error = ciede2000(with_luma_of(picture, source), aim)
                found.setdefault(name, []).append(
                    (
                        float(error.mean()),
                        float(np.percentile(error, 95)),
                        float(ciede2000(picture, truth).mean()),
                    )
                )
        return tuple(
            Row(name, *(float(v) for v in np.mean(values, axis=0))) for name, values in found.items()
        )

    def pictures(self, frame: int) -> dict[str, Frames]:
        """Display R'G'B' of one frame by name, all of the live area."""
        shown = {
            "Source": self._cropped(self._read(self.footage.source, frame)),
            "Reference": self._cropped(self._read(self.footage.reference, frame)),
            "Recovered": self._rendered(self.job.names.write, frame),
        }
        if self.job.names.write_matchgrade is not None:
            shown["MatchGrade-like LUT"] = self._rendered(self.job.names.write_matchgrade, frame)
        shown["Truth"] = self._cropped(self._read(self.footage.truth, frame))
        return shown

    @staticmethod
    def _read(pattern: Path, frame: int) -> Image:
        return read_image(Path(Pattern.parse(posix(pattern)).at(frame))).image

    def _cropped(self, image: Image) -> Frames:
        return image.crop_to(self.area).rgb()

    def _rendered(self, node: str, frame: int) -> Frames:
        evaluator = self.job.evaluator
        path = evaluator.path(node)
        image = self._read(path, frame)
        return evaluator.colour.convert(image.rgb(), "aces2065-1", "srgb-texture")

    def picture(self, frames: list[int], names: Sequence[str], *, width: int) -> npt.NDArray[np.uint8]:
        """Unseen frames, one per row, with the named pictures side by side."""
        chosen = sorted({frames[len(frames) // 6], frames[-len(frames) // 6]})
        rows = []
        for frame in chosen:
            shown = self.pictures(frame)
            rows.append(
                (f"frame {frame}, not trained on", {name: shown[name] for name in names if name in shown})
            )
        return sheet(rows, width=width)
