from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.errors import ModelError, ParameterError
from explain.probes import pairs
from tests.explain.probes.models import BLUE, GREEN, RED, filled, load
from tests.explain.test_classifiers import tiny


def brute_force(
    distances: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    *,
    class_index: int | None,
) -> list[tuple[float, int, int]]:
    """All pairs sorted, each image once."""
    count = range(len(classes))

    def is_first(i: int, j: int) -> bool:
        return i < j if class_index is None else bool(classes[i] == class_index)

    edges = sorted(
        (float(distances[i, j]), i, j)
        for i in count
        for j in count
        if classes[i] != classes[j]
        and (i < j if class_index is None else classes[i] == class_index)
    )
    used: set[int] = set()
    taken = []
    for distance, i, j in edges:
        if not used & {i, j}:
            used |= {i, j}
            taken.append((distance, i, j))
    return taken


@pytest.mark.slow
@given(st.integers(0, 10**6), st.integers(2, 30), st.sampled_from([None, 0]), st.integers(1, 12))
def test_the_pairs_are_those_of_the_whole_sorted_table(
    seed: int, count: int, class_index: int | None, n_pairs: int
) -> None:
    generator = np.random.default_rng(seed)
    # Axes of a grid: distances are exactly 0, 1 or 2, with ties everywhere.
    axes = np.eye(4)[generator.integers(0, 4, count)] * generator.choice([-1, 1], (count, 1))
    classes = generator.integers(0, 3, count)
    expected = brute_force(1 - axes @ axes.T, classes, class_index=class_index)[:n_pairs]
    found = pairs.nearest(axes, classes, n_pairs=n_pairs, class_index=class_index)
    assert list(found) == expected


@pytest.mark.slow
def test_the_pairs_of_many_images_are_found_block_by_block() -> None:
    generator = np.random.default_rng(0)
    directions = generator.standard_normal((1200, 8))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    classes = generator.integers(0, 5, 1200)
    found = list(pairs.nearest(directions, classes, n_pairs=40))
    expected = brute_force(1 - directions @ directions.T, classes, class_index=None)[:40]
    assert [pair[1:] for pair in found] == [pair[1:] for pair in expected]


def test_a_pair_is_two_answers_to_two_like_images() -> None:
    # Red and green are told apart at a hair's breadth; blue is far from both.
    images = filled((200, 190, 0), BLUE, (190, 200, 0), (0, 0, 250))
    (found,) = pairs.probe(load(), images, n_pairs=1)
    assert (found.index, found.other) == (0, 2)
    assert found.before is not None
    assert (int(found.before.classes[0]), int(found.after.classes[0])) == (0, 1)
    assert found.class_index == 0
    assert np.array_equal(found.image, images[2])
    means = np.array([[200, 190, 0], [190, 200, 0]]) / 25.5
    one, other = np.hstack([means, [[5], [5]]])  # the pooled features: the logits themselves
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert found.distance == pytest.approx(1 - cosine, abs=1e-6)
    assert found.changed
    assert found.provenance.layer == "conv"


def test_the_first_of_a_pair_can_be_chosen_by_class() -> None:
    images = filled((200, 190, 0), BLUE, (190, 200, 0))
    (found,) = pairs.probe(load(), images, n_pairs=1, class_index=1)
    assert (found.index, found.other, found.class_index) == (2, 0, 1)


def test_another_s_features_can_say_what_is_alike() -> None:
    images = filled((200, 190, 0), BLUE, (190, 200, 0))
    features = np.array([[1, 0], [1, 0.1], [-1, 0]], np.float32)
    (found,) = pairs.probe(load(), images, n_pairs=1, features=features)
    assert (found.index, found.other) == (0, 1)
    assert found.provenance.layer is None
    assert found.provenance.parameters["features"] == "given"


def test_fewer_pairs_than_asked_for_are_flagged() -> None:
    found = pairs.probe(load(), filled(RED, GREEN, RED), n_pairs=5)
    assert [probe.flags for probe in found] == [("fewer_than_asked",)]


def test_no_pair_at_all_is_an_error() -> None:
    with pytest.raises(ParameterError, match="no two of 2 images are predicted differently"):
        pairs.probe(load(), filled(RED, RED))
    with pytest.raises(ParameterError, match="one of them of class 2"):
        pairs.probe(load(), filled(RED, GREEN), class_index=2)


def test_an_image_without_any_feature_is_like_no_other() -> None:
    features = np.array([[0, 0], [1, 0], [0, 1], [1, 0.5]], np.float32)
    found = pairs.probe(load(), filled(RED, GREEN, BLUE, RED), n_pairs=2, features=features)
    assert [(p.index, p.other) for p in found] == [(1, 3), (0, 2)]
    assert found[1].distance == 1


def test_impossible_arguments_are_refused() -> None:
    images = filled(RED, GREEN)
    with pytest.raises(ParameterError, match="n_pairs = 0"):
        pairs.probe(load(), images, n_pairs=0)
    for wrong in (np.zeros((1, 3), np.float32), np.full((2, 3), np.nan, np.float32)):
        with pytest.raises(ParameterError, match="one row of finite numbers per image"):
            pairs.probe(load(), images, features=wrong)
    with pytest.raises(ModelError, match="no last convolutional stage"):
        pairs.probe(tiny("tokens"), filled(RED, GREEN, side=4))


def test_found_without_pixels_and_asked_about_apart_they_are_the_same() -> None:
    images = filled((200, 190, 0), BLUE, (190, 200, 0), (0, 0, 250), RED)
    network = load()
    whole = pairs.probe(network, images, n_pairs=2)
    logits, features = network.described(images)
    found = pairs.find(logits.argmax(axis=1), features, n_pairs=2)
    places = sorted({place for pair in found for place in (pair.first, pair.second)})
    assert len(places) == 4
    moved = [
        pairs.Pair(pair.distance, places.index(pair.first), places.index(pair.second))
        for pair in found
    ]
    apart = pairs.ask_about(network, images[places], moved, n_pairs=2)
    for one, other in zip(whole, apart, strict=True):
        assert (one.index, one.other) == (places[other.index], places[other.other or 0])
        assert one.distance == pytest.approx(other.distance, abs=1e-6)
        assert (one.flags, one.provenance) == (other.flags, other.provenance)
        assert np.array_equal(one.image, other.image)
