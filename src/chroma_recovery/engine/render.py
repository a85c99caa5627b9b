"""Renders a Write node to EXR files: colour conversion, windows, compression, provenance, resume, Source
protection."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import OpenImageIO as oiio

from ..errors import Cancelled, PathError, Problem
from ..frames import FrameRange, Pattern
from ..paths import posix
from .call import Call
from .channels import selected
from .evaluate import Evaluator
from .files import is_ours, write_exr
from .image import RGB, Image
from .nodes.read import read_pattern

__all__ = ["RenderReport", "protected", "render", "render_range"]

COMPRESSIONS = {
    "none": "none",
    "Zip (1 scanline)": "zips",
    "Zip (16 scanlines)": "zip",
    "PIZ Wavelet (32 scanlines)": "piz",
    "RLE": "rle",
    "B44": "b44",
    "B44A": "b44a",
    "DWAA": "dwaa",
    "DWAB": "dwab",
}
"""Nuke's names of the EXR compressions and OpenImageIO's."""

EXR_KEYS = frozenset({"default metadata and exr/*", "all metadata except input/*", "all metadata"})
"""Values of the Write's metadata knob that let keys ``exr/...`` into the file."""


@attrs.frozen
class RenderReport:
    """What was written. skipped: whole frames that were there already (resume). clipped: per frame, values
    beyond half's range that were set to its largest number. seconds: of the whole render."""

    node: str
    written: tuple[Path, ...]
    skipped: tuple[Path, ...]
    clipped: Mapping[int, int]
    seconds: float

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(sorted({*self.written, *self.skipped}))


def render_range(evaluator: Evaluator, write_node: str) -> FrameRange:
    """The frames that a Write renders: its own limits where ``use_limit`` is on, else its input's range."""
    call = evaluator.call(write_node, evaluator.root_range.first)
    if call.flag("use_limit"):
        return FrameRange(call.integer("first"), call.integer("last"))
    return evaluator.range(write_node)


def protected(evaluator: Evaluator, write_node: str) -> None:
    """Raise PathError (CR605) if the Write's folder is one that a Read takes its sequence from.

    A Read of exactly the Write's own files that does not feed the Write is the usual read-back, and allowed.
    """
    target = Pattern.parse(posix(evaluator.path(write_node)))
    folder = _folder(target)
    feeding = set(evaluator.graph.upstream([write_node]))
    problems = []
    for node in evaluator.graph.of_class("Read"):
        if evaluator.disabled(node.name, evaluator.root_range.first) or not evaluator.graph.knobs(
            node.name
        ).get("file"):
            continue
        pattern = read_pattern(evaluator.call(node.name, 1))
        if _folder(pattern) != folder:
            continue
        read_back = node.name not in feeding and Path(pattern.text).name == Path(target.text).name
        if not read_back and _is_sequence_folder_of(evaluator, node.name, write_node, pattern):
            problems.append(
                Problem(
                    "CR605",
                    f"{write_node}.file",
                    f"would write into {posix(folder)}, where {node.name} reads its pictures",
                    "choose another output folder; a Source is never written to",
                )
            )
    if problems:
        raise PathError(problems)


def _folder(pattern: Pattern) -> Path:
    return Path(os.path.realpath(Path(pattern.text).parent))


def _is_sequence_folder_of(evaluator: Evaluator, read: str, write: str, pattern: Pattern) -> bool:
    """False for a Read of what another Write of the same graph makes there (two stages sharing an output
    folder)."""
    others = [n.name for n in evaluator.graph.of_class("Write") if n.name != write]
    made = {Path(posix(evaluator.path(n))) for n in others if evaluator.graph.knobs(n).get("file")}
    return read in evaluator.graph.upstream([write]) or Path(pattern.text) not in made


