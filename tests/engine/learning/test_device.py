from pathlib import Path

import pytest

from chroma_recovery.engine.learning.device import cpu_has_bfloat16

COOPER, EMERALD = "model\t\t: 85", "model\t\t: 207"


@pytest.mark.parametrize(
    ("vendor", "model", "flags", "fast"),
    [
        ("GenuineIntel", EMERALD, "avx512f avx512_bf16 amx_bf16", True),
        ("GenuineIntel", EMERALD, "avx512f avx512_bf16", False),
        ("GenuineIntel", COOPER, "avx512f avx512_bf16", True),
        ("AuthenticAMD", "model\t\t: 17", "avx512f avx512_bf16", True),
        ("AuthenticAMD", "model\t\t: 17", "avx2 fma", False),
    ],
)
def test_bfloat16_only_where_it_is_quicker(
    tmp_path: Path, vendor: str, model: str, flags: str, fast: bool
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"vendor_id\t: {vendor}\n{model}\nflags\t\t: fpu {flags}\n", encoding="ascii")
    assert cpu_has_bfloat16(file) is fast


def test_an_unknown_machine_computes_float32(tmp_path: Path) -> None:
    assert cpu_has_bfloat16(tmp_path / "none") is False
