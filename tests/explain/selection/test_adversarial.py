from __future__ import annotations

import numpy as np
import pytest

from explain.attack import ifgsm
from explain.errors import ParameterError
from explain.selection.adversarial import choose
from explain.selection.sets import Candidates
from tests.explain.attack.linear_models import load, norm1, with_margins

STEPS = [11, 1, 0, 11, 3, 1, 7, 0]
PROBABILITIES = [0.6, 0.3, 0.01, 0.9, 0.4, 0.2, 0.4, 0.99]


def candidates(steps: list[int], probabilities: list[float]) -> Candidates[int]:
    return Candidates(
        keys=list(range(len(steps))),
        name="hen",
        flip_steps=np.array(steps),
        label_probabilities=np.array(probabilities),
        max_steps=10,
    )


def test_the_strict_rule_comes_first_and_what_falls_short_is_flagged() -> None:
    choice = choose(candidates(STEPS, PROBABILITIES), prototypes=3, criticisms=3, seed=0)
    assert [(pick.key, pick.strict) for pick in choice.prototypes] == [
        (3, True),
        (0, True),
        (6, False),
    ]
    assert [(pick.key, pick.strict) for pick in choice.criticisms] == [
        (5, True),
        (1, True),
        (4, False),
    ]
    assert choice.prototypes[2].scores == {"flip_step": 7.0, "label_probability": 0.4}
    assert choice.parameters == {"max_steps": 10}


def test_images_the_model_was_wrong_about_take_no_part() -> None:
    message = "hen: 7 images that the model got right are asked for, 6 are there"
    with pytest.raises(ParameterError, match=message):
        choose(candidates(STEPS, PROBABILITIES), prototypes=4, criticisms=3, seed=0)


def test_ties_are_broken_by_the_seed_alone() -> None:
    def first(seed: int) -> int:
        choice = choose(candidates([11] * 6, [0.5] * 6), prototypes=1, criticisms=0, seed=seed)
        return choice.prototypes[0].key

    assert first(3) == first(3)
    assert {first(seed) for seed in range(60)} == set(range(6))


def test_no_image_is_both() -> None:
    choice = choose(candidates([5] * 6, [0.5] * 6), prototypes=3, criticisms=3, seed=1)
    assert {pick.key for pick in (*choice.prototypes, *choice.criticisms)} == set(range(6))


def test_an_attack_s_own_columns_on_images_of_known_margins() -> None:
    """The largest margins are the prototypes, the smallest the criticisms."""
    classifier = load()
    margins = np.array([0.3, 50, 4.5, -2, 30, 0.6]) * 0.001 * norm1(classifier)
    result = ifgsm(classifier, with_margins(classifier, margins), [0] * 6, keep_going=False)
    attacked = Candidates(
        keys=list("abcdef"),
        flip_steps=result.flip_steps,
        label_probabilities=np.array([image.label_probability for image in result.images]),
        max_steps=result.max_steps,
        provenance=result.provenance,
    )
    choice = choose(attacked, prototypes=2, criticisms=2, seed=0)
    assert [pick.key for pick in choice.prototypes] == ["b", "e"]
    assert [pick.key for pick in choice.criticisms] == ["a", "f"]
    assert all(pick.strict for pick in (*choice.prototypes, *choice.criticisms))


@pytest.mark.parametrize(
    ("steps", "max_steps", "message"),
    [
        ([1, 12], 10, "flip_steps from 1 to 12 with max_steps 10"),
        ([-1, 3], 10, "flip_steps from -1 to 3"),
        ([1, 2], None, "needs max_steps"),
    ],
)
def test_steps_that_cannot_be_are_refused(
    steps: list[int], max_steps: int | None, message: str
) -> None:
    wrong = Candidates(
        keys=[1, 2],
        flip_steps=np.array(steps),
        label_probabilities=np.array([0.5, 0.5]),
        max_steps=max_steps,
    )
    with pytest.raises(ParameterError, match=message):
        choose(wrong, prototypes=1, criticisms=0, seed=0)
