"""What a Write node says of its files: channels, colour space, compression, header."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ..paths import posix
from .call import Call, words
from .channels import selected
from .files import Written, write_exr
from .image import RGB, Image

__all__ = ["COMPRESSIONS", "EXR_KEYS", "Frame", "frame_of"]

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

OF_THE_FILE = words(
    "channels chromaticities chunkcount compression datawindow displaywindow lineorder name pixelaspectratio "
    "screenwindowcenter screenwindowwidth software tiles type version view"
)
"""Attributes that say how the file itself is made, which metadata never changes."""


@attrs.define(eq=False)
class Frame:
    """One evaluated frame and how its file shall be. image: in the working space, with the file's channels; None once
    it is written."""

    call: Call
    image: Image | None
    settings: dict[str, Any]
    header: dict[str, str]

    @property
    def nbytes(self) -> int:
        return self.image.nbytes if self.image is not None else 0

    def write(self, path: Path, *, overwrite: bool) -> Written:
        """Convert into the Write's colour space and write, once: the image is let go. See :func:`write_exr`."""
        given, self.image = self.image, None
        assert given is not None  # noqa: S101 - written once
        image, chromaticities = _converted(self.call, given)
        del given
        return write_exr(
            path,
            image,
            metadata=self.header,
            overwrite=overwrite,
            chromaticities=chromaticities,
            **self.settings,
        )


def frame_of(call: Call, metadata: Mapping[str, str]) -> Frame:
    """Evaluate a Write at a frame. metadata: provenance for the header. Raises UnsupportedNode (CR502) for settings
    that are not evaluated, before anything is computed, and what evaluation raises."""
    settings = _settings(call)
    image = call.evaluator.image(call.name, call.frame)
    chosen = selected(call.text("channels"), image.channels)
    if not chosen:
        call.refuse("channels", f"{call.text('channels')!r} names none of {', '.join(image.channels)}")
    header = {**_carried(image, call), **metadata, **_provenance(image, call)}
    return Frame(call, image.only(chosen), settings, header)


def _settings(call: Call) -> dict[str, Any]:
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
    return {"compression": compression, "half": half}


def _converted(call: Call, image: Image) -> tuple[Image, tuple[float, ...] | None]:
    if not any(c in image.channels for c in RGB) or (call.is_set("raw") and call.flag("raw")):
        return image, None
    colour = call.evaluator.colour
    if call.choice("transformType") == "display":
        shown = colour.display(image.rgb(), colour.working, call.choice("display"), call.choice("view"))
        return image.with_channels(RGB, shown), None
    named = call.choice("colorspace")
    target = colour.default_space("float") if named in ("default", "") else named
    rgb = image.select(RGB)
    converted = colour.convert(rgb, colour.working, target)
    return (image if converted is rgb else image.with_channels(RGB, converted)), colour.chromaticities(target)


def _carried(image: Image, call: Call) -> dict[str, str]:
    """The image's own facts, and as Nuke writes them the keys ``exr/NAME`` as NAME where the Write asks for them."""
    found = {k: v for k, v in image.metadata.items() if "/" not in k and k != "Software"}
    if call.choice("metadata") in EXR_KEYS:
        said = {k[4:]: v for k, v in image.metadata.items() if k.startswith("exr/")}
        found |= {k: v for k, v in said.items() if k.casefold() not in OF_THE_FILE and ":" not in k}
    return found


def _provenance(image: Image, call: Call) -> dict[str, str]:
    made = {"chroma_recovery:node": call.name, "chroma_recovery:frame": str(call.frame)}
    source = image.metadata.get("input/frame")
    return made if source is None else {**made, "chroma_recovery:source_frame": source}
