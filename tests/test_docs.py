"""What the documents say is there is there: links, commands, examples; no traces of somebody's machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"(?<![\w.<{$])/(?:work|root|farm|home/\w+|Users/\w+)/")


def tracked() -> list[Path]:
    """Files of the checkout that are text, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [
        p
        for p in paths
        if p.is_file() and p.suffix in {".md", ".py", ".toml", ".yaml", ".json", ".txt", ".nk", ""}
    ]


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return [path for path in tracked() if path.suffix == ".md"]


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as the usual renderers make them."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCE.sub("", text), re.MULTILINE):
        bare = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", bare).replace(" ", "-"))
    return found


def broken_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists():
            yield f"{page.relative_to(ROOT)}: {target}: no such file"
        elif anchor and place.suffix == ".md" and anchor not in anchors(place.read_text(encoding="utf-8")):
            yield f"{page.relative_to(ROOT)}: {target}: no such heading"


def console_lines(text: str) -> Iterator[str]:
    """Commands of console and shell examples, continued lines joined."""
    for language, body in FENCE.findall(text):
        joined = body.replace("\\\n", " ").splitlines()
        if language == "console":
            yield from (line[2:] for line in joined if line.startswith("$ "))
        elif language in {"sh", "bash", "shell"}:
            yield from (line for line in joined if line.strip() and not line.startswith("#"))


@pytest.fixture(scope="module")
def tasks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tasks", ROOT / "tasks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_relative_links_lead_somewhere() -> None:
    assert [problem for page in pages() for problem in broken_links(page)] == []


def test_the_link_check_finds_broken_links() -> None:
    page = ROOT / "README.md"
    assert LINK.findall("[a](none.md) ![b](<c.png>) [d](e.md#f 'g')") == ["none.md", "c.png"]
    assert LINK.findall('[d](e.md#f "g")') == ["e.md#f"]
    assert anchors("# One `two`, three\n```\n# not me\n```\n") == {"one-two-three"}
    assert page.exists()


def test_no_machine_paths_anywhere() -> None:
    found = []
    for path in tracked():
        if path.name == Path(__file__).name:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_the_machine_path_pattern() -> None:
    assert MACHINE.search("see /work/plates/a.exr")
    assert MACHINE.search("'/home/anna/shot'")
    assert not MACHINE.search("a/work/b and framework/root/c")


def test_console_examples_are_shell_words_and_tasks_exist(tasks: ModuleType) -> None:
    seen = set()
    for page in pages():
        for line in console_lines(page.read_text(encoding="utf-8")):
            words = shlex.split(line)
            assert words, f"{page.name}: {line}"
            if "tasks.py" in words:
                task = words[words.index("tasks.py") + 1]
                assert task in tasks.TASKS, f"{page.name}: {line}: no such task"
                seen.add(task)
    assert {"demo", "test"} <= seen


def test_commands_in_the_examples_exist() -> None:
    from chroma_recovery.cli import main

    for page in pages():
        for line in console_lines(page.read_text(encoding="utf-8")):
            words = shlex.split(line)
            if words[0] != "chroma-recovery" or len(words) < 2 or words[1].startswith("-"):
                continue
            with pytest.raises(SystemExit) as stopped:
                main([words[1], "--help"])
            assert stopped.value.code == 0, f"{page.name}: {line}: no such command"


def test_ci_runs_the_readmes_test_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 tasks.py test" in list(console_lines(readme))
    assert "python3 tasks.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_changelog_has_an_unreleased_section() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[?Unreleased\]?$", text, re.MULTILINE)


def test_generated_files_are_up_to_date() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import write_generated
    finally:
        sys.path.remove(str(ROOT / "tools"))
    for name, text in write_generated.generated().items():
        path = ROOT / name
        assert path.exists(), f"{name} is missing; run: {write_generated.COMMAND}"
        assert path.read_text(encoding="utf-8") == text, f"{name} is stale; run: {write_generated.COMMAND}"
    left = {p.name for p in (ROOT / "docs" / "nuke" / "classes").glob("*.md")}
    made = {Path(name).name for name in write_generated.generated() if "/classes/" in name}
    assert left == made, "pages of classes that are no longer written; delete them"


def test_every_emitted_class_has_a_section_by_hand() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import node_pages
    finally:
        sys.path.remove(str(ROOT / "tools"))
    classes = {node.cls for graph, _ in node_pages.graphs() for node in graph}
    assert [c for c in classes if not node_pages.section_of(c)] == [], (
        "say in docs/nuke/nodes.md what was observed"
    )


def codes_in_the_source() -> set[str]:
    """Every code that a Problem can have: they are always written out as a text of their own."""
    source = ROOT / "src" / "chroma_recovery"
    return {c for p in source.rglob("*.py") for c in re.findall(r"[\"'](CR\d{3})[\"']", p.read_text("utf-8"))}


def test_every_code_is_explained_and_no_other() -> None:
    rows = re.findall(
        r"^\| (CR\d{3}) \| (.+) \| (.+) \|$", (ROOT / "docs/codes.md").read_text("utf-8"), re.MULTILINE
    )
    codes = [code for code, _, _ in rows]
    assert len(codes) == len(set(codes))
    assert codes_in_the_source() - set(codes) == set(), "say in docs/codes.md what these mean and what to do"
    assert set(codes) - codes_in_the_source() == set(), "in docs/codes.md, but nowhere in the source"


def test_codes_in_other_pages_exist() -> None:
    for page in pages():
        named = set(re.findall(r"\bCR\d{3}\b", page.read_text(encoding="utf-8")))
        assert named <= codes_in_the_source(), f"{page.relative_to(ROOT)}: {named - codes_in_the_source()}"


def test_the_tutorials_commands_work_on_its_footage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but those that train, on frames with the headers of the demo's."""
    from chroma_recovery.cli import main

    for side in ("source", "reference"):
        folder = tmp_path / "demo-out" / "footage" / side
        folder.mkdir(parents=True)
        for frame in range(1001, 1049):
            head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">2I", 960, 540)
            (folder / f"{side}.{frame}.png").write_bytes(head)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    done = []
    for line in console_lines(text):
        words = shlex.split(line)
        if words[0] != "chroma-recovery" or words[1] == "run":
            continue
        assert main(words[1:]) == 0, line
        done.append(words[1])
    assert done == ["preset", "check", "preset", "build", "nodes", "preset"]
    (edit,) = [body for language, body in FENCE.findall(text) if language == "yaml"]
    preset = tmp_path / "shot.yaml"
    preset.write_text(preset.read_text(encoding="utf-8") + edit, encoding="utf-8")
    assert main(["check", "shot.yaml"]) == 0
    assert not os.path.exists(tmp_path / "project" / "pipeline" / "04_inference_render" / "shot")
