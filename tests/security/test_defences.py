"""The threat tests whose attack is not made twice within them: each fails once its defence is taken away."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from chroma_recovery import frames
from chroma_recovery.engine import decode_worker, decoder
from chroma_recovery.errors import ChromaRecoveryError

HERE = Path(__file__).parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")


def module(path: Path) -> ModuleType:
    """A file of tests, to call one of them."""
    spec = importlib.util.spec_from_file_location(f"weakened_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def notices(test: Callable[..., Any], *arguments: object) -> None:
    """The test fails, by its own assertion."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test(*arguments)


@POSIX
@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="no /proc")
@pytest.mark.parametrize("gone", ["environment", "memory", "time"])
def test_bounds_of_the_decoder(
    gone: str, tmp_path: Path, fresh: decoder._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = module(HERE / "test_decoder.py").test_a_decoder_is_bounded_and_knows_no_secrets
    if gone == "environment":
        monkeypatch.setattr(decoder, "KEPT", (*decoder.KEPT, "FARM_TOKEN"))
    else:
        name = {"memory": "_bounded", "time": "_more_time"}[gone]
        assert callable(getattr(decode_worker, name))
        weak = f"from chroma_recovery.engine import decode_worker as w; w.{name} = lambda: None; w.serve()"
        monkeypatch.setattr(decoder, "SERVE", weak)
    notices(test, tmp_path, fresh, monkeypatch)


def test_bounds_of_what_a_decoder_answers(
    tmp_path: Path, fresh: decoder._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that has been taken over and whose answer is taken for code instead of numbers."""
    tests = module(HERE / "test_decoder.py")

    def believed(said: dict[str, Any], pipe: object, path: Path) -> object:
        return said

    def loaded(line: bytes) -> object:
        return {"code": line}

    monkeypatch.setattr(decoder, "_image", believed)
    monkeypatch.setattr(decoder.json, "loads", loaded)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        tests.test_what_a_decoder_answers_is_never_executed(fresh, tmp_path, monkeypatch)


def test_the_length_of_frame_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is refused by the bound, not by chance; a little above a small bound, to stay small."""
    monkeypatch.setattr(frames, "MOST_FRAMES", 50)
    with pytest.raises(ChromaRecoveryError, match="CR802"):
        frames.parse_frames("1-51")
    monkeypatch.setattr(frames, "MOST_FRAMES", 1 << 62)
    assert len(frames.parse_frames("1-2000001")) == 2_000_001


def test_exported_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the refusal of .pt files a TorchScript would be handed on as a model."""
    from chroma_recovery.engine.learning import model_files

    monkeypatch.setattr(model_files, "model_file", lambda path, place: path)
    notices(module(HERE / "test_threats.py").test_foreign_models, tmp_path)


def test_floors_of_image_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = module(HERE / "test_threats.py")
    monkeypatch.setattr(
        tests.oiio, "get_string_attribute", lambda name: "openexr:OpenEXR 3.4.12;tiff:LIBTIFF Version 4.7.1"
    )
    notices(tests.test_image_libraries_have_no_known_holes)


@POSIX
def test_links_in_deliveries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file swapped for a link out of the delivery is noticed by that alone: its contents are the same."""
    from chroma_recovery.delivery import checking
    from chroma_recovery.delivery.hashes import hash_file

    (tmp_path / "outside").write_text("same")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.txt").symlink_to(tmp_path / "outside")
    digests = hash_file(tmp_path / "outside", ["xxh64"])
    history = SimpleNamespace(records={"a.txt": SimpleNamespace(path="a.txt", size=4, digests=digests)})
    monkeypatch.setattr(checking, "_extra", lambda root, history: ())

    def changed() -> tuple[str, ...]:
        return checking._compared(tmp_path / "d", history, None).changed  # type: ignore[arg-type]

    assert changed() == ("a.txt",)
    monkeypatch.setattr(checking, "_stays", lambda root, path: True)
    assert changed() == ()


def test_what_a_fuzzed_reader_may_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lets an error of Python's through is found by the fuzzing in the tests."""
    monkeypatch.syspath_prepend(str(HERE.parents[1] / "tools"))
    import fuzz

    from chroma_recovery.preset import text

    tests = module(HERE / "test_fuzz.py")
    monkeypatch.setattr(text, "decode", lambda data, name: data.decode("utf-8"))
    notices(tests.test_only_errors_of_ours_come_out_of_texts, fuzz, "preset")
