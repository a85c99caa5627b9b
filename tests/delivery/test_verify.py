"""Checking a delivery again, and manifests of people who mean no good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chroma_recovery.delivery import mhl_reader, verify
from chroma_recovery.delivery.copying import Copied
from chroma_recovery.delivery.hashes import hash_bytes, hash_file
from chroma_recovery.delivery.mhl import write_history
from chroma_recovery.errors import PathError

Command = Callable[..., tuple[int, dict[str, object]]]
HEAD = '<?xml version="1.0"?>\n<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>'
TAIL = "</hashes></hashlist>"


def forge(root: Path, manifest: str | bytes, name: str = "0001_x.mhl") -> Path:
    """A history of one manifest whose chain is right."""
    folder = root / "ascmhl"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "0001_x.mhl"
    path.write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    digest = hash_file(path, ["c4"])["c4"]
    (folder / "ascmhl_chain.xml").write_text(
        f'<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1"><path>{name}</path>'
        f"<c4>{digest}</c4></hashlist></ascmhldirectory>"
    )
    return root


def entry(path: str, digest: str = "0" * 16, more: str = "") -> str:
    return f"<hash><path{more}>{path}</path><xxh64>{digest}</xxh64></hash>"


def refused(root: Path) -> str:
    with pytest.raises(PathError) as caught:
        verify(root)
    assert len(caught.value.problems) == 1
    assert str(caught.value).isprintable()
    return caught.value.problems[0].code


def test_exit_codes_of_the_command(delivery: Path, command: Command, tmp_path: Path) -> None:
    code, said = command("verify", delivery)
    assert (code, said["verdict"], said["ok"]) == (0, "whole", True)
    (delivery / "new.txt").write_text("x")
    code, said = command("verify", delivery)
    assert (code, said["extra"]) == (21, ["new.txt"])
    (delivery / "README.txt").unlink()
    code, said = command("verify", delivery)
    assert (code, said["missing"]) == (10, ["README.txt"])
    (delivery / "DOCUMENTATION.txt").write_text("rewritten")
    code, said = command("verify", delivery)
    assert (code, said["changed"], said["missing"]) == (11, ["DOCUMENTATION.txt"], ["README.txt"])
    code, said = command("verify", tmp_path)
    assert (code, said["verdict"]) == (30, "no manifest")
    code, said = command("verify", tmp_path / "nothing")
    assert (code, said["problems"][0]["code"]) == (1, "CR606")  # type: ignore[index]


def test_what_people_read(delivery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from chroma_recovery.cli import main

    for number in range(30):
        (delivery / f"odd \x1b[31m {number:02}.txt").write_text("x")
    assert main(["verify", str(delivery)]) == 21
    said = capsys.readouterr().out
    assert "\x1b" not in said and "odd \\x1b[31m 00.txt" in said and "and 10 more" in said
    assert "every delivered file is as it was" in said


def test_a_file_swapped_for_a_link_has_changed(delivery: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes((delivery / "README.txt").read_bytes())
    (delivery / "README.txt").unlink()
    (delivery / "README.txt").symlink_to(outside)
    (delivery / "loop").symlink_to(delivery / "loop")
    (delivery / "way out").symlink_to(tmp_path)
    found = verify(delivery)
    assert found.changed == ("README.txt",) and found.extra == ("loop", "way out")


@pytest.mark.parametrize(
    "path",
    ["../secret", "a/../../secret", "/etc/passwd", "C:/secret", "..\\secret", "a\\..\\..\\b", "\\\\host\\x"],
)
def test_paths_that_leave_the_delivery(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("x")
    assert refused(forge(tmp_path / "d", HEAD + entry(path) + TAIL)) == "CR601"


@pytest.mark.parametrize("name", ["../0001_x.mhl", "/0001_x.mhl", "a/b.mhl", "..\\x.mhl", ""])
def test_a_chain_names_only_its_own_folder(tmp_path: Path, name: str) -> None:
    assert refused(forge(tmp_path / "d", HEAD + entry("a") + TAIL, name)) == "CR655"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
FETCH = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?>' + BOMB.replace('"&a0;', '"&a;') + "<hashlist>&a9;</hashlist>",
        '<?xml version="1.0"?>'
        + FETCH
        + "<hashlist><hashes><hash><path>&a;</path></hash></hashes></hashlist>",
        '<?xml version="1.0"?><!DOCTYPE hashlist SYSTEM "http://example.com/x.dtd"><hashlist/>',
        HEAD + "<a>" * 50 + "</a>" * 50 + TAIL,
        HEAD + entry("x" * 20000) + TAIL,
        HEAD + entry("a", "not a hash") + TAIL,
        HEAD + entry("a", more=' size="-1"') + TAIL,
        HEAD + entry("a", more=' size="99999999999999999999999"') + TAIL,
        HEAD + "<hash><path>a</path><sha3>00</sha3></hash>" + TAIL,
        HEAD + "<hash><xxh64>0000000000000000</xxh64></hash>" + TAIL,
        HEAD,
        "",
        "\0",
        '<?xml version="1.0" encoding="nonsense"?><a/>',
        "&undefined;",
    ],
    ids=range(15),
)
def test_hostile_manifests_are_refused_by_name(tmp_path: Path, text: str) -> None:
    assert refused(forge(tmp_path / "d", text)) == "CR655"


def test_a_manifest_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mhl_reader, "LARGEST", 4000)
    assert refused(forge(tmp_path / "d", HEAD + entry("a") * 100 + TAIL)) == "CR655"


def test_entries_that_failed_prove_nothing(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a").write_bytes(b"now")
    right, wrong = hash_bytes(b"now", "xxh64"), "0" * 16
    both = f'<hash><path>a</path><xxh64 action="failed">{wrong}</xxh64><xxh64 action="verified">{right}</xxh64></hash>'
    assert verify(forge(tmp_path / "d", HEAD + both + TAIL)).word == "whole"


def outcome(root: Path) -> str:
    """The verdict, or the code of the error."""
    try:
        return verify(root).word
    except PathError as error:
        return error.problems[0].code


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=400)
    | st.text(max_size=200).map(lambda t: (HEAD + entry(t) + TAIL).encode("utf-8", "replace"))
)
def test_any_manifest_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    root = forge(tmp_path / "d", data)
    assert outcome(root) in ("whole", "missing", "extra", "changed", "CR601", "CR655")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 6000), bit=st.integers(0, 7))
def test_a_flipped_bit_in_the_chain_is_never_whole_by_luck(
    delivered_once: Path, tmp_path: Path, at: int, bit: int
) -> None:
    """Of the chain's text: whatever a flip makes of it, the answer is a verdict or a named error."""
    chain = (delivered_once / "ascmhl/ascmhl_chain.xml").read_bytes()
    data = bytearray(chain)
    data[at % len(data)] ^= 1 << bit
    folder = tmp_path / "d/ascmhl"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (delivered_once / "ascmhl").glob("*.mhl"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "ascmhl_chain.xml").write_bytes(bytes(data))
    assert outcome(tmp_path / "d") in ("missing", "no manifest", "manifest changed", "CR601", "CR655")


def test_ten_thousand_frames(tmp_path: Path) -> None:
    """The manifest grows line by line with the frames, and reads back."""
    digests = {"xxh64": "0123456789abcdef"}
    sizes = {}
    for count in (1000, 10000):
        made = [Copied(f"masters/sh010_{n:06}.exr", 10**8, 1.7e9, digests) for n in range(count)]
        root = tmp_path / f"delivery {count:06}"
        manifest = write_history(root, made, "xxh64")
        history = mhl_reader.read_history(root)
        assert len(history.records) == count and history.records["masters/sh010_000999.exr"].size == 10**8
        sizes[count] = manifest.stat().st_size
    per_frame = (sizes[10000] - sizes[1000]) / 9000
    assert per_frame < 300 and abs(sizes[10000] - 10000 * per_frame) < 3000
