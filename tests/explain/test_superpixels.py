from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab
from skimage.segmentation import quickshift

from demo.world.render import draw_scene
from demo.world.scenes import plan_scene
from explain.errors import ImageError, ParameterError
from explain.images import decode
from explain.preparation import Preparation
from explain.superpixels import Quickshift, count
from explain.types import RGBImage

CPU = torch.device("cpu")
LIME = Quickshift()


def noise(*shape: int, seed: int = 0) -> RGBImage:
    return np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8)


def blobs(side: int, *, seed: int = 0) -> RGBImage:
    coarse = Image.fromarray(noise(6, 6, seed=seed))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))


def scene(index: int, *, side: int = 112) -> RGBImage:
    """A picture of the toy world: flat colours, so that many pixels are equally near."""
    pixels = draw_scene(plan_scene(index, seed=3, split="test")).pixels
    return Preparation.of_input_size(side).apply(Image.fromarray(pixels))


def labels(image: RGBImage, settings: Quickshift = LIME) -> np.ndarray:
    return settings.labels(torch.from_numpy(rgb2lab(image)[None]))[0].numpy()


def reference(image: RGBImage, **options: float) -> np.ndarray:
    options = {"kernel_size": 4, "max_dist": 200, "ratio": 0.2, **options}
    found: np.ndarray = quickshift(image, **options)  # type: ignore[no-untyped-call]  # untyped
    return found


@pytest.mark.long
def test_labels_of_photographs_equal_scikit_image_s(shared_data: Path) -> None:
    """Check 4: given its Lab image every label, with our own Lab 99.9 % of the pixels."""
    paths = sorted((shared_data / "val_photos" / "images").iterdir())[:10]
    assert len(paths) == 10
    for path in paths:
        image = Preparation().apply(decode(path))
        expected = reference(image)
        assert np.array_equal(labels(image), expected), path.name
        (own,) = LIME.segment([image], device=CPU)
        assert (own == expected).mean() >= 0.999, path.name


@pytest.mark.parametrize("index", range(3))
def test_labels_of_flat_drawings_equal_scikit_image_s(index: int) -> None:
    image = scene(index)
    assert np.array_equal(labels(image), reference(image))


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": 1.5, "ratio": 1.0},
        {"max_dist": 5},
        {"ratio": 0},
        {"kernel_size": 2, "seed": 7},
    ],
)
def test_other_constants_mean_what_they_mean_in_scikit_image(options: dict[str, float]) -> None:
    image = blobs(48)
    settings = Quickshift(**options)  # type: ignore[arg-type]  # a seed among the floats
    renamed = {"rng" if name == "seed" else name: value for name, value in options.items()}
    assert np.array_equal(labels(image, settings), reference(image, **renamed))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 40), (40, 3), (13, 14)])
def test_images_smaller_than_the_window(shape: tuple[int, int]) -> None:
    image = noise(*shape)
    assert np.array_equal(labels(image), reference(image))


def test_a_flat_image_is_divided_by_the_noise_alone() -> None:
    image = np.full((40, 40, 3), 90, dtype=np.uint8)
    found = labels(image)
    assert np.array_equal(found, reference(image))
    assert found.max() > 0


def test_ids_have_no_gaps_and_are_small_integers() -> None:
    (found,) = LIME.segment([blobs(64)], device=CPU)
    assert found.dtype == np.int32
    assert found.shape == (64, 64)
    assert np.array_equal(np.unique(found), np.arange(count(found)))


@pytest.mark.slow
def test_images_of_a_batch_do_not_know_of_each_other() -> None:
    images = [blobs(40, seed=seed) for seed in range(3)]
    labs = torch.from_numpy(np.stack([rgb2lab(image) for image in images]))
    together = LIME.labels(labs).numpy()
    for image, found in zip(images, together, strict=True):
        assert np.array_equal(found, labels(image))
    assert all(
        np.array_equal(one, other)
        for one, other in zip(LIME.segment(images, device=CPU), together, strict=True)
    )


def test_the_number_of_threads_changes_nothing_and_is_given_back() -> None:
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(LIME.segment([blobs(64)], device=CPU)[0])
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)],
)
def test_what_is_no_rgb_image_is_refused(image: RGBImage) -> None:
    with pytest.raises(ImageError, match="is not an RGB image"):
        LIME.segment([image], device=CPU)


@pytest.mark.parametrize("options", [{"kernel_size": 0.5}, {"max_dist": 0}, {"ratio": -1}])
def test_constants_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="kernel_size must be at least 1"):
        Quickshift(**options)  # type: ignore[arg-type]  # floats only
