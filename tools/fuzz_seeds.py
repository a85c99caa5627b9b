"""What fuzzing begins with: one whole input of each kind, and words that mutations put in."""

from __future__ import annotations

import json
import struct

__all__ = [
    "BINARY",
    "CSV",
    "EDL",
    "LISTED",
    "NK",
    "NK_WORDS",
    "PRESET",
    "PROFILE",
    "PROJECT",
    "TIMELINE",
    "manifests",
    "states",
    "yaml_words",
]

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


def yaml_words() -> tuple[bytes, ...]:
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


def manifests() -> list[bytes]:
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


def states() -> list[bytes]:
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
