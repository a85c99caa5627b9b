"""docs/testing.md does what it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from chroma_recovery.testing import stub_nuke

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def test_first_test_runs(tmp_path):
    blocks = dict(re.findall(r"```python\n# (\S+\.py)\n(.*?)```", TEXT, re.DOTALL))
    assert set(blocks) == {"conftest.py", "test_presets.py"}
    for name, body in blocks.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    (tmp_path / "presets").mkdir()
    shutil.copy(ROOT / "presets" / "example_shot.yaml", tmp_path / "presets" / "sh010.yaml")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--strict-markers",
        "-p",
        "no:cacheprovider",
        str(tmp_path),
    ]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr


def test_every_variable_of_the_stub_is_there():
    named = set(re.findall(r"``([A-Z_]+)``  ", stub_nuke.__doc__ or ""))
    assert len(named) == 7
    assert named == set(re.findall(r"CHROMA_RECOVERY_STUB_([A-Z_]+)", TEXT))
