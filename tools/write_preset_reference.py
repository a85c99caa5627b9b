"""Write ``docs/presets.md`` from the preset model.

python tools/write_preset_reference.py
"""

from __future__ import annotations

from pathlib import Path

from chroma_recovery.preset.reference import reference

PAGE = Path(__file__).parents[1] / "docs" / "presets.md"

if __name__ == "__main__":
    PAGE.write_bytes(reference().encode("utf-8"))
    print(f"wrote {PAGE}")
