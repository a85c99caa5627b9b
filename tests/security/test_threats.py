"""One attack per threat of SECURITY.md. Each is tried twice: as things are, where it must fail, and with its defence
taken away, where it must get through; so a test that could not notice the defence missing fails itself.
"""

from __future__ import annotations

import ast
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
import yaml

from chroma_recovery import build, errors
from chroma_recovery.errors import ChromaRecoveryError, Problem
from chroma_recovery.preset import loads
from chroma_recovery.preset.fields import walk
from chroma_recovery.preset.model import Clip, Pair, Preset, Reference

ROOT = Path(__file__).parents[2]
Weaken = Callable[[pytest.MonkeyPatch], None]
TEXT = '}\nexec touch x\nNoOp {\n [exec touch y] [python {1}] $env(HOME) \\[exec z] "; exec w; "'
BASE = """\
shot: sh010
source: {path: a/source.####.exr, first: 1, last: 100}
reference: {path: a/dvd.####.exr, first: 1, last: 100}
pairs: [1, 20, 40, 60, 80]
"""


def refused(action: Callable[[], Any]) -> bool:
    try:
        action()
    except ChromaRecoveryError:
        return True
    return False


def stopped(attack: Callable[[], bool], weaken: Weaken) -> None:
    """The attack fails, and gets through once the defence is gone. attack: whether it got through."""
    assert not attack()
    with pytest.MonkeyPatch.context() as patch:
        weaken(patch)
        assert attack()


# -- Tcl in presets, at load and at evaluation


def hostile_preset() -> Preset:
    """Hostile text in every field that takes any text at all, pairs' notes included."""
    free = [
        (path, field)
        for path, field in walk()
        if field.kind == "str" and field.limits.get("form") == "prose" and "[]" not in path
    ]
    assert len(free) >= 8
    pairs = tuple(Pair(source=n, note=TEXT, hold_out=n == 80) for n in (1, 20, 40, 60, 80))
    sized = {
        "format": loads(
            BASE.replace("last: 100}", "last: 100, format: {width: 640, height: 480}}")
        ).preset.source.format
    }
    preset = Preset(
        shot="sh010",
        source=Clip("a/source.####.exr", 1, 100, **sized),
        reference=Reference("a/dvd.####.exr", 1, 100, **sized),
        pairs=pairs,
    )
    for path, _ in free:
        preset = build._replaced(preset, path.split("."), TEXT)
    return preset


def scripts_of(preset: Preset) -> list[str]:
    from chroma_recovery.headers import PictureSize
    from chroma_recovery.nk import write
    from chroma_recovery.stages import ProjectPaths
    from chroma_recovery.stages import build as build_graph

    size = PictureSize(640, 480)
    made = build_graph(preset, paths=ProjectPaths("a/source.####.exr", "a/dvd.####.exr", size, size))
    return [write(graph) for graph in made.files.values()]


def naive(text: str) -> str:
    return f'"{text}"'


