"""Making a delivery: what is in it, what refuses, what happens when it is stopped."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from project_making import Project, render

from chroma_recovery.delivery import copying, deliver, verify
from chroma_recovery.delivery.copying import JOURNAL
from chroma_recovery.errors import Cancelled, PathError


def codes(caught: pytest.ExceptionInfo[PathError]) -> list[str]:
    return [p.code for p in caught.value.problems]


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_the_tree(finished: Project, delivered_once: Path) -> None:
    found = files(delivered_once)
    for name in (
        "README.txt",
        "DOCUMENTATION.txt",
        "provenance.json",
        "masters/sh010_v001_CopyCat40_0471.exr",
        "final/sh010_v001_CopyCat40_final_0474.exr",
        "preset/sh010.yaml",
        "preset/extends/1_base look.yaml",
        "preset/resolved.json",
        "graphs/sh010.nk",
        "graphs/04_inference_render/sh010_render.nk",
        "model/sh010_v001.40.safetensors",
        "model/sh010_v001.40.json",
        "pairs/sh010_pairs.csv",
        "report/report.html",
        "report/report.json",
        "qc/02_alignment/sh010_02_alignment.jpg",
        "qc/01_dataset_curation/2026-11-22/sh010_pairs_001.jpg",
        "pairs/sh010_pair_table.yaml",
        "ascmhl/ascmhl_chain.xml",
    ):
        assert name in found, name
    assert not [n for n in found if ".part" in n or n.startswith(".")]
    for path in finished.masters:
        copy = delivered_once / "masters" / path.name
        assert copy.read_bytes() == path.read_bytes()
        assert abs(copy.stat().st_mtime - path.stat().st_mtime) < 1e-3


def test_what_it_says_of_itself(delivered_once: Path) -> None:
    text = (delivered_once / "README.txt").read_text(encoding="utf-8")
    for word in (
        "sh010",
        "Filmoteca",
        "A. Pérez",
        "Tape [1] 100 %",
        "frames 471-474",
        "ascmhl",
        "ACES2065-1",
    ):
        assert word in text, word
    assert "NOT IN THIS DELIVERY" not in text and max(map(len, text.splitlines())) <= 78
    told = (delivered_once / "DOCUMENTATION.txt").read_text(encoding="utf-8")
    assert "Reel 2 is darker" in told and "Assumptions\n-----------\nnot documented" in told
    said = json.loads((delivered_once / "provenance.json").read_text(encoding="utf-8"))
    assert said["digital_source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    resolved = (delivered_once / "preset/resolved.json").read_bytes()
    masters = said["sequences"]["masters"]
    assert masters["frames"] == "471-474" and masters["count"] == 4
    assert said["preset_sha256"] == hashlib.sha256(resolved).hexdigest() == masters["header"]["PresetHash"]
    assert masters["header"]["ReferenceSource"] == "telecine. Tape [1] 100 %"
    assert said["missing"] == []


@pytest.mark.parametrize("name", ["xxh64", "xxh128", "xxh3", "md5", "sha1", "c4"])
def test_every_hash_format(finished: Project, tmp_path: Path, name: str) -> None:
    made = deliver(finished.scripts(), finished.out, tmp_path / "d", hash_name=name)
    assert f"<{name} action=" in made.manifest.read_text(encoding="utf-8")
    assert verify(tmp_path / "d").word == "whole"


def test_nothing_that_exists_is_touched(finished: Project, tmp_path: Path, delivery: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    before = {n: (delivery / n).read_bytes() for n in files(delivery)}
    for to in (tmp_path / "full", delivery):
        with pytest.raises(PathError) as caught:
            deliver(finished.scripts(), finished.out, to)
        assert codes(caught) == ["CR602"]
    assert files(tmp_path / "full") == {"mine.txt"}
    assert {n: (delivery / n).read_bytes() for n in files(delivery)} == before


@pytest.mark.parametrize(
    "to", [".", "out", "out/pipeline/..", "out/pipeline", "out/pipeline/05_validation/sh010/d"]
)
def test_a_delivery_does_not_swallow_its_project(project: Project, to: str) -> None:
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, project.root / to)
    assert "CR653" in codes(caught)


def test_all_that_is_missing_is_named_at_once(project: Project, tmp_path: Path) -> None:
    project.masters[1].unlink()
    project.masters[-1].unlink()
    project.model.unlink()
    (project.pipeline / "05_validation/sh010/report.html").unlink()
    (project.pipeline / "02_alignment/sh010.nk").unlink()
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    text = str(caught.value)
    assert set(codes(caught)) == {"CR650"} and not (tmp_path / "d").exists()
    for word in ("frames 472,474", "model:", "report.html", "02_alignment/sh010.nk", "--partial"):
        assert word in text, word
    made = deliver(project.scripts(), project.out, tmp_path / "d", partial=True)
    assert {p.code for p in made.warnings} == {"CR650"}
    readme = (tmp_path / "d/README.txt").read_text(encoding="utf-8")
    assert "NOT IN THIS DELIVERY" in readme and "472" in readme
    said = json.loads((tmp_path / "d/provenance.json").read_text(encoding="utf-8"))
    assert len(said["missing"]) == len(caught.value.problems)
    assert verify(tmp_path / "d").word == "whole"


def test_frames_of_other_settings_are_no_masters(project: Project, tmp_path: Path) -> None:
    project.preset.write_text(project.preset.read_text(encoding="utf-8").replace("patch: 32", "patch: 64"))
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    assert codes(caught) == ["CR651", "CR651"] and "other settings" in str(caught.value)


def test_frames_of_another_model_are_no_masters(project: Project, tmp_path: Path) -> None:
    project.model.write_bytes(b"another")
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    assert codes(caught) == ["CR651", "CR651"] and "another model" in str(caught.value)


def test_one_frame_of_another_model_and_a_renamed_frame(project: Project, tmp_path: Path) -> None:
    _, second, third, fourth = project.masters
    data = second.read_bytes()
    said = hashlib.sha256(project.model.read_bytes()).hexdigest().encode()
    assert said in data
    second.write_bytes(data.replace(said, said[::-1]))
    third.write_bytes(fourth.read_bytes())
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    text = str(caught.value)
    assert "frames 472 have another ModelHash" in text and "frames 473 say that they are of another" in text


def test_frames_that_nuke_rendered_by_another_model_name(project: Project, tmp_path: Path) -> None:
    """``chroma-recovery render`` names its frames after the model that it found."""
    for path in (*project.masters, *(project.pipeline / "05_validation/sh010").glob("*.exr")):
        path.rename(path.with_name(path.name.replace("CopyCat40", "Training_1.40")))
    project.model.rename(project.model.with_name("Training_1.40.cat"))
    deliver(project.scripts(), project.out, tmp_path / "d")
    assert (tmp_path / "d/masters/sh010_v001_Training_1.40_0471.exr").is_file()
    assert (tmp_path / "d/model/Training_1.40.cat").is_file()


def test_frames_without_a_header_are_doubted_not_refused(project: Project, tmp_path: Path) -> None:
    scripts = project.scripts()
    for path in project.masters:
        path.unlink()
    render(project, scripts, "Write_recovered", "Header_final", {})
    for path in project.masters:
        path.write_bytes(path.read_bytes().replace(b"PresetHash", b"XresetHash"))
    made = deliver(scripts, project.out, tmp_path / "d")
    assert [p.code for p in made.warnings] == ["CR651"] and "says nothing of its making" in str(
        made.warnings[0]
    )


@pytest.mark.parametrize("name", ["a\nb.txt", "tab\t.txt", "CON.txt", "a:b", "end.", "x" * 252])
def test_names_that_not_every_archive_can_store(project: Project, tmp_path: Path, name: str) -> None:
    (project.pipeline / "05_validation/sh010" / name).write_text("x")
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    assert codes(caught) == ["CR653"] and str(caught.value).isprintable()
    assert not (tmp_path / "d").exists()


def test_names_that_differ_in_case_or_in_composition_only(project: Project, tmp_path: Path) -> None:
    for name in ("Note.txt", "note.txt", "é.txt", "e\u0301.txt"):
        (project.pipeline / "05_validation/sh010" / name).write_text(name)
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    assert codes(caught) == ["CR653", "CR653"]


def test_links_that_lead_out_are_not_followed(project: Project, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    project.masters[0].unlink()
    (project.pipeline / "04_inference_render/sh010/sh010_v001_CopyCat40_0471.exr").symlink_to(
        tmp_path / "secret.txt"
    )
    (project.pipeline / "05_validation/sh010/notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d", partial=True)
    assert codes(caught).count("CR653") == 2 and not (tmp_path / "d").exists()


def test_unicode_blanks_and_long_names_are_delivered(project: Project, tmp_path: Path) -> None:
    odd = ("ὁ δῆμος & 'x' [1] $a #2; 100 %.txt", "é" * 120 + ".txt", "映画" * 40, "a." + "b" * 200)
    for name in odd:
        (project.pipeline / "05_validation/sh010" / name).write_text(name, encoding="utf-8")
    deliver(project.scripts(), project.out, tmp_path / "d")
    assert {f"report/{n}" for n in odd} <= files(tmp_path / "d")
    assert verify(tmp_path / "d").word == "whole"
    with pytest.raises(PathError) as caught:  # tools do not agree on how a bag spells %
        deliver(project.scripts(), project.out, tmp_path / "b", bag=True)
    assert codes(caught) == ["CR653"]
    (project.pipeline / "05_validation/sh010" / odd[0]).unlink()
    deliver(project.scripts(), project.out, tmp_path / "b", bag=True)
    assert verify(tmp_path / "b").word == "whole"


# -- interruptions


def stopped_after(count: int) -> object:
    asked = iter(range(10**6))
    return lambda: next(asked) >= count


@pytest.mark.parametrize("bag", [False, True])
def test_a_stopped_copy_goes_on(
    finished: Project, tmp_path: Path, bag: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "d"
    root = to / "data" if bag else to
    for count in (0, 1, 7):
        with pytest.raises(Cancelled):
            deliver(finished.scripts(), finished.out, to, bag=bag, cancel=stopped_after(count))  # type: ignore[arg-type]
        assert len(files(root) - {JOURNAL}) == count and not (root / "ascmhl").exists()
    copied: list[str] = []
    real = copying._copy
    monkeypatch.setattr(
        copying, "_copy", lambda item, *more: (copied.append(item.target), real(item, *more))[1]
    )
    made = deliver(finished.scripts(), finished.out, to, bag=bag)
    assert len(copied) == made.files - 7
    assert JOURNAL not in files(to) and verify(to).word == "whole"


@pytest.mark.parametrize("where", ["fsync", "link", "utime"])
@pytest.mark.parametrize("nth", [1, 5, 9])
def test_no_half_file_ever_has_its_final_name(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, nth: int
) -> None:
    """The power goes at the nth call: what has a final name is whole, and the same command ends the work."""
    real, calls = getattr(os, where), iter(range(1, 10**6))

    class PowerCut(BaseException):
        pass

    def cut(*arguments: object, **more: object) -> object:
        if next(calls) == nth:
            raise PowerCut
        return real(*arguments, **more)

    to = tmp_path / "d"
    with monkeypatch.context() as patch:
        patch.setattr(os, where, cut)
        with pytest.raises(PowerCut):
            deliver(finished.scripts(), finished.out, to)
    for name in files(to):
        if name.startswith("masters/") and not Path(name).name.startswith("."):
            source = finished.pipeline / "04_inference_render/sh010" / Path(name).name
            assert (to / name).read_bytes() == source.read_bytes()
    assert not (to / "ascmhl").exists()
    deliver(finished.scripts(), finished.out, to)
    assert verify(to).word == "whole"


def test_a_full_disk(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command) -> None:  # type: ignore[no-untyped-def]
    words = ("deliver", finished.preset, "--out", finished.out, "--to", tmp_path / "d")
    calls = iter(range(10**6))

    def full(number: int) -> None:
        if next(calls) >= 4:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        code, said = command(*words)
    assert (code, said["problems"][0]["code"]) == (4, "CR603") and "No space left" in said["problems"][0][
        "message"
    ]
    assert len(files(tmp_path / "d") - {JOURNAL}) == 4
    assert command(*words)[0] == 0


def test_a_file_that_goes_meanwhile(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chroma_recovery.delivery import making

    real = making.collect

    def then_gone(*arguments: object) -> object:
        found = real(*arguments)  # type: ignore[arg-type]
        project.masters[2].unlink()
        return found

    monkeypatch.setattr(making, "collect", then_gone)
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, tmp_path / "d")
    assert codes(caught) == ["CR606"] and "0473.exr" in str(caught.value)


def test_a_killed_copy_leaves_scratch_and_a_torn_journal(finished: Project, tmp_path: Path) -> None:
    to = tmp_path / "d"
    with pytest.raises(Cancelled):
        deliver(finished.scripts(), finished.out, to, cancel=stopped_after(3))  # type: ignore[arg-type]
    (to / "masters/.sh010_v001_CopyCat40_0472.0a1b2c3d.part.exr").write_bytes(b"half")
    with (to / JOURNAL).open("a") as journal:
        journal.write('{"target": "mast')
    deliver(finished.scripts(), finished.out, to)
    assert not [n for n in files(to) if ".part" in n] and verify(to).word == "whole"


def test_stopped_between_manifest_and_end(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "d"
    with monkeypatch.context() as patch:
        patch.setattr("chroma_recovery.delivery.making.write_bag", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deliver(finished.scripts(), finished.out, to, bag=True)
    deliver(finished.scripts(), finished.out, to, bag=True)
    assert len(list((to / "data/ascmhl").iterdir())) == 2 and verify(to).word == "whole"


def test_a_source_that_changed_meanwhile_is_not_mixed_in(project: Project, tmp_path: Path) -> None:
    to = tmp_path / "d"
    with pytest.raises(Cancelled):
        deliver(project.scripts(), project.out, to, cancel=stopped_after(3))  # type: ignore[arg-type]
    old = (to / "masters" / project.masters[0].name).read_bytes()
    project.masters[0].write_bytes(old.replace(b"Filmoteca", b"Archivarx"))
    with pytest.raises(PathError) as caught:
        deliver(project.scripts(), project.out, to)
    assert codes(caught) == ["CR602"] and (to / "masters" / project.masters[0].name).read_bytes() == old


def test_a_copy_that_reads_back_otherwise_is_not_kept(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that stores something else: the file on it is read, not remembered."""
    real = copying._prove

    def rot(written: Path, *more: object) -> None:
        data = bytearray(written.read_bytes())
        data[-1] ^= 1
        written.write_bytes(bytes(data))
        real(written, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_prove", rot)
    with pytest.raises(PathError) as caught:
        deliver(finished.scripts(), finished.out, tmp_path / "d")
    assert codes(caught) == ["CR652"] and files(tmp_path / "d") == {JOURNAL}


def test_a_linked_folder_in_the_target_is_refused(finished: Project, tmp_path: Path) -> None:
    to = tmp_path / "d"
    with pytest.raises(Cancelled):
        deliver(finished.scripts(), finished.out, to, cancel=stopped_after(0))  # type: ignore[arg-type]
    (tmp_path / "elsewhere").mkdir()
    (to / "masters").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PathError) as caught:
        deliver(finished.scripts(), finished.out, to)
    assert codes(caught) == ["CR601"] and not files(tmp_path / "elsewhere")


