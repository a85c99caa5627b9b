import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.errors import PathError
from chroma_recovery.headers import PictureSize, picture_size


def exr_header(width: int, height: int, aspect: float) -> bytes:
    def attribute(name: bytes, kind: bytes, data: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(data)) + data

    box = struct.pack("<4i", 0, 0, width - 1, height - 1)
    return (
        b"\x76\x2f\x31\x01\x02\0\0\0"
        + attribute(b"compression", b"compression", b"\3")
        + attribute(b"displayWindow", b"box2i", box)
        + attribute(b"pixelAspectRatio", b"float", struct.pack("<f", aspect))
        + b"\0"
    )


def test_exr(tmp_path: Path) -> None:
    (tmp_path / "a.exr").write_bytes(exr_header(4096, 3072, 1.0))
    assert picture_size(tmp_path / "a.exr") == PictureSize(4096, 3072, 1.0)


def test_exr_written_by_openimageio(tmp_path: Path) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    spec = oiio.ImageSpec(64, 48, 3, "half")
    spec.x, spec.y, spec.full_width, spec.full_height = 8, 4, 100, 80
    spec["PixelAspectRatio"] = 2.0
    out = oiio.ImageOutput.create("a.exr")
    out.open(str(tmp_path / "a.exr"), spec)
    import numpy

    out.write_image(numpy.zeros((48, 64, 3), "float32"))
    out.close()
    assert picture_size(tmp_path / "a.exr") == PictureSize(100, 80, 2.0)


@pytest.mark.parametrize("order", [">", "<"])
def test_dpx(tmp_path: Path, order: str) -> None:
    data = bytearray(2048)
    data[:4] = b"SDPX" if order == ">" else b"XPDS"
    struct.pack_into(order + "2I", data, 772, 2048, 1556)
    struct.pack_into(order + "2I", data, 1628, 2, 1)
    (tmp_path / "a.dpx").write_bytes(data)
    assert picture_size(tmp_path / "a.dpx") == PictureSize(2048, 1556, 2.0)


def test_png_and_unknown(tmp_path: Path) -> None:
    head = struct.pack(">I", 13) + b"IHDR" + struct.pack(">2I5B", 720, 576, 8, 2, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + struct.pack(">I", zlib.crc32(head[4:])))
    assert picture_size(tmp_path / "a.png") == PictureSize(720, 576)
    (tmp_path / "a.tif").write_bytes(b"II*\0aaaaaaaa")
    assert picture_size(tmp_path / "a.tif") is None


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="CR606"):
        picture_size(tmp_path / "none.exr")


@settings(deadline=None)
@given(st.data())
def test_damaged_headers_only_give_our_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(exr_header(640, 480, 1.0))
    whole = whole[: data.draw(st.integers(4, len(whole)))]
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1)) if len(whole) > 4 else 3] = data.draw(
            st.integers(0, 255)
        )
    path = tmp_path_factory.mktemp("damaged") / "a.exr"
    path.write_bytes(bytes(whole))
    try:
        size = picture_size(path)
    except PathError:
        return
    assert size is None or 0 < size.width <= 65536
