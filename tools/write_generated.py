"""Write everything in the repository that is made from the code: ``python tools/write_generated.py``.

The JSON Schemas of presets, the references of presets and commands, and the pages of the Nuke nodes. Tests compare
each file with what this would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).resolve().parent))

COMMAND = "python tools/write_generated.py"


def generated() -> dict[str, str]:
    """Every generated file: path below the repository -> text."""
    from command_page import command_page
    from node_pages import node_pages

    from chroma_recovery.preset.reference import reference
    from chroma_recovery.preset.schema import base_preset_schema, preset_schema, schema_text
    from chroma_recovery.project.schema import project_schema
    from chroma_recovery.qc.profile import profile_schema

    return {
        "presets/schema/preset-1.json": schema_text(preset_schema()),
        "presets/schema/preset-base-1.json": schema_text(base_preset_schema()),
        "presets/schema/project-1.json": schema_text(project_schema()),
        "presets/schema/qc-1.json": schema_text(profile_schema()),
        "docs/presets.md": reference(),
        "docs/commands.md": command_page(COMMAND),
        **node_pages(),
    }


def main() -> int:
    """Write what differs and say so."""
    for name, text in generated().items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != text.encode("utf-8"):
            path.write_bytes(text.encode("utf-8"))
            print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
