from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision import transforms

from explain.errors import ImageError, ParameterError
from explain.preparation import Interpolation, Preparation

SIDES = st.integers(1, 700)


def picture(*, width: int, height: int, seed: int = 0) -> Image.Image:
    generator = np.random.default_rng(seed)
    return Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8))


def by_torchvision(image: Image.Image, *, preparation: Preparation) -> np.ndarray:
    mode = transforms.InterpolationMode(preparation.interpolation)
    transform = transforms.Compose(
        [
            transforms.Resize(preparation.resize, interpolation=mode),
            transforms.CenterCrop(preparation.crop),
        ]
    )
    return np.asarray(transform(image))


@pytest.mark.slow
@given(width=SIDES, height=SIDES, seed=st.integers(0, 9))
def test_pixels_equal_torchvision_s(width: int, height: int, seed: int) -> None:
    image = picture(width=width, height=height, seed=seed)
    preparation = Preparation(resize=64, crop=56)
    assert np.array_equal(preparation.apply(image), by_torchvision(image, preparation=preparation))


@pytest.mark.parametrize(
    ("resize", "crop", "interpolation"),
    [(256, 224, "bilinear"), (232, 224, "bicubic"), (224, 224, "bilinear"), (255, 240, "bilinear")],
)
def test_presets_equal_torchvision_s(resize: int, crop: int, interpolation: Interpolation) -> None:
    preparation = Preparation(resize=resize, crop=crop, interpolation=interpolation)
    for width, height in ((500, 375), (375, 500), (256, 256), (333, 500), (224, 900), (5, 3)):
        image = picture(width=width, height=height)
        found = preparation.apply(image)
        assert found.dtype == np.uint8
        assert np.array_equal(found, by_torchvision(image, preparation=preparation))


def test_the_result_can_be_written_to() -> None:
    assert Preparation().apply(picture(width=300, height=300)).flags.writeable


def test_geometry_by_hand() -> None:
    preparation = Preparation()
    assert preparation.resized(width=500, height=375) == (341, 256)  # 341.33 cut off
    assert preparation.corner(width=500, height=375) == (58, 16)  # 58.5 and half goes to even
    assert preparation.resized(width=375, height=500) == (256, 341)
    assert preparation.corner(width=375, height=500) == (16, 58)


def test_proportions_of_the_papers_at_another_size() -> None:
    assert Preparation.of_input_size(224) == Preparation(256, 224)
    assert Preparation.of_input_size(128) == Preparation(146, 128)
    assert Preparation.of_input_size(1) == Preparation(1, 1)


@pytest.mark.parametrize(("resize", "crop"), [(224, 256), (0, 0), (10, 0)])
def test_impossible_sizes_are_refused(resize: int, crop: int) -> None:
    with pytest.raises(ParameterError, match="crop"):
        Preparation(resize=resize, crop=crop)


def test_an_unknown_interpolation_is_refused() -> None:
    with pytest.raises(ParameterError, match="nearest"):
        Preparation(interpolation="nearest")  # type: ignore[arg-type]


def test_a_strip_too_narrow_to_resize_is_refused() -> None:
    strip = Image.new("RGB", (40_000, 1))
    with pytest.raises(ImageError, match=r"strip\.png: 40000 x 1"):
        Preparation().apply(strip, name="strip.png")


def drawn(box: list[int], *, width: int, height: int) -> Image.Image:
    left, top, right, bottom = box
    mask = np.zeros((height, width, 3), np.uint8)
    mask[top:bottom, left:right] = 255
    return Image.fromarray(mask)


def overlap(box: np.ndarray, coverage: np.ndarray) -> float:
    """Intersection over union of a box with fractional edges and a picture of coverage 0..1."""
    side = np.arange(coverage.shape[0])
    across = np.clip(np.minimum(box[2], side + 1) - np.maximum(box[0], side), 0, 1)
    down = np.clip(np.minimum(box[3], side + 1) - np.maximum(box[1], side), 0, 1)
    mapped = np.outer(down, across)
    return float(np.minimum(mapped, coverage).sum() / np.maximum(mapped, coverage).sum())


@pytest.mark.parametrize("seed", range(200))
def test_a_box_goes_where_its_pixels_go(seed: int) -> None:
    """Draw the box as pixels, push it through the transform: the mapped box lies on them."""
    generator = np.random.default_rng(seed)
    width, height = (int(side) for side in generator.integers(180, 700, 2))
    if seed % 5 == 0:
        height = width
    left, top = int(width * generator.uniform(0.1, 0.4)), int(height * generator.uniform(0.1, 0.4))
    box = [left, top, left + width // 2, top + height // 2]
    preparation = Preparation()
    coverage = preparation.apply(drawn(box, width=width, height=height))[..., 0] / 255
    (mapped,) = preparation.boxes(np.array([box], float), width=width, height=height)
    assert overlap(mapped, coverage) >= 0.98


def test_boxes_by_hand() -> None:
    preparation = Preparation(resize=8, crop=4)
    boxes = np.array(
        [[0, 0, 16, 16], [4, 4, 12, 12], [7, 7, 9, 9.5], [0, 0, 4, 4], [13, 0, 16, 16]]
    )
    found = preparation.boxes(boxes, width=16, height=16)
    assert found.dtype == np.float64
    assert found.tolist() == [
        [0, 0, 4, 4],
        [0, 0, 4, 4],
        [1.5, 1.5, 2.5, 2.75],
        [0, 0, 0, 0],
        [4, 0, 4, 4],
    ]


def test_no_boxes_are_no_boxes() -> None:
    assert Preparation().boxes(np.empty((0, 4)), width=10, height=10).shape == (0, 4)
