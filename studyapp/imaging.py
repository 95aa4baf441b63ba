"""Image files as upright RGB pixels, and the one rendering raters see. Pillow alone, no arrays.

What is refused here and what is repaired is listed in docs/reference/import-formats.md; models see
the same pixels, since explain repairs in the same way.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from studyapp.errors import ImageInputError

#: Formats that are read, with the suffix under which the bytes are stored. MPO is what cameras
#: write as ".jpg" (a JPEG with a preview behind it) and Pillow opens through its JPEG plugin.
SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp"}
#: Below this there is nothing to see, and rescaling would only invent pixels.
MIN_SIDE = 8
#: A longer strip would be scaled to a picture far larger than the file.
MAX_ASPECT = 100

# What Pillow's decoders are known to raise on files that are cut short or damaged.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_REPLACE = "Replace it by a whole JPEG, PNG or WebP file, or leave it out"

# Pillow's own net stays below ours, at the size our setting allows.
if Image.MAX_IMAGE_PIXELS is not None:
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, settings.IMAGE_MAX_PIXELS)


@dataclass(frozen=True)
class ImageFacts:
    """What is kept about a file: its format and suffix, and its size in pixels once upright."""

    format: str
    width: int
    height: int
    suffix: str


def open_upright(source: bytes | Path | BinaryIO, *, item: str = "") -> Image.Image:
    """The picture as a viewer shows it: upright, RGB, 8 bits, transparency over white.

    `item` is what an error calls the image. Raises ImageInputError.
    """
    with _opened(source, item=item) as image:
        image.load()
        orientation = _orientation(image)
        pixels = _to_rgb(image)
    method = _UPRIGHT.get(orientation)
    return pixels if method is None else pixels.transpose(method)


def inspect(source: bytes, *, item: str = "") -> ImageFacts:
    """Format and upright size, after the whole file was read once to find damage.

    Raises ImageInputError where `open_upright` would.
    """
    with _opened(source, item=item) as image:
        width, height = image.size
        form = "JPEG" if image.format == "MPO" else str(image.format)
        # A JPEG is read to its end all the same, but at an eighth of the size.
        image.draft(None, (max(1, width // 8), max(1, height // 8)))
        image.load()
        if _orientation(image) >= 5:
            width, height = height, width
    return ImageFacts(format=form, width=width, height=height, suffix=SUFFIXES[form])


def render_center_crop(image: Image.Image, *, resize: int, crop: int) -> Image.Image:
    """Scale the shorter side to `resize` (bilinear, antialiased) and keep the middle square.

    The integer arithmetic is torchvision's, so that raters see what such a model is given.
    """
    width, height = image.size
    short, long = min(width, height), max(width, height)
    scaled_long = int(resize * long / short)
    if resize * scaled_long > settings.IMAGE_MAX_PIXELS:
        raise ImageInputError(
            f"an image of {width} x {height} pixels scaled to a shorter side of {resize} would "
            f"have more than {settings.IMAGE_MAX_PIXELS} pixels",
            remedy="Crop the image, or use a smaller rendering",
        )
    size = _scaled(width, height, resize=resize)
    scaled = image.resize(size, Image.Resampling.BILINEAR)
    left, top = _corner(size, crop=crop)
    return scaled.crop((left, top, left + crop, top + crop))


def boxes_in_crop(
    boxes: Iterable[Sequence[float]], *, width: int, height: int, resize: int, crop: int
) -> tuple[tuple[float, float, float, float], ...]:
    """Boxes of an image of this size in pixels of what `render_center_crop` makes of it.

    left, top, right, bottom, 0-based and half-open, cut at the edges of the crop and rounded to
    hundredths; those of which less than a pixel is left either way are dropped.
    """
    size = _scaled(width, height, resize=resize)
    left, top = _corner(size, crop=crop)
    across, down = size[0] / width, size[1] / height
    found = []
    for x0, y0, x1, y1 in boxes:
        cut = (
            max(0.0, x0 * across - left),
            max(0.0, y0 * down - top),
            min(float(crop), x1 * across - left),
            min(float(crop), y1 * down - top),
        )
        if cut[2] - cut[0] >= 1 and cut[3] - cut[1] >= 1:
            found.append((round(cut[0], 2), round(cut[1], 2), round(cut[2], 2), round(cut[3], 2)))
    return tuple(found)


def _scaled(width: int, height: int, *, resize: int) -> tuple[int, int]:
    long = int(resize * max(width, height) / min(width, height))
    return (resize, long) if width <= height else (long, resize)


def _corner(size: tuple[int, int], *, crop: int) -> tuple[int, int]:
    return round((size[0] - crop) / 2.0), round((size[1] - crop) / 2.0)


def encode_png(image: Image.Image) -> bytes:
    """The pixels, nothing else, as PNG: the same pixels always give the same bytes."""
    bare = image.copy()
    bare.info.clear()  # else times, colour profiles and comments of the source would come along
    out = io.BytesIO()
    bare.save(out, format="PNG", compress_level=6)
    return out.getvalue()


@contextmanager
def _opened(source: bytes | Path | BinaryIO, *, item: str) -> Iterator[Image.Image]:
    """Open by the header, refuse by the header, and translate what decoding raises inside."""
    content = _read(source, item=item)
    if not content:
        raise ImageInputError("the file is empty", item=item, remedy=_REPLACE)
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            _check(image, item=item)
            yield image
    except _BOMB as error:
        raise _too_large(item=item) from error
    except UnidentifiedImageError as error:
        raise ImageInputError(
            "not a JPEG, PNG or WebP image", item=item, remedy=_REPLACE
        ) from error
    except _DAMAGED as error:
        raise ImageInputError(
            f"cut short or damaged ({error})", item=item, remedy=_REPLACE
        ) from error


def _read(source: bytes | Path | BinaryIO, *, item: str) -> bytes:
    limit = settings.IMAGE_MAX_BYTES
    if isinstance(source, bytes):
        content = source
    elif isinstance(source, Path):
        with source.open("rb") as file:
            content = file.read(limit + 1)
    else:
        content = source.read(limit + 1)
    if len(content) > limit:
        raise ImageInputError(
            f"the file has more than {limit} bytes (IMAGE_MAX_BYTES)",
            item=item,
            remedy="Store a smaller version of the image",
        )
    return content


def _too_large(*, item: str) -> ImageInputError:
    return ImageInputError(
        f"more than {settings.IMAGE_MAX_PIXELS} pixels (IMAGE_MAX_PIXELS)",
        item=item,
        remedy="Store a smaller version of the image",
    )


def _check(image: Image.Image, *, item: str) -> None:
    width, height = image.size
    if width * height > settings.IMAGE_MAX_PIXELS:
        raise _too_large(item=item)
    if min(width, height) < MIN_SIDE:
        raise ImageInputError(
            f"{width} x {height} pixels: a side is shorter than {MIN_SIDE}",
            item=item,
            remedy="Use a larger version of the image, or leave it out",
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageInputError(
            f"{width} x {height} pixels: one side is more than {MAX_ASPECT} times the other",
            item=item,
            remedy="Crop the image, or leave it out",
        )
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise ImageInputError(
            "the image is animated",
            item=item,
            remedy="Store the one frame that is meant as an image of its own",
        )


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _DAMAGED:
        return 1  # viewers show an image with broken metadata as it is stored


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey. Pillow's own conversion would clip everything above 255 to white.
        levels = image.point(lambda level: level * (255 / 65535) + 0.5)
        return levels.convert("L").convert("RGB")
    if image.has_transparency_data:
        opaque = Image.new("RGBA", image.size, "white")
        opaque.alpha_composite(image.convert("RGBA"))
        return opaque.convert("RGB")
    return image.convert("RGB")
