"""What is fuzzed: each reader of what strangers send, as a function of bytes that may raise only errors of ours.

Used by ``tools/fuzz.py`` (as long as you like) and by ``tests/security`` (a bounded number of seeded cases).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unicodedata import category

import attrs
import fuzz_native
import fuzz_seeds

from chroma_recovery.errors import ChromaRecoveryError

__all__ = ["TARGETS", "Finding", "Target", "attempt"]

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"CR[0-9]{3}\Z")


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

    scripts = assemble(fuzz_native.file("built/p.yaml", data), project=fuzz_native.folder() / "out")
    for path, text in scripts.texts.items():
        if path.endswith(".nk"):
            read(text, name=path)


def _project(data: bytes) -> None:
    from chroma_recovery.project.load import load_project

    load_project(fuzz_native.file("project.yaml", data), fuzz_native.folder() / "out")


def _shot_list(suffix: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        from chroma_recovery.project.load import load_project

        folder = f"list_{suffix}"
        fuzz_native.file(f"{folder}/list.{suffix}", data)
        project = fuzz_native.file(f"{folder}/project.yaml", fuzz_seeds.LISTED % suffix.encode())
        load_project(project, fuzz_native.folder() / "out")

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

    load_profile(str(fuzz_native.file("qc.yaml", data)))


def _manifest(data: bytes) -> None:
    from chroma_recovery.delivery.mhl_reader import _manifest

    list(_manifest(fuzz_native.file("0001_x.mhl", data)))


def _state(data: bytes) -> None:
    from chroma_recovery.project.state import read_state, save_state

    state, _ = read_state(path := fuzz_native.file("state/sh010.json", data))
    save_state(path, "sh010", state)


def _made() -> Iterator[Target]:
    yield Target(
        "preset", _preset, lambda: [fuzz_seeds.PRESET, *_shipped("presets/*.yaml")], fuzz_seeds.yaml_words()
    )
    yield Target("build", _built, lambda: [fuzz_seeds.PRESET], fuzz_seeds.yaml_words())
    yield Target("project", _project, lambda: [fuzz_seeds.PROJECT], fuzz_seeds.yaml_words())
    for suffix, seed in (
        ("csv", fuzz_seeds.CSV),
        ("edl", fuzz_seeds.EDL),
        ("otio", json.dumps(fuzz_seeds.TIMELINE, indent=1).encode()),
    ):
        words = (b"99:99:99:99", b"00:00:00;00", b'"', b";", b"-1", b"1e308", b"NaN", b"null", b"1000000000")
        yield Target(f"shots-{suffix}", _shot_list(suffix), lambda s=seed: [s], words)  # type: ignore[misc]
    yield Target("nk", _nk, lambda: [fuzz_seeds.NK], fuzz_seeds.NK_WORDS)
    frames = (b"1-10x2,20", b"plate.%04d.exr", b"a.####.exr", b"00:10:00;00")
    yield Target("frames", _frames, lambda: list(frames), (b"-", b"x", b",", b"9" * 9, b"%0", b"####"))
    yield Target(
        "qc-profile", _profile, lambda: [fuzz_seeds.PROFILE], (b"Q104: ", b"rules: ", b".inf", b"1e400")
    )
    yield Target(
        "manifest", _manifest, fuzz_seeds.manifests, (b"<!DOCTYPE a>", b"&lt;", b"<path>", b"../", b"</")
    )
    yield Target("state", _state, fuzz_seeds.states, (b"null", b"[]", b"1e999", b"NaN", b'"done"'))
    yield Target(
        "checkpoint",
        fuzz_native.checkpoint,
        lambda: list(fuzz_native.model()),
        fuzz_seeds.BINARY,
        text=False,
        native=True,
    )
    for suffix in ("exr", "dpx", "tif", "png", "jpg"):
        yield Target(
            suffix,
            fuzz_native.picture(suffix),
            lambda s=suffix: list(fuzz_native.pictures(s)),
            fuzz_seeds.BINARY,
            text=False,
            native=True,  # type: ignore[misc]
        )
    yield Target("mov", fuzz_native.movie_read, fuzz_native.movie, fuzz_seeds.BINARY, text=False, native=True)


def _shipped(pattern: str) -> list[bytes]:
    return [p.read_bytes() for p in sorted(ROOT.glob(pattern))]


TARGETS: dict[str, Target] = {target.name: target for target in _made()}
"""By name."""

if sys.platform == "win32":  # without a memory limit a lying header is a risk to the machine
    TARGETS = {name: t for name, t in TARGETS.items() if not t.native}
