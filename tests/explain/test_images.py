from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explain import images
from explain.errors import ImageError

UPRIGHT = np.array(
    [[[250, 0, 0], [0, 250, 0]], [[0, 0, 250], [250, 250, 0]], [[9, 9, 9], [90] * 3]]
)
# How an upright image (rows, columns, channels) lies in the file, by the EXIF standard's numbers.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a.transpose(1, 0, 2)[::-1],
    7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda a: a.transpose(1, 0, 2)[:, ::-1],
}


def encoded(image: Image.Image, *, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def pixels(data: bytes) -> np.ndarray:
    image = images.decode(data)
    assert image.mode == "RGB"
    return np.asarray(image)


def photograph(*, width: int = 64, height: int = 48) -> Image.Image:
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(np.dstack([x * 3, y * 4, x + y]).astype(np.uint8))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_orientation_is_honoured(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](UPRIGHT)).astype(np.uint8))
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(stored, kind=kind, exif=exif, **options)
    assert np.array_equal(pixels(data), UPRIGHT)


def test_orientation_of_a_jpeg_turns_the_shape() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(photograph(), kind="JPEG", exif=exif)
    assert images.decode(data).size == (48, 64)


# Pillow warns about damaged metadata before it gives up or goes on.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("broken", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_broken_metadata_does_not_cost_the_image(broken: bytes) -> None:
    assert images.decode(encoded(photograph(), kind="JPEG", exif=broken)).size == (64, 48)


def test_a_path_and_its_bytes_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(encoded(photograph(), kind="WEBP"))
    assert np.array_equal(np.asarray(images.decode(path)), pixels(path.read_bytes()))
    assert np.array_equal(np.asarray(images.decode(str(path))), pixels(path.read_bytes()))


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    levels = np.array([[0, 128, 129, 32768, 65535]], dtype=np.uint16)
    found = pixels(encoded(Image.fromarray(levels)))
    assert found[0, :, 0].tolist() == [0, 0, 1, 128, 255]
    assert np.array_equal(found[..., 0], found[..., 2])


def test_16_bit_colour_is_scaled_not_clipped() -> None:
    row = struct.pack(">6H", 0, 32768, 65535, 65535, 256, 511)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" + row)),
        (b"IEND", b""),
    ]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    assert pixels(data).reshape(-1).tolist() == [0, 128, 255, 255, 1, 1]


def test_grey_levels_beyond_16_bits_are_refused() -> None:
    data = encoded(Image.fromarray(np.array([[70_000, 0]], dtype=np.int32)), kind="TIFF")
    with pytest.raises(ImageError, match="beyond 16 bits"):
        images.decode(data)


def test_floating_point_pixels_are_refused() -> None:
    data = encoded(Image.fromarray(np.array([[0.5, 1.0]], dtype=np.float32)), kind="TIFF")
    with pytest.raises(ImageError, match="floating point"):
        images.decode(data)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pixels_lie_over_white(mode: str) -> None:
    image = Image.new(mode, (2, 1), (0,) * (len(mode) - 1) + (0,))
    image.putpixel((1, 0), (100,) * (len(mode) - 1) + (255,))
    assert pixels(encoded(image)).tolist() == [[[255] * 3, [100] * 3]]


def test_half_transparent_is_half_white() -> None:
    assert pixels(encoded(Image.new("RGBA", (1, 1), (0, 0, 0, 128)))).tolist() == [[[127] * 3]]


def test_a_palette_with_a_transparent_entry_lies_over_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    data = encoded(image, transparency=0)
    assert pixels(data).tolist() == [[[255, 255, 255], [40, 50, 60]]]


def test_palette_grey_and_one_bit_images_are_converted() -> None:
    source = Image.new("L", (3, 3), 255)
    for mode in ("P", "L", "1"):
        assert (pixels(encoded(source.convert(mode))) == 255).all()


def test_cmyk_is_converted() -> None:
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), kind="JPEG", quality=100)
    assert abs(pixels(data)[0, 0].astype(int) - [255, 0, 0]).max() <= 2


def test_a_single_pixel_is_an_image() -> None:
    assert pixels(encoded(Image.new("RGB", (1, 1), (1, 2, 3)))).tolist() == [[[1, 2, 3]]]


def test_a_camera_s_multi_picture_jpeg_is_its_first_picture() -> None:
    thumbnail = Image.new("RGB", (8, 6))
    data = encoded(photograph(), kind="MPO", save_all=True, append_images=[thumbnail])
    assert images.decode(data).size == (64, 48)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_animations_and_pages_are_refused(kind: str) -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    data = encoded(frames[0], kind=kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match=r"moving\.bin: .*animated or has several pages"):
        images.decode(data, name="moving.bin")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_file_cut_short_is_refused(kind: str) -> None:
    data = encoded(photograph(), kind=kind)
    with pytest.raises(ImageError, match=r"^cut\.bin: "):
        images.decode(data[: len(data) * 2 // 3], name="cut.bin")


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "empty"), (b"<html>not found</html>", "not an image"), (b"\0" * 64, "not an image")],
)
def test_what_is_no_image_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        images.decode(data)


def test_a_format_outside_the_list_is_refused() -> None:
    with pytest.raises(ImageError, match="no known format"):
        images.decode(encoded(photograph(), kind="ICO"))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.jpg: there is no such file"):
        images.decode(tmp_path / "gone.jpg")
    with pytest.raises(ImageError, match="cannot be read"):
        images.decode(tmp_path)


def bomb(*, width: int, height: int) -> bytes:
    """A small file whose header promises more pixels than it holds."""
    data = bytearray(encoded(Image.new("1", (1, 1))))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


@pytest.mark.parametrize("side", [10_000, 20_000, 60_000])
def test_a_decompression_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(ImageError, match=r"big\.png: more than \d+ pixels"):
        images.decode(bomb(width=side, height=side), name="big.png")


def test_the_bound_on_pixels_is_the_caller_s() -> None:
    data = encoded(photograph())
    assert images.decode(data, max_pixels=64 * 48).size == (64, 48)
    with pytest.raises(ImageError, match="more than 3071 pixels"):
        images.decode(data, max_pixels=64 * 48 - 1)


KINDS = {kind: encoded(photograph(width=24, height=16), kind=kind) for kind in images.FORMATS}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(
    kind=st.sampled_from(sorted(KINDS)),
    damage=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8),
    keep=st.integers(1, 4000),
)
def test_damage_gives_an_image_or_an_image_error(
    kind: str, damage: list[tuple[int, int]], keep: int
) -> None:
    data = bytearray(KINDS[kind])
    for place, value in damage:
        data[place % len(data)] = value
    with contextlib.suppress(ImageError):
        assert images.decode(bytes(data[:keep]), max_pixels=1_000_000).mode == "RGB"
