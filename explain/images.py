"""An image file, whatever it holds, as 8-bit RGB pixels the way a viewer shows it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from explain.errors import ImageError

MAX_PIXELS = 89_478_485
"""Largest image decoded by default (Pillow's own limit): a quarter of a GiB of RGB."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")

# What Pillow's decoders are known to raise on files that are cut short or damaged.
_DECODING = (
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


def decode(
    source: Path | str | bytes, *, name: str | None = None, max_pixels: int = MAX_PIXELS
) -> Image.Image:
    """The image at a path, or in the bytes of a file, as a loaded PIL image of mode RGB.

    The EXIF orientation is applied. Transparent pixels are laid over white. 16-bit grey levels are
    scaled to 0..255, never clipped. CMYK, palette, grey and 1-bit images are converted. `name` is
    what errors call the image; without it, its path.

    Raises ImageError if the file is missing, empty, cut short, damaged, not an image, animated,
    of floating point pixels, or larger than `max_pixels`.
    """
    if isinstance(source, bytes):
        item, data = name or f"an image of {len(source)} bytes", source
    else:
        item, data = name or str(source), _read(Path(source), item=name or str(source))
    if not data:
        raise _error("the file is empty", item=item)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check(image, item=item, max_pixels=max_pixels)
            image.load()
            return _upright(_to_rgb(image, item=item), orientation=_orientation(image))
    except _BOMB as error:
        raise _too_large(item=item, max_pixels=min(max_pixels, MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        formats = "JPEG, PNG, WebP, GIF, BMP, TIFF"
        raise _error(f"not an image, or of no known format ({formats})", item=item) from error
    except _DECODING as error:
        raise _error(f"cut short or damaged ({error})", item=item) from error


def _read(path: Path, *, item: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ImageError(
            "there is no such file", item=item, remedy="Check the path, or import the images again"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise _error(f"the file cannot be read ({reason})", item=item) from error


def _error(what: str, *, item: str) -> ImageError:
    return ImageError(
        what, item=item, remedy="Replace it with a whole JPEG, PNG or WebP, or leave it out"
    )


def _too_large(*, item: str, max_pixels: int) -> ImageError:
    return ImageError(
        f"more than {max_pixels} pixels",
        item=item,
        remedy="Store a smaller version of the image",
    )


def _check(image: Image.Image, *, item: str, max_pixels: int) -> None:
    """Refuse by the header alone, before any pixel is decoded."""
    if image.width * image.height > max_pixels:
        raise _too_large(item=item, max_pixels=max_pixels)
    # A multi-picture JPEG, as many cameras write, is a photograph with a thumbnail behind it.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise ImageError(
            "the image is animated or has several pages",
            item=item,
            remedy="Store the one frame that is meant as an image of its own",
        )


def _to_rgb(image: Image.Image, *, item: str) -> Image.Image:
    if image.mode == "F":
        raise ImageError(
            "the pixels are floating point numbers of unknown range",
            item=item,
            remedy="Store the image with 8 bits per channel",
        )
    if image.mode.startswith("I"):
        return _from_16_bit(np.asarray(image), item=item)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _from_16_bit(
    levels: np.ndarray[tuple[int, ...], np.dtype[np.integer]], *, item: str
) -> Image.Image:
    if levels.min() < 0 or levels.max() > 0xFFFF:
        raise ImageError(
            "grey levels beyond 16 bits",
            item=item,
            remedy="Store the image with 8 or 16 bits per channel",
        )
    scaled = (levels.astype(np.uint32) * 255 + 0x7FFF) // 0xFFFF
    return Image.fromarray(scaled.astype(np.uint8)).convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _DECODING:
        return 1  # viewers show an image with broken metadata as it is stored


def _upright(image: Image.Image, *, orientation: int) -> Image.Image:
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)
