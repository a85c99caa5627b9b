"""From a frame back to what made it."""

from __future__ import annotations

import hashlib
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import OpenImageIO as oiio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project_making import Project

from chroma_recovery.delivery import Trace, trace
from chroma_recovery.delivery.exr_header import read_attributes
from chroma_recovery.errors import PathError

Command = Callable[..., tuple[int, dict[str, Any]]]


def states(found: Trace) -> dict[str, str]:
    return {c.what: c.state for c in found.clues}


def test_a_frame_in_a_delivery(delivery: Path) -> None:
    found = trace(delivery / "masters/sh010_v001_CopyCat40_0473.exr")
    assert states(found) == {
        "frame": "holds",
        "source": "not found",
        "model": "holds",
        "preset": "holds",
        "pairs": "found",
        "graph": "found",
    }
    assert found.header["ReferenceSource"] == "telecine. Tape [1] 100 %"
    said = {c.what: c.said for c in found.clues}
    assert said["source"].startswith("frame 473 of source.####.exr")
    assert said["pairs"] == "trained on 471-473; held out 474"
    assert found.not_found == ["source"] and Path(found.near) == delivery.resolve()


def test_a_frame_in_its_project(finished: Project, project: Project) -> None:
    scan = project.root / "plates/source.0472.exr"
    scan.parent.mkdir()
    scan.write_bytes(b"scan")
    found = trace(project.masters[1])
    assert states(found) | {"frame": "", "graph": ""} == {
        "frame": "",
        "source": "found",
        "model": "holds",
        "preset": "not found",
        "pairs": "found",
        "graph": "",
    }
    assert states(trace(project.masters[1], preset=project.preset))["preset"] == "holds"
    assert Path({c.what: c.found for c in found.clues}["source"]).resolve() == scan.resolve()


def test_a_frame_alone(finished: Project, tmp_path: Path, command: Command) -> None:
    frame = Path(shutil.copy(finished.masters[0], tmp_path / "found on a shelf.exr"))
    code, said = command("trace", frame)
    assert (code, said["near"], said["ok"]) == (0, "", True)
    assert said["not_found"] == ["source", "model", "preset", "pairs", "graph"]
    assert said["header"]["SourceFrame"] == "471" and len(said["header"]["ModelHash"]) == 64
    code, said = command("trace", frame, "--preset", finished.preset)
    assert (code, said["not_found"]) == (0, ["source", "model", "pairs", "graph"])


def other_model(delivery: Path) -> None:
    (delivery / "model/sh010_v001.40.safetensors").write_bytes(b"another")


def other_preset(delivery: Path) -> None:
    path = delivery / "preset/resolved.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"steps": 40', '"steps": 41'), encoding="utf-8")


def other_pixels(delivery: Path) -> None:
    path = delivery / "masters/sh010_v001_CopyCat40_0473.exr"
    path.write_bytes(path.read_bytes()[:-1] + b"\0\0")


@pytest.mark.parametrize(
    ("fault", "what"), [(other_model, "model"), (other_preset, "preset"), (other_pixels, "frame")]
)
def test_what_is_not_what_made_it(delivery: Path, command: Command, fault: Any, what: str) -> None:
    fault(delivery)
    code, said = command("trace", delivery / "masters/sh010_v001_CopyCat40_0473.exr")
    assert (code, said["ok"]) == (11, False)
    assert [c["what"] for c in said["clues"] if c["state"] == "differs"] == [what]