def test_tcl_at_load(tcl: Any) -> None:
    """Text of a preset that closes the node and goes on with a command."""
    from chroma_recovery.nk import metadata, values

    def attack() -> bool:
        views = [tcl.run(text) for text in scripts_of(hostile_preset())]
        return any(view.attempted or view.errors for view in views)

    def weaken(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(values, "quote", naive)
        patch.setattr(metadata, "encoded", lambda text: text)

    stopped(attack, weaken)


def evaluated(tcl: Any, words: list[str]) -> bool:
    found = tcl.report("\n".join("again {" + w.encode().hex() + "}" for w in words))
    return any(row[0] == "attempted" for row in found)


def test_tcl_at_evaluation(tcl: Any) -> None:
    """Labels and files are substituted again by Nuke whenever they are looked at."""
    from chroma_recovery.graph.catalogue import catalogue
    from chroma_recovery.nk import values

    def attack() -> bool:
        words = []
        for text in scripts_of(hostile_preset()):
            for node in tcl.run(text).nodes.values():
                for knob, word in node.knobs.items():
                    spec = catalogue().knob(node.cls, knob)
                    if spec is not None and spec.evaluated:
                        words.append(word)
        assert sum("exec touch" in w for w in words) > 3
        return evaluated(tcl, [w for w in words if "exec" in w or "python" in w])

    stopped(attack, lambda patch: patch.setattr(values, "escape", lambda text: text))


def test_tcl_in_headers(tcl: Any) -> None:
    """Values of ModifyMetaData are evaluated too, however often."""
    from chroma_recovery.nk import metadata
    from chroma_recovery.nk.tcl import split_list

    def attack() -> bool:
        words = []
        for text in scripts_of(hostile_preset()):
            for node in tcl.run(text).nodes.values():
                if node.cls == "ModifyMetaData":
                    entries = [split_list(entry.text) for entry in split_list(node.knobs["metadata"])]
                    words += [e[2].text for e in entries if e[2].text != metadata.FRAME]
        assert any("touch" in w for w in words)
        return evaluated(tcl, words)

    stopped(attack, lambda patch: patch.setattr(metadata, "encoded", lambda t: re.sub(r'[{}"\\]', "", t)))


@pytest.mark.parametrize("path", ["[exec ls]/a.####.exr", "$HOME/a.exr", "`ls`/a.exr", "~/a.exr"])
@pytest.mark.parametrize("field", [p for p, f in walk() if f.limits.get("form") == "path" and "[]" not in p])
def test_tcl_in_paths(field: str, path: str) -> None:
    from chroma_recovery.preset import convert

    section, name = field.split(".")
    path = path.replace(".####", "") if section == "output" else path

    def attack() -> bool:
        text = BASE
        if section in ("source", "reference"):
            text = re.sub(rf"({section}: {{path: )[^,]+", lambda m: f'{m[1]}"{path}"', text)
        else:
            text += f'{section}: {{{name}: "{path}"}}\n'
        return not refused(lambda: loads(text))

    stopped(attack, lambda patch: patch.setattr(convert, "check_text", lambda text, form: None))


def test_every_text_of_the_model_is_closed_hostile_tested_or_a_path() -> None:
    """A new text field is one of these, or this test says that it needs a look."""
    for path, field in walk():
        if field.kind == "str":
            closed = any(k in field.limits for k in ("choices", "pattern"))
            assert closed or field.limits.get("form") in ("prose", "path") or path.startswith("colour."), path


def test_tcl_in_projects(tmp_path: Path) -> None:
    """Shot names, reels and notes of projects and shot lists go through the same fields."""
    from chroma_recovery.preset import convert
    from chroma_recovery.project.load import load_project

    rows = ["[exec x]", "-rf", "../up", "a b", "con", "x;y"]
    project = """\
project: film
fps: 24
shot_list: list.csv
source: {path: "scan/A001.#######.exr", count: source}
reference: {path: telecine.####.exr, count: record, kind: telecine}
"""
    (tmp_path / "p.yaml").write_text(project)

    def attack() -> bool:
        through = 0
        for name in rows:
            head = "shot,source_in,source_out,record_in,record_out\n"
            times = "01:00:00:00,01:00:04:00,00:00:00:00,00:00:04:00"
            (tmp_path / "list.csv").write_text(head + f'"{name}",{times}\n')
            through += not refused(lambda: load_project(tmp_path / "p.yaml", tmp_path / "out"))
        return through > 0

    def weaken(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(convert, "re", SimpleNamespace(**{**vars(re), "fullmatch": lambda p, t: True}))

    stopped(attack, weaken)


# -- code knobs


@pytest.mark.parametrize("knob", ["knobChanged", "onCreate", "beforeRender", "updateUI", "autolabel"])
def test_code_knobs_are_never_written(knob: str) -> None:
    from chroma_recovery.graph import Graph
    from chroma_recovery.nk import write, writer

    graph = Graph()
    graph.add("Write" if knob == "beforeRender" else "NoOp", "A", knobs={knob: "exec touch x"})

    def attack() -> bool:
        return not refused(lambda: write(graph))

    real = writer.spell

    def spell(value: Any, spec: Any, pipes: int = 1) -> str:
        return real(value, None if spec is not None and spec.kind == "code" else spec, pipes)

    stopped(attack, lambda patch: patch.setattr(writer, "spell", spell))


def test_code_knobs_in_scripts_are_found() -> None:
    """Code in a script that is read stays text, and ``check`` names it."""
    from chroma_recovery.graph import knob_checks
    from chroma_recovery.graph.checks import check
    from chroma_recovery.nk import read

    text = 'NoOp { knobChanged "import os" name A }\nWrite { beforeRender {exec x} file a.exr name W }\n'

    def attack() -> bool:
        return sum(p.code == "CR212" for p in check(read(text))) < 2

    real = knob_checks.check_knob

    def weaken(patch: pytest.MonkeyPatch) -> None:
        from chroma_recovery.graph import checks

        patch.setattr(checks, "check_knob", lambda *a: (p for p in real(*a) if p.code != "CR212"))

    stopped(attack, weaken)


def test_no_field_of_a_preset_is_a_knob() -> None:
    """A preset cannot name a knob: unknown keys are refused, code or not."""

    def attack() -> bool:
        return any(
            not refused(lambda k=knob, p=place: loads(BASE + f"{p}{{{k}: 'exec x'}}\n"))  # type: ignore[misc]
            for knob in ("knobChanged", "onCreate", "label", "file")
            for place in ("training: ", "output: ", "documentation: ")
        )

    def weaken(patch: pytest.MonkeyPatch) -> None:
        from chroma_recovery.preset.places import Findings

        real = Findings.add
        patch.setattr(
            Findings,
            "add",
            lambda self, code, *a, **k: None if code == "CR107" else real(self, code, *a, **k),
        )

    stopped(attack, weaken)


# -- YAML


@pytest.mark.parametrize(
    "text",
    [
        "documentation: {stock: !!python/object/apply:os.system ['touch x']}",
        "documentation: {stock: &a x, caveats: *a}",
        "training: &t {seed: 1}\ncrop:\n  <<: *t",
    ],
    ids=["tags", "aliases", "merge keys"],
)
def test_yaml_features(text: str) -> None:
    from chroma_recovery.preset import nodes

    def attack() -> bool:
        try:
            loads(BASE + text + "\n")
        except ChromaRecoveryError as error:
            return "CR104" not in [p.code for p in error.problems]
        return True

    stopped(attack, lambda patch: patch.setattr(nodes._Reader, "_refuse", lambda *a: None))


def test_no_yaml_is_loaded_in_another_way() -> None:
    """Nothing in the package makes objects from YAML, pickles, evals or starts a shell."""
    banned = {
        "eval", "exec", "compile", "os.system", "os.popen", "pickle.load", "pickle.loads", "torch.load", "yaml.load",
        "yaml.unsafe_load", "yaml.full_load", "marshal.loads", "shelve.open", "joblib.load", "subprocess.getoutput",
        "nuke.tcl", "nuke.executeInMainThread",
    }  # fmt: skip
    allowed = {("nuke_host", "nuke.executeInMainThread"), ("nuke_host", "nuke.tcl")}

    def calls(source: str) -> list[str]:
        found = []
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                shell = any(k.arg == "shell" and ast.unparse(k.value) != "False" for k in node.keywords)
                if name in banned or shell:
                    found.append(name)
                if name.endswith(("jit.load", "np.load")):
                    found.append(name)
        return found

    package = ROOT / "src/chroma_recovery"
    for file in sorted(package.rglob("*.py")):
        part = file.relative_to(package).parts[0]
        for name in calls(file.read_text(encoding="utf-8")):
            if part == "testing" or (part, name) in allowed:
                continue  # the stand-in for Nuke is for tests only
            if name == "torch.jit.load" and file.name == "export.py":
                continue  # bytes that the same function has just made
            raise AssertionError(f"{file.name} calls {name}")
    assert calls("import os\nos.system('x')\nsubprocess.run('x', shell=True)\neval('1')") == [
        "os.system", "subprocess.run", "eval",
    ]  # fmt: skip
    assert yaml.safe_load("a: 1") == {"a": 1}


# -- models


class Payload:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


def test_pickled_models(tmp_path: Path) -> None:
    from chroma_recovery.engine.learning import checkpoint
    from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork

    path, mark = tmp_path / "m.safetensors", tmp_path / "ran"
    network = ChromaNetwork(Architecture(widths=(2,), cell=2, hidden=1, bands=0, linear=True))
    checkpoint.save_checkpoint(path, network, {})
    path.write_bytes(pickle.dumps(Payload(mark)))

    def attack() -> bool:
        refused(lambda: checkpoint.load_checkpoint(path))
        return mark.exists()

    def weaken(patch: pytest.MonkeyPatch) -> None:
        def opened(file: Path, framework: str) -> Any:
            pickle.loads(Path(file).read_bytes())
            raise OSError("no file")

        patch.setattr(checkpoint, "safe_open", opened)

    stopped(attack, weaken)


def test_foreign_models(tmp_path: Path) -> None:
    """A TorchScript file or a model of Nuke's is never run by the engine, and a stand-in beside it must be the right
    one by its hash."""
    from chroma_recovery.engine.learning import model_files

    (tmp_path / "m.pt").write_bytes(b"PK")
    (tmp_path / "m.cat").write_bytes(b"model")
    (tmp_path / "other.safetensors").write_bytes(b"another checkpoint than the one exported")
    record = {"checkpoint": {"other.safetensors": "0" * 64}}
    (tmp_path / "m_export.json").write_text(json.dumps(record))
    assert refused(lambda: model_files.model_file(tmp_path / "m.pt", "I.modelFile"))

    def attack() -> bool:
        return not refused(lambda: model_files.model_file(tmp_path / "m.cat", "I.modelFile"))

    digest = SimpleNamespace(sha256=lambda data: SimpleNamespace(hexdigest=lambda: "0" * 64))
    stopped(attack, lambda patch: patch.setattr(model_files, "hashlib", digest))


def test_foreign_models_need_a_word_of_trust(tmp_path: Path) -> None:
    """A ``.cat`` is a program to Nuke: from elsewhere only with its SHA-256, and no other file in its place."""
    from chroma_recovery.preset import trust

    project = tmp_path / "project"
    (project / "pipeline").mkdir(parents=True)
    model, own = tmp_path / "models/m.cat", project / "pipeline/own.cat"
    model.parent.mkdir()
    model.write_bytes(b"a program")
    own.write_bytes(b"ours")
    (project / "link.cat").symlink_to(model)
    digest = trust.file_sha256(model)
    text = BASE.replace("last: 100}", "last: 100, format: {width: 640, height: 480}}")

    def built(path: str, said: str = "", field: str = "inference: {model") -> list[str]:
        more = f"_sha256: {said}" if said else ""
        fields = f"{field}: {path}" + (f", {field.partition('{')[2]}{more}" if said else "")
        fields += ", initial_weights: Checkpoint}" if "training" in field else "}"
        (tmp_path / "p.yaml").write_text(text + fields + "\n")
        try:
            build.assemble(tmp_path / "p.yaml", project=project)
        except ChromaRecoveryError as error:
            return [p.code for p in error.problems]
        return []

    assert built("pipeline/own.cat") == [] and built(f'"{own.as_posix()}"') == []
    for field in ("inference: {model", "training: {checkpoint"):
        for path in ("../models/m.cat", f'"{model.as_posix()}"', "link.cat", "../models/none.CAT"):
            assert built(path, field=field) == ["CR196"], path
        assert built("../models/m.cat", digest, field) == []
    assert built("../models/m.safetensors") == []  # numbers only
    model.write_bytes(b"another program")
    assert built("../models/m.cat", digest) == ["CR195"]
    assert built("pipeline/own.cat", digest) == ["CR195"]

    def attack() -> bool:
        return not built("../models/m.cat") or not built("../models/m.cat", digest)

    stopped(attack, lambda patch: patch.setattr(build, "untrusted_models", lambda *a: ()))


# -- paths


@pytest.mark.parametrize(
    "path", ["../out.nk", "/tmp/out.nk", "a/../../out.nk", "link/out.nk", "C:/out.nk", "..\\out.nk"]
)
def test_scripts_stay_in_their_folder(tmp_path: Path, path: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (root / "link").symlink_to(tmp_path / "elsewhere")

    def attack() -> bool:
        scripts: Any = SimpleNamespace(texts={path: "x"})
        return not refused(lambda: build.write_scripts(scripts, root))

    def weaken(patch: pytest.MonkeyPatch) -> None:
        # harmless places instead of the real ones: what counts is that nothing refuses any more
        patch.setattr(
            build,
            "contained",
            lambda base, name: tmp_path / "harmless" / name.strip("./\\").replace("/", "_"),
        )

    stopped(attack, weaken)


def test_a_source_folder_is_never_written_to(tmp_path: Path) -> None:
    from chroma_recovery.engine import render
    from chroma_recovery.engine.evaluate import Evaluator
    from chroma_recovery.graph import Graph

    out = oiio.ImageOutput.create("a.exr")
    assert out.open(str(tmp_path / "p.0001.exr"), oiio.ImageSpec(8, 6, 3, "half"))
    assert out.write_image(np.zeros((6, 8, 3), np.float32)) and out.close()
    graph = Graph()
    graph.root.update(format="8 6 0 0 8 6 1 x", first_frame=1, last_frame=1)
    read = graph.add(
        "Read",
        "Read1",
        knobs={"file": (tmp_path / "p.####.exr").as_posix(), "first": 1, "last": 1, "raw": True},
    )
    knobs = {
        "file": (tmp_path / "out.####.exr").as_posix(),
        "file_type": "exr",
        "channels": "rgb",
        "raw": True,
    }
    graph.add("Write", "Write1", inputs=[read], knobs=knobs)

    def attack() -> bool:
        return not refused(lambda: render.render(Evaluator(graph, project=tmp_path), "Write1", [1]))

    stopped(attack, lambda patch: patch.setattr(render, "protected", lambda *a: None))


def test_releases_unpack_below_their_folder(tmp_path: Path) -> None:
    from chroma_recovery.package import release

    names = iter(range(99))

    def attack() -> bool:
        target = tmp_path / f"{next(names)}.zip"
        for name in ("../evil.py", "/evil.py", "a\\..\\evil.py", "C:evil.py"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(release, "entries", lambda python, n=name: {n: b"x"})
                if not refused(lambda: release.build_release(target, (3, 11), overwrite=True)):
                    assert zipfile.ZipFile(target).namelist()
                    return True
        return False

    stopped(attack, lambda patch: patch.setattr(release, "_safe", lambda name: name))


MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes><hash><path>{path}</path>
<xxh64>0000000000000000</xxh64></hash></hashes></hashlist>
"""


def history(root: Path, text: str) -> Path:
    from chroma_recovery.delivery.hashes import hash_file

    folder = root / "ascmhl"
    folder.mkdir(parents=True)
    manifest = folder / "0001_x.mhl"
    manifest.write_text(text)
    chain = '<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist>'
    chain += "<path>0001_x.mhl</path><c4>{}</c4></hashlist>"
    (folder / "ascmhl_chain.xml").write_text(
        chain.format(hash_file(manifest, ["c4"])["c4"]) + "</ascmhldirectory>"
    )
    return root


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "..\\secret"])
def test_manifests_name_files_of_their_delivery(tmp_path: Path, path: str) -> None:
    from chroma_recovery.delivery import mhl_reader

    root = history(tmp_path / "d", MANIFEST.format(doctype="", path=path))

    def attack() -> bool:
        return not refused(lambda: mhl_reader.read_history(root))

    stopped(attack, lambda patch: patch.setattr(mhl_reader, "_inside", lambda *a: None))


def test_entities_in_manifests(tmp_path: Path) -> None:
    from chroma_recovery.delivery import mhl_reader

    bomb = '<!DOCTYPE h [<!ENTITY a "lolololol"><!ENTITY b "&a;&a;&a;&a;">]>'
    root = history(tmp_path / "d", MANIFEST.format(doctype=bomb, path="&b;"))

    def attack() -> bool:
        return not refused(lambda: mhl_reader.read_history(root))

    def weaken(patch: pytest.MonkeyPatch) -> None:
        class Unguarded:
            def __init__(self, *a: Any, **k: Any) -> None:
                object.__setattr__(self, "real", mhl_reader_expat.ParserCreate(*a, **k))

            def __getattr__(self, name: str) -> Any:
                return getattr(self.real, name)

            def __setattr__(self, name: str, value: Any) -> None:
                if name not in ("StartDoctypeDeclHandler", "EntityDeclHandler"):
                    setattr(self.real, name, value)

        mhl_reader_expat = mhl_reader.expat
        fake = SimpleNamespace(ParserCreate=Unguarded, ExpatError=mhl_reader_expat.ExpatError)
        patch.setattr(mhl_reader, "expat", fake)

    stopped(attack, weaken)


# -- reports


def test_html_in_reports(tmp_path: Path) -> None:
    from chroma_recovery.qc import page
    from chroma_recovery.qc.report import Report
    from chroma_recovery.qc.results import Measure, ShotMeasures
    from chroma_recovery.qc.verdict import verdict_of

    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    measured = ShotMeasures((Measure(nasty, 1.0, nasty, nasty, False, nasty, "Q101"),), profile=nasty)
    report = Report(
        nasty, verdict_of(nasty, measured), measured, about=nasty, citation=nasty, settings={nasty: nasty}
    )

    def attack() -> bool:
        text = page.page(report)
        return "<script>alert" in text or "<img src=x" in text

    stopped(attack, lambda patch: patch.setattr(page, "select_autoescape", lambda **k: False))


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1+cmd", "-1+cmd", "@SUM(1)", "\t=1", "\r=1", "\n=1"])
def test_formulas_in_tables(formula: str) -> None:
    pair = SimpleNamespace(
        number=1, hold_out=False, pair=SimpleNamespace(source=1, reference_frame=1, note=formula)
    )
    clip = SimpleNamespace(fps=24.0)
    plan: Any = SimpleNamespace(pairs=(pair,), preset=SimpleNamespace(source=clip, reference=clip))

    def attack() -> bool:
        import csv
        import io

        return list(csv.reader(io.StringIO(build.pair_table(plan), newline="")))[1][-1][:1] != "'"

    stopped(attack, lambda patch: patch.setattr(build, "plain_cell", lambda text: text))


def test_terminal_escapes_in_messages() -> None:
    """What a file name or a library says is shown, not obeyed."""

    def attack() -> bool:
        return "\x1b" in str(Problem("CR101", "\x1b]0;owned\x07", "\x1b[2J", "\x9b1m"))

    stopped(attack, lambda patch: patch.setattr(errors, "_UNFIT", re.compile("(?!)")))


# -- argv and environment


def test_words_that_look_like_options(tmp_path: Path) -> None:
    """No name that a stranger chooses begins with '-', so none becomes an option of Nuke or of a farm task."""
    from chroma_recovery.preset import convert

    def attack() -> bool:
        texts = [BASE.replace("sh010", "-rf"), BASE.replace("sh010", "--python")]
        return any(not refused(lambda t=text: loads(t)) for text in texts)  # type: ignore[misc]

    def weaken(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(convert, "re", SimpleNamespace(**{**vars(re), "fullmatch": lambda p, t: True}))

    stopped(attack, weaken)
    from chroma_recovery.frames import parse_frames
    from chroma_recovery.nuke_host.drive import execute_command

    for text in ("1 -t evil.py", "--nukex", "1;ls", "$(ls)", "1\n2 x", "-F"):
        assert refused(lambda t=text: parse_frames(t))  # type: ignore[misc]
    words = execute_command(Path("nuke"), "Write1", tmp_path / "a b;c.nk", parse_frames("1-3,7"))
    assert words[1:-1] == ["-X", "Write1", "-F", "1-3", "-F", "7"]
    assert words[-1].startswith("/") or words[-1][1:2] == ":"


def test_secrets_stay_out_of_jobs() -> None:
    from chroma_recovery.farm import switches

    held = {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "FTP_PASSWORD": "y", "PYTHONPATH": "/evil"}

    def attack() -> bool:
        found = switches.environment_for((), held)
        return bool({"AWS_SECRET_ACCESS_KEY", "FTP_PASSWORD", "PYTHONPATH"} & set(found))

    stopped(attack, lambda patch: patch.setattr(switches, "SYSTEM", frozenset(held)))


# -- pictures


def test_lying_headers(tmp_path: Path) -> None:
    from chroma_recovery.engine import opening

    path = tmp_path / "a.exr"
    spec = oiio.ImageSpec(8, 6, 3, "half")
    spec.full_width, spec.full_height = 200_000, 200_000
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec) and out.write_image(np.zeros((6, 8, 3), np.float32)) and out.close()

    def attack() -> bool:
        return not refused(lambda: opening.header_here(path))

    def weaken(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(opening, "WIDEST", 1 << 62)
        patch.setattr(opening, "LARGEST", 1 << 62)

    stopped(attack, weaken)


FLOORS = {
    "openexr": (3, 5, 0),
    "tiff": (4, 7, 1),
    "png": (1, 6, 51),
    "jpeg-turbo": (3, 0, 0),
    "webp": (1, 3, 2),
}
"""First releases without the holes that were known when this was written; see SECURITY.md."""


def too_old(said: str) -> list[str]:
    """Libraries of OpenImageIO's list that are older than their floor."""
    found = []
    for part in said.split(";"):
        name = "jpeg-turbo" if "jpeg-turbo" in part else part.split(":")[0]
        version = re.search(r"(\d+)\.(\d+)\.(\d+)", part)
        if name in FLOORS and (version is None or tuple(map(int, version.groups())) < FLOORS[name]):
            found.append(part)
    return found


def test_image_libraries_have_no_known_holes() -> None:
    said = oiio.get_string_attribute("library_list")
    assert "openexr" in said and too_old(said) == []
    assert too_old("openexr:OpenEXR 3.4.13;tiff:LIBTIFF Version 4.5.0;png:libpng 1.6.58") == [
        "openexr:OpenEXR 3.4.13", "tiff:LIBTIFF Version 4.5.0",
    ]  # fmt: skip
    text = (ROOT / "pyproject.toml").read_text()
    floor = re.search(r'"OpenImageIO>=([0-9.]+)', text)
    assert floor and tuple(map(int, floor[1].split("."))) >= (3, 2)


def test_every_threat_is_in_the_model() -> None:
    """The table of SECURITY.md names a test for every threat, and each named test is there."""
    table = (ROOT / "SECURITY.md").read_text()
    named = set(re.findall(r"`(test_[a-z_0-9]+)`", table))
    here = {n for n in globals() if n.startswith("test_")} - {"test_every_threat_is_in_the_model"}
    others = "".join(p.read_text() for p in sorted((ROOT / "tests").rglob("test_*.py")))
    assert here <= named
    assert all(f"def {name}(" in others for name in named)
