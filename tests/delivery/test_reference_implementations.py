"""Our manifests before the judges: ``ascmhl``, the reference implementation of ASC MHL v2.0, and ``bagit`` of
the Library of Congress."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from project_making import Project

from chroma_recovery.delivery import deliver, verify

needs_python = pytest.mark.skipif(sys.version_info < (3, 11), reason="ascmhl needs Python 3.11")


def judged(*words: object) -> tuple[int, str]:
    """Exit code and output of the reference implementation's command."""
    from ascmhl.cli.ascmhl import mhltool_cli
    from ascmhl.cli.ascmhl_debug import mhldebugtool_cli
    from click.testing import CliRunner

    tool: Any = mhldebugtool_cli if words[0] in ("verify", "xsd-schema-check") else mhltool_cli
    done = CliRunner().invoke(tool, [str(w) for w in words])
    return done.exit_code, done.output


@needs_python
def test_it_verifies_our_delivery(delivery: Path) -> None:
    for words in (("verify", delivery), ("verify", "-dh", delivery), ("diff", delivery), ("info", delivery)):
        code, said = judged(*words)
        assert code == 0, (words, said)


@needs_python
@pytest.mark.parametrize("name", ["xxh128", "xxh3", "md5", "sha1", "c4"])
def test_it_verifies_every_hash_format(finished: Project, tmp_path: Path, name: str) -> None:
    deliver(finished.scripts(), finished.out, tmp_path / "d", hash_name=name)
    assert judged("verify", tmp_path / "d")[0] == 0
    assert judged("verify", "-dh", tmp_path / "d")[0] == 0


def changed(delivery: Path) -> None:
    path = next((delivery / "masters").iterdir())
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def lost(delivery: Path) -> None:
    (delivery / "preset/sh010.yaml").unlink()


def added(delivery: Path) -> None:
    (delivery / "masters/new.exr").write_bytes(b"x")


def forged(delivery: Path) -> None:
    manifest = next((delivery / "ascmhl").glob("*.mhl"))
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('size="', 'size="1', 1), encoding="utf-8"
    )


def unlisted(delivery: Path) -> None:
    (delivery / "ascmhl/ascmhl_chain.xml").unlink()


def gone(delivery: Path) -> None:
    shutil.rmtree(delivery / "ascmhl")


FAULTS = {changed: 11, lost: 10, added: 21, gone: 30, forged: 31}


@needs_python
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_it_finds_what_we_find(delivery: Path, fault: Any) -> None:
    fault(delivery)
    assert verify(delivery).exit_code == FAULTS[fault]
    code, said = judged("verify", delivery)
    assert code == FAULTS[fault], said


def test_a_chain_file_that_is_gone(delivery: Path) -> None:
    unlisted(delivery)
    assert verify(delivery).word == "no manifest"


@needs_python
def test_we_verify_what_it_went_on_with(delivery: Path) -> None:
    """An archive that adds its own file in a second generation, with another hash."""
    (delivery / "archive note.txt").write_text("shelf 7")
    assert judged("create", "-h", "md5", delivery)[0] == 0
    found = verify(delivery)
    assert (found.word, len(list((delivery / "ascmhl").glob("000[12]_*.mhl")))) == ("whole", 2)
    (delivery / "archive note.txt").write_text("shelf 8")
    assert verify(delivery).changed == ("archive note.txt",)


@needs_python
def test_we_verify_a_history_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "card/a b").mkdir(parents=True)
    (tmp_path / "card/a b/é.mov").write_bytes(b"film")
    assert judged("create", "-h", "xxh64", "-h", "sha1", tmp_path / "card")[0] == 0
    assert verify(tmp_path / "card").word == "whole"


@needs_python
@pytest.mark.skipif(
    "ASCMHL_XSD" not in os.environ, reason="ASCMHL_XSD does not name the folder of the schema"
)
def test_the_schema_accepts_both_files(delivery: Path) -> None:
    folder = Path(os.environ["ASCMHL_XSD"])
    manifest = next((delivery / "ascmhl").glob("*.mhl"))
    code, said = judged("xsd-schema-check", "-xsd", folder / "ASCMHL.xsd", manifest)
    assert code == 0, said
    chain = delivery / "ascmhl/ascmhl_chain.xml"
    code, said = judged("xsd-schema-check", "-df", "-xsd", folder / "ASCMHLDirectory__combined.xsd", chain)
    assert code == 0, said


ORDER = {
    "hashlist": ["creatorinfo", "processinfo", "hashes"],
    "creatorinfo": ["creationdate", "hostname", "tool", "author", "author", "comment"],
    "processinfo": ["process", "roothash", "ignore"],
    "roothash": ["content", "structure"],
    "directoryhash": ["path", "content", "structure"],
    "hash": ["path", "xxh64"],
}
"""Children in the order that the schema of version 2.0 demands, as far as we write them."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\Z")


def test_the_manifest_has_the_shape_of_the_schema(delivery: Path) -> None:
    from xml.etree import ElementTree

    root = ElementTree.parse(next((delivery / "ascmhl").glob("*.mhl"))).getroot()  # noqa: S314 - our own
    assert root.attrib == {"version": "2.0"}
    seen = set()
    for element in root.iter():
        namespace, _, tag = element.tag.partition("}")
        assert namespace == "{urn:ASC:MHL:v2.0"
        if tag in ORDER:
            assert [child.tag.partition("}")[2] for child in element] == ORDER[tag], tag
            seen.add(tag)
        for key, value in element.attrib.items():
            assert key != "hashdate" or TIME.match(value)
            assert key != "lastmodificationdate" or TIME.match(value)
            assert key != "action" or value == "original"
    assert seen == set(ORDER)
    namespace = "{urn:ASC:MHL:v2.0}"
    assert root.findtext(f".//{namespace}process") == "transfer"
    assert TIME.match(root.findtext(f".//{namespace}creationdate") or "")


# -- BagIt


@pytest.fixture(scope="session")
def bagged_once(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("bags") / "bag 1"
    deliver(finished.scripts(), finished.out, to, bag=True)
    return to


@pytest.fixture
def bag(bagged_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bagged_once, tmp_path / "bag 1"))


def test_the_library_finds_the_bag_valid(bag: Path) -> None:
    import bagit

    found = bagit.Bag(str(bag))
    assert found.validate() and found.version == "1.0"
    assert found.info["Source-Organization"] == "Filmoteca"
    assert set(found.algorithms) == {"sha512"}
    assert {p.name for p in bag.iterdir()} == {
        "data",
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha512.txt",
    }
    assert verify(bag).word == "whole"


@pytest.mark.skipif(shutil.which("sha512sum") is None, reason="no sha512sum here")
def test_the_bag_is_checked_without_any_library(bag: Path) -> None:
    import subprocess

    done = subprocess.run(["sha512sum", "-c", "--quiet", "manifest-sha512.txt"], cwd=bag, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("fault", "code"), [(changed, 11), (lost, 10)])
def test_faults_in_a_bag(bag: Path, fault: Any, code: int) -> None:
    fault(bag / "data")
    found = verify(bag)
    assert found.exit_code == code and found.bag


def test_a_changed_tag_file_is_found(bag: Path) -> None:
    info = bag / "bag-info.txt"
    info.write_text(info.read_text().replace("Filmoteca", "Archivarx"))
    found = verify(bag)
    assert (found.exit_code, found.changed) == (11, ()) and "bag-info.txt" in str(found.bag)
