from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pytest_django.fixtures import Settings

from studyapp import imaging
from studyapp.errors import ImageInputError
from studyapp.imaging import encode_png, inspect, open_upright, render_center_crop
from tests.factories.dataset import jpeg, picture, png


def _bytes(image: Image.Image, form: str, **save: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format=form, **save)
    return out.getvalue()


def _halves(mode: str = "RGB") -> Image.Image:
    """Left red, right blue, wider than high."""
    image = Image.new("RGB", (40, 20), "red")
    image.paste((0, 0, 255), (20, 0, 40, 20))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        *((1, (2, 10)), (2, (37, 10)), (3, (37, 10)), (4, (2, 10))),
        *((5, (10, 2)), (6, (10, 2)), (7, (10, 37)), (8, (10, 37))),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_applied(orientation: int, red_at: tuple[int, int], form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = _bytes(_halves(), form, exif=exif.tobytes())
    upright = open_upright(content)
    facts = inspect(content)
    assert (facts.width, facts.height) == upright.size
    assert upright.size == ((20, 40) if orientation >= 5 else (40, 20))
    red, _, blue = upright.getpixel(red_at)  # type: ignore[misc]  # RGB gives a triple
    assert red > 200
    assert blue < 60


def test_every_mode_becomes_rgb() -> None:
    for mode, form in (("CMYK", "JPEG"), ("P", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("1", "PNG")):
        image = open_upright(_bytes(_halves(mode), form))
        assert image.mode == "RGB", mode
        assert image.size == (40, 20)
    pixels = np.asarray(open_upright(_bytes(_halves("CMYK"), "JPEG")))
    assert np.allclose(pixels[10, 2], (255, 0, 0), atol=6)


def test_transparency_lies_over_white() -> None:
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    image.putpixel((3, 3), (0, 0, 0, 255))
    shown = open_upright(_bytes(image, "PNG"))
    assert shown.getpixel((0, 0)) == (255, 255, 255)
    assert shown.getpixel((3, 3)) == (0, 0, 0)
    palette = Image.new("RGB", (10, 10), "navy").quantize(4)
    assert open_upright(_bytes(palette, "PNG")).getpixel((0, 0)) == (0, 0, 128)
    assert open_upright(_bytes(palette, "PNG", transparency=0)).getpixel((0, 0)) == (255,) * 3


def test_every_16_bit_level_is_scaled_and_none_clipped() -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    shown = np.asarray(open_upright(_bytes(Image.fromarray(levels), "PNG")))
    assert np.array_equal(shown[..., 0], np.round(levels / 257).astype(np.uint8))
    assert np.array_equal(shown[..., 0], shown[..., 2])


def test_16_bit_colour_keeps_its_high_byte() -> None:
    rows = b"".join(b"\0" + struct.pack(">3H", 0x1234, 0x8000, 0xFFFF) * 8 for _ in range(8))
    content = _png_of(side=8, depth=16, data=zlib.compress(rows))
    assert open_upright(content).getpixel((0, 0)) == (0x12, 0x80, 0xFF)


def _png_of(*, side: int, depth: int, data: bytes) -> bytes:
    """A PNG written by hand: what its header says need not be true."""
    header = struct.pack(">IIBBBBB", side, side, depth, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _frames(form: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue")]
    return _bytes(frames[0], form, save_all=True, append_images=frames[1:])


REFUSED = {
    "empty": (b"", "the file is empty"),
    "text": (b"<html>not found</html>", "not a JPEG, PNG or WebP"),
    "gif": (_bytes(Image.new("P", (16, 16)), "GIF"), "not a JPEG, PNG or WebP"),
    "truncated jpeg": (jpeg(size=(300, 200))[:-400], "cut short or damaged"),
    "truncated png": (png(size=(300, 200))[:-60], "cut short or damaged"),
    "header alone": (jpeg()[:20], "not a JPEG|cut short"),
    "animated png": (_frames("PNG"), "animated"),
    "animated webp": (_frames("WEBP"), "animated"),
    "one pixel": (png(size=(1, 1)), "1 x 1 pixels: a side is shorter than 8"),
    "seven pixels": (png(size=(7, 100)), "shorter than 8"),
    "strip": (png(size=(8, 801)), "more than 100 times"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_item_and_a_remedy(case: str) -> None:
    content, told = REFUSED[case]
    for read in (inspect, open_upright):
        with pytest.raises(ImageInputError, match=told) as caught:
            read(content, item="cat.jpg")
        assert caught.value.item == "cat.jpg"
        assert caught.value.remedy


def test_bomb_is_refused_by_its_header(settings: Settings) -> None:
    settings.IMAGE_MAX_PIXELS = 10_000
    content = _png_of(side=30_000, depth=8, data=b"no pixel of the 900 million")
    with pytest.raises(ImageInputError, match="IMAGE_MAX_PIXELS"):
        inspect(content)
    with pytest.raises(ImageInputError, match="more than 10000 pixels"):
        inspect(png(size=(101, 100)))
    assert inspect(png(size=(100, 100))).width == 100


def test_heavy_files_are_not_read_to_the_end(settings: Settings, tmp_path: Path) -> None:
    settings.IMAGE_MAX_BYTES = 1000
    file = tmp_path / "big.jpg"
    file.write_bytes(b"\xff" * 5000)
    for source in (file, io.BytesIO(file.read_bytes()), file.read_bytes()):
        with pytest.raises(ImageInputError, match="IMAGE_MAX_BYTES"):
            open_upright(source)


def test_sources_are_equal(tmp_path: Path) -> None:
    content = jpeg(number=4)
    file = tmp_path / "a.jpg"
    file.write_bytes(content)
    images = [open_upright(source) for source in (content, file, io.BytesIO(content))]
    assert images[0] == images[1] == images[2]


def test_camera_jpeg_with_a_preview_is_a_jpeg() -> None:
    frames = [picture(number=1), picture(number=2, size=(32, 24))]
    content = _bytes(frames[0], "MPO", save_all=True, append_images=frames[1:])
    facts = inspect(content)
    assert (facts.format, facts.suffix, facts.width) == ("JPEG", ".jpg", 64)
    assert open_upright(content).size == (64, 48)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_metadata_leaves_the_image_as_stored() -> None:
    content = jpeg(exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert open_upright(content).size == (64, 48)


@given(
    width=st.integers(8, 300),
    height=st.integers(8, 300),
    resize=st.integers(16, 80),
    spare=st.integers(0, 15),
)
@settings(max_examples=60, deadline=None)
def test_rendering_is_torchvisions(width: int, height: int, resize: int, spare: int) -> None:
    transforms = pytest.importorskip("torchvision.transforms.functional")
    image = picture(number=width * height, size=(width, height))
    crop = resize - spare
    ours = render_center_crop(image, resize=resize, crop=crop)
    theirs = transforms.center_crop(transforms.resize(image, [resize]), [crop, crop])
    assert ours.size == (crop, crop)
    assert np.array_equal(np.asarray(ours), np.asarray(theirs))


def test_rendering_refuses_what_would_blow_up(settings: Settings) -> None:
    settings.IMAGE_MAX_PIXELS = 100_000
    with pytest.raises(ImageInputError, match="scaled to a shorter side of 256"):
        render_center_crop(picture(size=(10, 400)), resize=256, crop=224)


def test_png_depends_on_the_pixels_alone() -> None:
    plain = picture(number=9)
    loaded = Image.open(io.BytesIO(_bytes(plain, "PNG", dpi=(72, 72), icc_profile=b"profile")))
    loaded.load()
    assert encode_png(plain) == encode_png(loaded)
    again = Image.open(io.BytesIO(encode_png(plain)))
    assert np.array_equal(np.asarray(again), np.asarray(plain))
    assert "icc_profile" not in again.info


def test_module_raises_pillows_own_limit_no_higher_than_the_setting() -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    assert imaging.MIN_SIDE == 8
