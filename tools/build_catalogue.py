"""Make ``src/chroma_recovery/graph/catalogue.json`` from a published knob scan of Nuke.

    python tools/build_catalogue.py SCAN.json [OUT.json]

The scan (github kirkjr2/nuke-python-reference, Nuke 17.0v3) lists per class the menu, the input counts and
the knobs with type, default, size and enumeration values. This keeps those facts only, one class per line;
buttons, tabs, displayed texts and obsolete knobs are kept by name. What the scan lacks is in
``catalogue_extra.json``, by hand.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "src" / "chroma_recovery" / "graph" / "catalogue.json"
CODE = {"PythonKnob", "PyScript_Knob", "Script_Knob"}
NAMES_ONLY = {
    "Tab_Knob": "tabs",
    "Text_Knob": "texts",
    "Obsolete_Knob": "obsolete",
    **dict.fromkeys(CODE, "code"),
}
MASKED = {"OCIODisplay"}
"""Classes whose last pipe is a mask although they have no mask channel knob (Foundry's reference page)."""
BOOLEANS = {"Boolean_Knob", "Disable_Knob"}
NUMBERS = {
    "Array_Knob",
    "Double_Knob",
    "Int_Knob",
    "IArray_Knob",
    "WH_Knob",
    "XY_Knob",
    "XYZ_Knob",
    "BBox_Knob",
}
NUMBERS |= {"Color_Knob", "AColor_Knob", "Range_Knob", "ColorChip_Knob"}
TEXTS = {
    "File_Knob",
    "EvalString_Knob",
    "Multiline_Eval_String_Knob",
    "String_Knob",
    "Enumeration_Knob",
    "Radio_Knob",
}
TEXTS |= {"Channel_Knob", "ChannelMask_Knob", "Font_Knob", "PathExpression_Knob", "MultiView_Knob"}
OF_THE_CONFIG = {"display", "view", "viewerProcess", "monitorOutOutputTransform"}
OF_THE_NODE = {"name", "xpos", "ypos", "postage_stamp"}
"""Generic knobs whose scanned default is that of the one node they were scanned on."""


def number(value: float) -> int | float:
    """The shortest number that is the same single-precision value, an int where it is one."""
    if value == int(value) and abs(value) < 2**53:
        return int(value)
    if struct.unpack("f", struct.pack("f", value))[0] != value:
        return value
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value


def config_dependent(name: str, values: list[str]) -> bool:
    return (
        name in OF_THE_CONFIG
        or any(v.startswith("color_picking") for v in values)
        or {"default", "Cineon", "rec709"} <= set(values)
    )


def knob(name: str, scan: dict[str, Any]) -> list[Any]:
    """[type, default, size, values]; the tail that says nothing is left out, values "*" depend on the OCIO
    config."""
    kind, default = scan["type"], scan.get("default")
    values: Any = [v.rstrip("\t") for v in scan.get("values", [])]
    if (kind == "Enumeration_Knob" and not values) or (values and config_dependent(name, values)):
        values = "*"
    if isinstance(default, str) and kind in ("Enumeration_Knob", "Radio_Knob"):
        default = default.split("\t")[0]
    if kind in BOOLEANS:
        default = bool(default)
    elif kind in NUMBERS and isinstance(default, (int, float)) and math.isfinite(default):
        default = number(default)
    elif not (kind in TEXTS and isinstance(default, str)):
        default = None
    entry = [kind, default, scan.get("size", 1), values or None]
    while entry[-1] is None or (len(entry) == 3 and entry[-1] == 1):
        entry.pop()
    return entry


def knobs(scan: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"knobs": {}}
    for name, one in scan.items():
        group = NAMES_ONLY.get(one["type"])
        if group:
            out.setdefault(group, []).append(name)
        else:
            out["knobs"][name] = knob(name, one)
    return out


def node(cls: str, scan: dict[str, Any]) -> dict[str, Any]:
    shown, hidden = knobs(scan["knobs"]), knobs(scan["hidden_knobs"])
    names = set(scan["knobs"]) | set(scan["hidden_knobs"])
    mask = "maskChannelInput" in names or cls in MASKED
    low, high = scan["inputs"]["min"] - mask, scan["inputs"]["max"] - mask
    out: dict[str, Any] = {"inputs": [low, high]}
    if mask:
        out["mask"] = 1
    out["knobs"] = shown.pop("knobs")
    if hidden["knobs"]:
        out["hidden"] = hidden["knobs"]
    hidden.pop("knobs")
    for group in ("tabs", "texts", "obsolete", "code"):
        if found := sorted({*shown.get(group, []), *hidden.get(group, [])}):
            out[group] = found
    return out


def main(source: Path, out: Path) -> None:
    scan = json.loads(source.read_text("utf-8"))
    generic = knobs(scan["generic_knobs"])
    for name in OF_THE_NODE:
        generic["knobs"][name][1] = None
    head = {
        "source": "knob scan of Nuke 17.0v3 published in github kirkjr2/nuke-python-reference (data/nodes);"
        " class names, knob names, types, defaults and allowed values only",
        "nuke": scan["nuke_version"],
        "generic": generic,
    }
    dumped = [f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in head.items()]
    nodes = [
        f"{json.dumps(c)}:{json.dumps(node(c, n), separators=(',', ':'))}"
        for c, n in sorted(scan["nodes"].items())
    ]
    dumped.append('"nodes": {\n' + ",\n".join(nodes) + "\n}")
    out.write_text("{\n" + ",\n".join(dumped) + "\n}\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else OUT)
