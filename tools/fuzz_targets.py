"""What is fuzzed: each reader of what strangers send, as a function of bytes that may raise only errors of ours.

Used by ``tools/fuzz.py`` (as long as you like) and by ``tests/security`` (a bounded number of seeded cases).
"""

from __future__ import annotations

import json
import os
import re
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category

import attrs

from chroma_recovery.errors import ChromaRecoveryError

__all__ = ["TARGETS", "Finding", "Target", "attempt"]

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"CR[0-9]{3}\Z")

PRESET = b"""\
shot: sh010
source: {path: a/source.####.exr, first: 1, last: 100, format: {width: 64, height: 48}}
reference: {path: a/dvd.####.exr, first: 1, last: 100, kind: telecine, format: {width: 64, height: 48}}
pairs: [1, 20, {source: 40, reference: 41, note: "skin"}, 60, {source: 80, hold_out: true}]
crop: {box: [4, 4, 60, 44]}
training: {steps: 400, patch: 32}
output: {folder: pipeline}
"""
PROJECT = b"""\
project: film
fps: 24
shots:
  - {shot: sh010, source_in: "01:00:00:00", source_out: "01:00:04:00", record_in: 0, record_out: 96}
  - {shot: sh020, source_in: 100, source_out: 196, record_in: 96, record_out: 192, group: sc01}
groups:
  - {name: sc01, shots: ["sh02*"]}
source: {path: "scan/A001.#######.exr", count: source, zero: "01:00:00:00"}
reference: {path: telecine.####.exr, count: record, kind: telecine}
preset:
  source: {}
  crop: {box: [8, 6, 120, 66]}
"""
LISTED = b"""\
project: film
fps: 24
shot_list: list.%s
source: {path: "scan/A001.#######.exr", count: source}
reference: {path: telecine.####.exr, count: record, kind: telecine}
"""
CSV = b"""\
shot,source_in,source_out,record_in,record_out,pairs,training.steps
sh010,01:00:00:00,01:00:04:00,00:00:00:00,00:00:04:00,1 20/21 40!,400
"sh,020",100,196,96,192,,
"""
EDL = b"""\
TITLE: REEL 1
FCM: NON-DROP FRAME

001  A001     V     C        01:00:00:10 01:00:00:16 00:00:00:00 00:00:00:06
* FROM CLIP NAME: SH010.mov
002  A002     V     C        01:00:04:10 01:00:04:10 00:00:00:06 00:00:00:06
002  A001     V     D    004 01:00:08:10 01:00:08:20 00:00:00:06 00:00:00:16
* TO CLIP NAME: SH020.mov
M2   A001       012.0                01:00:08:10
"""
NK = rb"""#! /usr/bin/nuke
version 15.1 v4
Root { inputs 0 name "a b.nk" format "2048 1556 0 0 2048 1556 1 2K" addUserKnob {20 tab l Tab} }
add_layer {depth depth.Z}
Read { inputs 0 file "a/\\\[x].####.exr" first 1 last 10 name Read1 label "\[value file]" xpos -10 }
set N1 [stack 0]
Group { name Group1 addUserKnob {7 size l "Size of" R 0 10} size {{curve x1 0.5 L 2 t0.1}} }
 Input { inputs 0 name Input1 }
 Grade { white {1 2 3 {{parent.size i}}} black_clamp false name Grade1 }
 Output { name Output1 }
end_group
push $N1
push 0
Merge2 { inputs 2+1 operation over name Merge1 }
clone $N1 { xpos 1 }
ModifyMetaData { metadata { {set exr/owner "Film archive"} {remove key} } name M1 }
"""
PROFILE = b"name: archive\nrules:\n  Q104: 0.005\n  Q403: null\n"
TIMELINE = {
    "OTIO_SCHEMA": "Timeline.1",
    "global_start_time": None,
    "tracks": {
        "OTIO_SCHEMA": "Stack.1",
        "children": [
            {
                "OTIO_SCHEMA": "Track.1",
                "kind": "Video",
                "children": [
                    {
                        "OTIO_SCHEMA": "Clip.2",
                        "name": "sh010",
                        "source_range": {
                            "OTIO_SCHEMA": "TimeRange.1",
                            "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 100.0},
                            "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 48.0},
                        },
                        "effects": [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 0.5}],
                    }
                ],
            }
        ],
    },
}