def test_without_the_libraries_it_says_what_to_install(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name, more in (("xxhash", {}), ("bagit", {"bag": True})):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, name, None)
            with pytest.raises(PathError) as caught:
                deliver(finished.scripts(), finished.out, tmp_path / name, **more)  # type: ignore[arg-type]
        assert codes(caught) == ["CR658"] and "chroma-recovery[delivery]" in str(caught.value)
        assert not (tmp_path / name).exists()


def test_the_command(finished: Project, tmp_path: Path, command, project: Project) -> None:  # type: ignore[no-untyped-def]
    words = ("deliver", finished.preset, "--out", finished.out, "--to", tmp_path / "d")
    code, said = command(*words)
    assert (code, said["ok"], said["files"]) == (0, True, len(files(tmp_path / "d")) - 2)
    code, said = command(*words)
    assert code == 4 and said["problems"][0]["code"] == "CR602"
    project.model.unlink()
    code, said = command("deliver", project.preset, "--out", project.out, "--to", tmp_path / "e")
    assert code == 1 and [p["code"] for p in said["problems"]] == ["CR650"]
    code, said = command(
        "deliver", project.preset, "--out", project.out, "--to", tmp_path / "e", "--partial", "--bag"
    )
    assert code == 0 and (tmp_path / "e/data/README.txt").is_file()