def test_what_people_read(delivery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from chroma_recovery.cli import main

    frame = delivery / "final/sh010_v001_CopyCat40_final_0474.exr"
    data = frame.read_bytes()
    frame.write_bytes(data.replace(b"Filmoteca", b"\x1b[31mevil"))
    assert main(["trace", str(frame)]) == 11  # the manifest tells that the header was rewritten
    said = capsys.readouterr().out
    assert "Institution: \\x1b[31mevil" in said and "\x1b" not in said
    assert "not found: source" in said


def test_a_nuke_that_did_not_evaluate_the_frame(finished: Project, tmp_path: Path) -> None:
    """The number in the name then stands in."""
    frame = tmp_path / "x_0472.exr"
    frame.write_bytes(rewritten(finished.masters[1].read_bytes(), b"SourceFrame", b"[frame]"))
    found = trace(frame)
    assert found.header["SourceFrame"] == "[frame]"
    assert {c.what: c.said for c in found.clues}["source"].startswith("frame 472 of ")


def test_a_model_that_was_not_known_yet(delivery: Path, tmp_path: Path) -> None:
    """As Nuke writes it from the scripts of ``build``: found by its name, proved by nothing."""
    frame = delivery / "masters/sh010_v001_CopyCat40_0471.exr"
    data = rewritten(frame.read_bytes(), b"ModelHash", b"not known when the script was built")
    frame.write_bytes(rewritten(data, b"ModelCheckpoint", b"sh010_v001.40.cat"))
    assert states(trace(frame))["model"] == "found"


def rewritten(data: bytes, name: bytes, value: bytes) -> bytes:
    """An EXR with another text in one attribute."""
    at = data.index(name + b"\0string\0") + len(name) + 8
    (size,) = struct.unpack_from("<i", data, at)
    return data[:at] + struct.pack("<i", len(value)) + value + data[at + 4 + size :]


def test_other_files_are_refused_by_name(tmp_path: Path, finished: Project, command: Command) -> None:
    spec = oiio.ImageSpec(4, 4, 3, "half")
    out = oiio.ImageOutput.create(str(tmp_path / "plain.exr"))
    assert out.open(str(tmp_path / "plain.exr"), spec) and out.close()
    (tmp_path / "text.exr").write_text("hello")
    (tmp_path / "half.exr").write_bytes(finished.masters[0].read_bytes()[:200])
    for name, code in (
        ("plain.exr", "CR659"),
        ("text.exr", "CR607"),
        ("half.exr", "CR607"),
        ("none.exr", "CR606"),
    ):
        exit_code, said = command("trace", tmp_path / name)
        assert (exit_code, said["problems"][0]["code"]) == (1, code), name


def test_attributes_are_those_that_openimageio_reads(finished: Project) -> None:
    found = read_attributes(finished.masters[0])
    theirs = {a.name: a.value for a in oiio.ImageInput.open(str(finished.masters[0])).spec().extra_attribs}
    texts = {k: v for k, v in theirs.items() if isinstance(v, str) and k in found}
    assert len(texts) > 15 and {k: found[k] for k in texts} == texts
    assert found["Restorationist"] == "A. Pérez"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 4000), at=st.integers(4, 3000), value=st.integers(0, 255))
def test_damaged_headers_are_read_or_refused(
    finished: Project, tmp_path: Path, cut: int, at: int, value: int
) -> None:
    data = bytearray(finished.masters[0].read_bytes()[: cut + 4])
    if at < len(data):
        data[at] = value
    (tmp_path / "x.exr").write_bytes(bytes(data))
    assert outcome(read_attributes, tmp_path / "x.exr") in ("read", "CR607")


def outcome(call: Callable[[Path], object], path: Path) -> str:
    try:
        call(path)
    except PathError as error:
        return error.problems[0].code
    return "read"


def test_a_header_of_gigabytes_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chroma_recovery.delivery import exr_header

    monkeypatch.setattr(exr_header, "MOST", 1 << 16)
    path = tmp_path / "x.exr"
    path.write_bytes(
        exr_header.MAGIC + b"\2\0\0\0" + b"a\0string\0" + struct.pack("<i", 1 << 30) + b"x" * (1 << 20)
    )
    with pytest.raises(PathError):
        read_attributes(path)


def test_the_hash_of_the_model_is_a_plain_sha256(delivery: Path) -> None:
    """So that it can be compared without us."""
    header = read_attributes(next((delivery / "masters").glob("*_0471.exr")))
    model = (delivery / "model" / header["ModelCheckpoint"]).read_bytes()
    assert hashlib.sha256(model).hexdigest() == header["ModelHash"]