@attrs.frozen
class Finding:
    """What went wrong with an input."""

    target: str
    data: bytes = attrs.field(repr=False)
    error: BaseException


@attrs.frozen
class Target:
    """read: takes bytes, may raise only ChromaRecoveryError. seeds: whole inputs. words: that mutations put in.
    text: whether inputs are text. native: whether bytes reach libraries that are not written in Python."""

    name: str
    read: Callable[[bytes], Any]
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...] = ()
    text: bool = True
    native: bool = False


def attempt(target: Target, data: bytes) -> Finding | None:
    """Read one input; what came out unless it is a result or a well-made error of ours."""
    try:
        target.read(data)
    except ChromaRecoveryError as error:
        try:
            for problem in error.problems:
                if not CODE.match(problem.code):
                    raise AssertionError(f"no code: {problem.code!r}")
                json.dumps(problem.as_json())
            if any(category(c) in ("Cc", "Cs", "Zl", "Zp") and c != "\n" for c in str(error)):
                raise AssertionError(f"control characters in the message: {str(error)!r}"[:300])
            str(error).encode()
        except (AssertionError, UnicodeError) as wrong:
            return Finding(target.name, data, wrong)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return Finding(target.name, data, error)
    return None


# -- files


@cache
def _folder() -> Path:
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a fixed name
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=base))


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


# -- texts


def _preset(data: bytes) -> None:
    from chroma_recovery.preset import loads
    from chroma_recovery.preset.resolved import resolved_text
    from chroma_recovery.preset.text import decode

    loaded = loads(decode(data, "p.yaml"), "p.yaml")
    loads(resolved_text(loaded), "resolved.yaml")


def _built(data: bytes) -> None:
    """A preset to scripts; whatever is built must be read back as the same graph."""
    from chroma_recovery.build import assemble
    from chroma_recovery.nk import read

    scripts = assemble(_file("built/p.yaml", data), project=_folder() / "out")
    for path, text in scripts.texts.items():
        if path.endswith(".nk"):
            read(text, name=path)


def _project(data: bytes) -> None:
    from chroma_recovery.project.load import load_project

    load_project(_file("project.yaml", data), _folder() / "out")


