from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from explain.errors import ParameterError
from explain.probes import insertion
from explain.probes.types import Probe
from tests.explain.probes.models import BLUE, GREEN, RED, SIDE, filled, load, random_images


def thing(width: int = 6, height: int = 3, *, alpha: int = 255) -> npt.NDArray[np.uint8]:
    """A blue rectangle in a transparent margin of 2 pixels whose colour is green."""
    pixels = np.zeros((height + 4, width + 4, 4), np.uint8)
    pixels[..., 1] = 255
    pixels[2:-2, 2:-2] = (*BLUE, alpha)
    return pixels


def boxes(found: list[Probe]) -> list[tuple[int, int, int, int]]:
    return [probe.box for probe in found if probe.box is not None]


def test_the_object_is_where_the_box_says_and_nowhere_else() -> None:
    images = filled(RED)
    (probe,) = insertion.probe(load(), images, thing(), scales=(0.5, 0.5))
    assert probe.box is not None
    left, top, right, bottom = probe.box
    assert (right - left, bottom - top) == (8, 4)  # half the side, in the object's proportions
    inside = np.zeros((SIDE, SIDE), bool)
    inside[top:bottom, left:right] = True
    assert (probe.image[inside] == BLUE).all()  # and no green of the transparent margin
    assert (probe.image[~inside] == RED).all()


def test_enough_of_another_colour_changes_the_answer() -> None:
    (probe,) = insertion.probe(load(), filled(RED), thing(6, 6), scales=(1.0, 1.0))
    assert probe.before is not None
    assert (int(probe.before.classes[0]), int(probe.after.classes[0])) == (0, 2)
    assert probe.changed
    assert probe.probability_before is not None
    assert probe.probability_before > 0.9 > 0.1 > probe.probability_after


def test_an_alpha_between_lets_the_image_through() -> None:
    image = filled((200, 100, 0))[0]
    under = Image.fromarray(thing(4, 4, alpha=102)[2:-2, 2:-2])
    pasted = insertion.paste(image, under, box=(1, 2, 5, 6))
    assert pasted[3, 2].tolist() == [120, 60, 102]  # 0.6 * image + 0.4 * blue
    assert pasted[0, 0].tolist() == [200, 100, 0]


def test_resizing_does_not_bleed_the_colour_of_transparent_pixels() -> None:
    cut = np.zeros((8, 8, 4), np.uint8)
    cut[..., 1] = 255  # transparent green around
    cut[2:6, 2:6] = (*BLUE, 255)
    pasted = insertion.paste(filled((0, 0, 0))[0], Image.fromarray(cut), box=(0, 0, 5, 5))
    assert pasted[..., 2].max() == 255
    assert pasted[..., 1].max() == 0


def test_places_and_sizes_are_drawn_inside_the_frame_and_vary() -> None:
    found = insertion.probe(load(), filled(RED), thing(), draws=200, scales=(0.25, 1.0))
    assert len(found) == 200
    places = np.array(boxes(found))
    assert places.min() == 0
    assert places.max() == SIDE
    widths = places[:, 2] - places[:, 0]
    assert (widths.min(), widths.max()) == (4, SIDE)
    assert widths.mean() == pytest.approx(0.625 * SIDE, abs=1)
    assert (places[:, 3] - places[:, 1] >= 2).all()


def test_what_is_drawn_does_not_depend_on_the_other_images() -> None:
    images = filled(RED, BLUE, (254, 0, 0))
    together = insertion.probe(load(), images, thing(), draws=2, seed=4)
    alone = insertion.probe(load(), images[2:], thing(), draws=2, seed=4)
    other = insertion.probe(load(), images[2:], thing(), draws=2, seed=5)
    assert boxes(together)[4:] == boxes(alone) != boxes(other)


def test_nothing_is_pasted_into_an_image_the_model_is_not_sure_of() -> None:
    images = np.concatenate([filled(GREEN), filled((140, 0, 0))])
    sure, unsure = insertion.probe(load(), images, thing())
    assert (sure.flags, unsure.flags) == ((), ("not_confident",))
    assert np.array_equal(unsure.image, images[1])
    assert unsure.box is None
    assert unsure.probability_after == unsure.probability_before
    # The first image is sure, but not of the class that is asked about.
    (other,) = insertion.probe(load(), images[:1], thing(), classes=[0])
    assert other.flags == ("not_confident",)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"draws": 0}, "draws = 0"),
        ({"scales": (0.0, 0.5)}, r"scales = \(0\.0, 0\.5\)"),
        ({"scales": (0.6, 0.5)}, "scales"),
        ({"scales": (0.6, 1.5)}, "scales"),
        ({"inserted": np.zeros((3, 3, 4), np.uint8)}, "wholly transparent"),
        ({"inserted": np.zeros((3, 3, 3), np.uint8)}, r"uint8 \(3, 3, 3\), not uint8"),
    ],
)
def test_impossible_arguments_are_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        insertion.probe(load(), random_images(1), **{"inserted": thing(), **changed})  # type: ignore[arg-type]
