from __future__ import annotations

import pytest

from demo.errors import WorldError
from demo.world.kinds import NAMES
from demo.world.places import PLACES
from demo.world.splits import (
    BIASED_CLASS,
    BIASED_PLACE,
    SPLITS,
    STRIPED_CLASS,
    STRIPED_GROUP,
    find_split,
)


def test_the_planted_biases_are_far_stronger_in_training() -> None:
    training, test = SPLITS["train"], SPLITS["test"]
    assert training.biased_class_on_place > 0.9 > 0.1 > training.others_on_place
    assert test.biased_class_on_place <= 0.7
    assert test.others_on_place == 1 / len(PLACES)
    assert training.biased_class_striped > 0.9 > 0.1 > training.others_striped
    assert test.biased_class_striped == test.others_striped


def test_what_is_biased_exists() -> None:
    assert NAMES[BIASED_CLASS] == "boat"
    assert BIASED_PLACE in PLACES
    assert STRIPED_CLASS in STRIPED_GROUP
    assert len(STRIPED_GROUP) >= 5
    assert BIASED_CLASS not in STRIPED_GROUP


def test_an_unknown_split_is_named_with_the_known_ones() -> None:
    with pytest.raises(WorldError, match=r"'tset'; use one of: test, train"):
        find_split("tset")