def _shot_list(suffix: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        from chroma_recovery.project.load import load_project

        folder = f"list_{suffix}"
        _file(f"{folder}/list.{suffix}", data)
        project = _file(f"{folder}/project.yaml", LISTED % suffix.encode())
        load_project(project, _folder() / "out")

    return read


def _nk(data: bytes) -> None:
    from chroma_recovery.graph.checks import check
    from chroma_recovery.nk import read, write

    graph = read(data.decode("utf-8", "surrogateescape"), name="a.nk")
    check(graph)
    again = write(graph)
    assert write(read(again, name="b.nk")) == again, "written and read again, it is another script"


def _frames(data: bytes) -> None:
    from chroma_recovery.frames import Pattern, format_frames, parse_frames
    from chroma_recovery.project.timecode import frames_at

    text = data.decode("utf-8", "surrogateescape")
    for call in (Pattern.parse, lambda t: frames_at(t, 29.97), parse_frames):
        try:
            found = call(text)
        except ChromaRecoveryError as error:
            str(error).encode()
            continue
        if isinstance(found, Pattern):
            found.regex().match(found.at(-7).rsplit("/", 1)[-1])
        elif isinstance(found, tuple) and len(found) < 1000:
            assert parse_frames(format_frames(found)) == tuple(sorted(found))


def _profile(data: bytes) -> None:
    from chroma_recovery.qc.profile import load_profile

    load_profile(str(_file("qc.yaml", data)))


def _manifest(data: bytes) -> None:
    from chroma_recovery.delivery.mhl_reader import _manifest

    list(_manifest(_file("0001_x.mhl", data)))


def _state(data: bytes) -> None:
    from chroma_recovery.project.state import read_state, save_state

    state, _ = read_state(path := _file("state/sh010.json", data))
    save_state(path, "sh010", state)


# -- models


@cache
def _model() -> tuple[bytes, bytes]:
    import torch

    from chroma_recovery.engine.learning.checkpoint import save_checkpoint
    from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork

    torch.set_num_threads(1)
    path = _folder() / "seed/m.safetensors"
    network = ChromaNetwork(Architecture(widths=(2,), cell=2, hidden=1, bands=0, linear=True))
    save_checkpoint(path, network, {"step": 1}, overwrite=True)
    return path.read_bytes(), path.with_suffix(".json").read_bytes()


def _checkpoint(data: bytes) -> None:
    from chroma_recovery.engine.learning.checkpoint import load_checkpoint

    tensors, facts = _model()
    path = _file("m.safetensors", data if data[:1] != b"{" else tensors)
    _file("m.json", data if data[:1] == b"{" else facts)
    load_checkpoint(path)


# -- pictures


@cache
def _pictures(suffix: str) -> tuple[bytes, ...]:
    import numpy as np
    import OpenImageIO as oiio

    kinds = {
        "exr": [(oiio.HALF, 3, {"compression": c}) for c in ("zip", "piz", "none", "dwaa:45", "b44", "pxr24")]
        + [(oiio.FLOAT, 5, {"compression": "rle"}), (oiio.HALF, 1, {"tiles": "1"})],
        "dpx": [(oiio.UINT16, 3, {"oiio:BitsPerSample": 10}), (oiio.UINT8, 3, {})],
        "tif": [(oiio.UINT16, 3, {"compression": c}) for c in ("zip", "lzw", "none", "packbits")]
        + [(oiio.FLOAT, 4, {"compression": "zip"})],
        "png": [(oiio.UINT8, 3, {}), (oiio.UINT16, 4, {})],
        "jpg": [(oiio.UINT8, 3, {})],
    }[suffix]
    made = []
    for number, (kind, channels, said) in enumerate(kinds):
        spec = oiio.ImageSpec(16, 12, channels, kind)
        for name, value in said.items():
            if name == "tiles":
                spec.tile_width = spec.tile_height = 8
            else:
                spec.attribute(name, value)
        if suffix == "exr":
            spec.x, spec.y, spec.full_x, spec.full_width, spec.full_height = -3, 2, 0, 20, 15
        path = _folder() / f"seed{number}.{suffix}"
        out = oiio.ImageOutput.create(str(path))
        pixels = np.random.default_rng(1).random((12, 16, channels), np.float32)
        assert out.open(str(path), spec) and out.write_image(pixels) and out.close()
        made.append(path.read_bytes())
    return tuple(made)


def _picture(suffix: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        from chroma_recovery.delivery.exr_header import read_attributes
        from chroma_recovery.engine.files import read_format, read_here
        from chroma_recovery.headers import picture_size

        path = _file(f"picture.{suffix}", data)
        for call in (picture_size, read_attributes, read_format, read_here):
            if call is read_attributes and suffix != "exr":
                continue
            try:
                found = call(path)
            except ChromaRecoveryError as error:
                for problem in error.problems:
                    assert CODE.match(problem.code)
                continue
            if call is read_here:
                image = found.image
                assert image.pixels.shape[:2] == (image.box.height, image.box.width)
                assert image.pixels.shape[2] == len(image.channels)
                assert abs(image.pixels).max(initial=0) < float("inf")

    return read


def _movie() -> list[bytes]:
    demo = ROOT / "src/chroma_recovery/demo"
    clip = next(p for p in sorted(demo.iterdir()) if p.suffix in (".mp4", ".mov", ".mkv"))
    return [clip.read_bytes()[: 1 << 18]]


def _movie_read(data: bytes) -> None:
    """A movie named as a sequence of frames: refused, or read by OpenImageIO."""
    from chroma_recovery.engine.files import read_here

    read_here(_file("clip.mov", data))


def _yaml_words() -> tuple[bytes, ...]:
    from chroma_recovery.preset.fields import walk

    names = {path.rsplit(".", 1)[-1].replace("[]", "") for path, _ in walk()}
    signs = (b"!!python/object:os.system", b"&a", b"*a", b"<<", b"---", b"? ", b"- ", b"[exec ls]", b"${x}")
    return (
        *(n.encode() + b": " for n in sorted(names)),
        *signs,
        b"1e999",
        b".nan",
        b"0x10",
        b"-0",
        b"|",
        b">",
    )


NK_WORDS = (
    b"{",
    b"}",
    b"\\",
    b"[",
    b"]",
    b'"',
    b"inputs ",
    b"push 0",
    b"clone ",
    b"end_group\n",
    b"addUserKnob {",
)
BINARY = (
    b"\0" * 8,
    b"\xff" * 8,
    struct.pack("<i", -1),
    struct.pack("<i", 1 << 30),
    struct.pack("<f", float("nan")),
)


def _made() -> Iterator[Target]:
    yield Target("preset", _preset, lambda: [PRESET, *_shipped("presets/*.yaml")], _yaml_words())
    yield Target("build", _built, lambda: [PRESET], _yaml_words())
    yield Target("project", _project, lambda: [PROJECT], _yaml_words())
    for suffix, seed in (("csv", CSV), ("edl", EDL), ("otio", json.dumps(TIMELINE, indent=1).encode())):
        words = (b"99:99:99:99", b"00:00:00;00", b'"', b";", b"-1", b"1e308", b"NaN", b"null", b"1000000000")
        yield Target(f"shots-{suffix}", _shot_list(suffix), lambda s=seed: [s], words)  # type: ignore[misc]
    yield Target("nk", _nk, lambda: [NK], NK_WORDS)
    frames = (b"1-10x2,20", b"plate.%04d.exr", b"a.####.exr", b"00:10:00;00")
    yield Target("frames", _frames, lambda: list(frames), (b"-", b"x", b",", b"9" * 9, b"%0", b"####"))
    yield Target("qc-profile", _profile, lambda: [PROFILE], (b"Q104: ", b"rules: ", b".inf", b"1e400"))
    yield Target("manifest", _manifest, _manifests, (b"<!DOCTYPE a>", b"&lt;", b"<path>", b"../", b"</"))
    yield Target("state", _state, _states, (b"null", b"[]", b"1e999", b"NaN", b'"done"'))
    yield Target("checkpoint", _checkpoint, lambda: list(_model()), BINARY, text=False, native=True)
    for suffix in ("exr", "dpx", "tif", "png", "jpg"):
        yield Target(
            suffix,
            _picture(suffix),
            lambda s=suffix: list(_pictures(s)),
            BINARY,
            text=False,
            native=True,  # type: ignore[misc]
        )
    yield Target("mov", _movie_read, _movie, BINARY, text=False, native=True)


def _shipped(pattern: str) -> list[bytes]:
    return [p.read_bytes() for p in sorted(ROOT.glob(pattern))]


def _manifests() -> list[bytes]:
    text = """<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo><creationdate>2026-01-01T00:00:00+00:00</creationdate><hostname>h</hostname>
  <tool version="1">chroma-recovery</tool></creatorinfo>
  <processinfo><process>in-place</process><ignore><pattern>.DS_Store</pattern></ignore></processinfo>
  <hashes><hash><path size="5">frames/a.0001.exr</path>
  <xxh128 action="original">0123456789abcdef0123456789abcdef</xxh128></hash></hashes>
</hashlist>
"""
    return [text.encode()]


def _states() -> list[bytes]:
    record = {
        "state": "done",
        "inputs": {"preset": "a" * 32},
        "outputs": {"a.exr": 5},
        "facts": {"loss": 0.1},
        "note": "",
        "seconds": 1.0,
        "ended": "",
    }
    said = {
        "chroma_recovery_state": 1,
        "unit": "sh010",
        "stages": {"build": record},
        "details": {"a": {"b": "c"}},
    }
    return [json.dumps(said, indent=1).encode()]


TARGETS: dict[str, Target] = {target.name: target for target in _made()}
"""By name."""

if sys.platform == "win32":  # without a memory limit a lying header is a risk to the machine
    TARGETS = {name: t for name, t in TARGETS.items() if not t.native}