def render(
    evaluator: Evaluator,
    write_node: str,
    frames: Iterable[int] | None = None,
    *,
    overwrite: bool = False,
    resume: bool = False,
    metadata: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> RenderReport:
    """Render frames of a Write node; None means its whole range, and ``use_limit`` drops frames outside its
    limits.

    resume: frames whose file is there, whole, and ours are skipped. overwrite: files that we wrote are
    replaced. metadata: provenance for every header (preset, graph hash, model hash ...). progress: told
    (done, of) after each frame. Raises what evaluation and ``write_exr`` raise, PathError CR605 (see
    :func:`protected`), UnsupportedNode for settings that are not evaluated, Cancelled (frames finished before
    are kept).
    """
    begun = time.monotonic()
    span = render_range(evaluator, write_node)
    wanted = list(span) if frames is None else list(dict.fromkeys(frames))
    if evaluator.call(write_node, span.first).flag("use_limit"):
        wanted = [f for f in wanted if f in span]
    pattern = Pattern.parse(posix(evaluator.path(write_node)))
    if len(wanted) > 1 and not pattern.is_sequence:
        evaluator.call(write_node, wanted[0]).refuse(
            "file", "names one file for several frames", "put #### into the name"
        )
    protected(evaluator, write_node)
    _check_folder(evaluator.call(write_node, span.first), Path(pattern.text).parent)
    written: list[Path] = []
    skipped: list[Path] = []
    clipped: dict[int, int] = {}
    for done, frame in enumerate(wanted):
        if cancel is not None and cancel():
            raise Cancelled(
                Problem("CR590", write_node, f"stopped by the user after {done} of {len(wanted)} frames")
            )
        path = Path(pattern.at(frame))
        if resume and _complete(path):
            skipped.append(path)
        else:
            call = evaluator.call(write_node, frame)
            image, settings = _encoded(call)
            header = {**_carried(image, call), **(metadata or {}), **_provenance(image, call)}
            made = write_exr(
                path, image, metadata=header, overwrite=overwrite or (resume and path.exists()), **settings
            )
            written.append(path)
            if made.clipped:
                clipped[frame] = made.clipped
        if progress is not None:
            progress(done + 1, len(wanted))
    return RenderReport(write_node, tuple(written), tuple(skipped), clipped, time.monotonic() - begun)


def _check_folder(call: Call, folder: Path) -> None:
    if not folder.is_dir() and not call.flag("create_directories"):
        raise PathError.at(
            "CR603",
            posix(folder),
            "does not exist, and the Write does not create directories",
            "switch create_directories on",
        )


def _complete(path: Path) -> bool:
    """Whether a frame is there, ours and whole (its last scanline can be read)."""
    if not path.is_file() or not is_ours(path):
        return False
    opened = oiio.ImageInput.open(str(path))
    if opened is None:
        return False
    spec = opened.spec()
    last = spec.y + spec.height
    rows = opened.read_scanlines(0, 0, last - 1, last, 0, 0, spec.nchannels, oiio.HALF)
    whole = rows is not None and not opened.geterror()
    opened.close()
    return bool(whole)


def _encoded(call: Call) -> tuple[Image, dict[str, Any]]:
    """The image in the Write's colour space with its channels, and the settings of the file."""
    if (
        call.choice("file_type") not in ("exr", "", " ")
        or Path(posix(call.evaluator.path(call.name))).suffix.casefold() != ".exr"
    ):
        call.refuse(
            "file_type",
            f"{call.choice('file_type') or 'this file type'} is not written",
            "use exr and a name that ends in .exr",
        )
    if call.is_set("views") and call.text("views").strip() != "main":
        call.refuse("views", "several views are not evaluated", "set it to main")
    if call.is_set("write_ACES_compliant_EXR") and call.flag("write_ACES_compliant_EXR"):
        call.refuse(
            "write_ACES_compliant_EXR",
            "the container flag allows no compression and is not written",
            "switch it off",
        )
    if call.is_set("autocrop") and call.flag("autocrop"):
        call.refuse("autocrop", "is not evaluated", "switch it off")
    image = call.evaluator.image(call.name, call.frame)
    chosen = selected(call.text("channels"), image.channels)
    if not chosen:
        call.refuse("channels", f"{call.text('channels')!r} names none of {', '.join(image.channels)}")
    image, chromaticities = _converted(call, image.only(chosen))
    compression = COMPRESSIONS.get(call.choice("compression"))
    if compression is None:
        call.refuse(
            "compression",
            f"unknown compression {call.text('compression')!r}",
            "known: " + ", ".join(COMPRESSIONS),
        )
    if compression.startswith("dwa"):
        compression = f"{compression}:{call.number('dw_compression_level'):g}"
    half = call.choice("datatype") != "32 bit float"
    return image, {"compression": compression, "half": half, "chromaticities": chromaticities}


def _converted(call: Call, image: Image) -> tuple[Image, tuple[float, ...] | None]:
    if not any(c in image.channels for c in RGB) or (call.is_set("raw") and call.flag("raw")):
        return image, None
    colour = call.evaluator.colour
    if call.choice("transformType") == "display":
        shown = colour.display(image.rgb(), colour.working, call.choice("display"), call.choice("view"))
        return image.with_channels(RGB, shown), None
    named = call.choice("colorspace")
    target = colour.default_space("float") if named in ("default", "") else named
    rgb = image.rgb()
    converted = colour.convert(rgb, colour.working, target)
    return (image if converted is rgb else image.with_channels(RGB, converted)), colour.chromaticities(target)


def _carried(image: Image, call: Call) -> dict[str, str]:
    """The image's own facts, and as Nuke writes them the keys ``exr/NAME`` as NAME where the Write asks for them."""
    found = {k: v for k, v in image.metadata.items() if "/" not in k and k != "Software"}
    if call.choice("metadata") in EXR_KEYS:
        found |= {k[4:]: v for k, v in image.metadata.items() if k.startswith("exr/") and k != "exr/Software"}
    return found


def _provenance(image: Image, call: Call) -> dict[str, str]:
    made = {"chroma_recovery:node": call.name, "chroma_recovery:frame": str(call.frame)}
    source = image.metadata.get("input/frame")
    return made if source is None else {**made, "chroma_recovery:source_frame": source}
