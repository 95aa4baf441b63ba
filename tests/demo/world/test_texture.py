from __future__ import annotations

import numpy as np
import pytest

from demo.world.texture import Field, blend, cloudy, grain, smooth


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("kind", ["smooth", "cloudy", "grain"])
def test_fields_have_the_wanted_shape_and_come_again_from_the_same_seed(kind: str) -> None:
    def draw() -> Field:
        if kind == "smooth":
            return smooth(rng(), shape=(40, 60), cells=(4, 6))
        return (
            cloudy(rng(), shape=(40, 60), cells=4)
            if kind == "cloudy"
            else grain(rng(), shape=(40, 60))
        )

    field = draw()
    assert field.shape == (40, 60)
    assert field.dtype == np.float32
    assert (field == draw()).all()


def test_a_smooth_field_is_smoother_than_grain() -> None:
    def roughness(field: Field) -> float:
        return float(np.abs(np.diff(field, axis=1)).mean() / field.std())

    assert roughness(smooth(rng(), shape=(90, 90), cells=(5, 5))) < 0.2
    assert roughness(grain(rng(), shape=(90, 90))) > 0.8
    coarse = roughness(cloudy(rng(), shape=(90, 90), cells=3, octaves=1))
    assert roughness(cloudy(rng(), shape=(90, 90), cells=3, octaves=4)) > coarse


def test_grain_has_standard_deviation_one() -> None:
    assert grain(rng(), shape=(200, 200)).std() == pytest.approx(1, abs=0.02)


def test_blend_mixes_two_colours_and_never_more() -> None:
    share = np.array([[-1.0, 0.0, 0.25, 1.0, 7.0]], dtype=np.float32)
    mixed = blend((0, 100, 200), (100, 100, 0), share=share)
    assert mixed[0, :, 0].tolist() == [0, 0, 25, 100, 100]
    assert mixed[0, :, 1].tolist() == [100] * 5
    assert mixed[0, :, 2].tolist() == [200, 200, 150, 0, 0]
