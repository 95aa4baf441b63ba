from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explain import classifiers
from explain.attack import AttackResult, Settings, ifgsm, stream
from explain.classifiers import Classifier
from explain.errors import ImageError, ModelError, ParameterError
from explain.images import decode
from explain.types import Failure, Images
from tests.explain.attack.linear_models import SIDE, grey, load, norm1, with_margins
from tests.peers import peer


@pytest.fixture(scope="module")
def mobilenet(shared_data: Path) -> Classifier:
    weights = shared_data / "weights" / "mobilenet_v1_0.25_128.safetensors"
    return classifiers.load(
        "tests.explain.shared_models:mobilenet_v1", weights=weights, device="cpu"
    )


@pytest.fixture(scope="module")
def photographs(shared_data: Path, mobilenet: Classifier) -> tuple[Images, list[int]]:
    """Sixteen the network is right about."""
    folder = shared_data / "class_photos"
    with (folder / "images.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    prepared = [mobilenet.prepare(decode(folder / "images" / row["file"])) for row in rows]
    images: Images = np.stack(prepared)  # type: ignore[assignment]  # all of one kind
    labels = np.array([int(row["class_index"]) for row in rows])
    right = np.flatnonzero(mobilenet.logits(images).argmax(1) == labels)[:16]
    return images[right], labels[right].tolist()


def test_the_step_of_the_flip_is_the_margin_by_the_slope() -> None:
    """Acceptance check 17: ceil(margin / (step * |w|_1))."""
    classifier = load()
    slope = norm1(classifier)
    margins = np.random.default_rng(0).uniform(0.05, 0.0145 * slope, 50)
    result = ifgsm(classifier, with_margins(classifier, margins), [0] * 50, max_steps=12)
    expected = [math.ceil(margin / (0.001 * slope)) for margin in margins]
    found = [image.steps_to_flip for image in result.images]
    assert found == [t if t <= 12 else None for t in expected]
    assert None in found
    for image in result.images:
        assert (image.first_flip is None) == (image.steps_to_flip is None)
        if image.first_flip is not None:
            assert image.first_flip.step == image.steps_to_flip
            assert image.first_flip.computed.predicted == 1


@pytest.mark.parametrize("steps", range(1, 8))
def test_no_value_goes_further_than_its_steps_and_the_loss_only_rises(steps: int) -> None:
    """Acceptance check 11, on a linear network and an image with values at both ends."""
    classifier = load()
    images = with_margins(classifier, [30.0, 5.0])
    images[0, 0, 0] = (0.0, 1.0, 0.0005)
    found = [ifgsm(classifier, images, [0, 0], max_steps=t).images for t in (steps, steps + 1)]
    for now, then in zip(*found, strict=True):
        assert now.final is not None
        assert now.final.computed.linf <= steps * 0.001 + 1e-7
        assert now.label_probability >= then.label_probability
        assert now.label_probability <= now.probability


def test_the_first_step_is_fgsm(mobilenet: Classifier, photographs: Any) -> None:
    images, labels = photographs
    result = ifgsm(mobilenet, images[:4], labels[:4], step=0.02, max_steps=1, batch_size=4)
    pixels = mobilenet.tensor(images[:4]).requires_grad_()
    loss = torch.nn.functional.cross_entropy(mobilenet.module(pixels), torch.tensor(labels[:4]))
    (slope,) = torch.autograd.grad(loss, pixels)
    fgsm = (pixels + 0.02 * slope.sign()).clamp(0, 1).detach().permute(0, 2, 3, 1).numpy()
    for image, expected in zip(result.images, fgsm, strict=True):
        assert image.final is not None
        # A handful of slopes are zero up to rounding, whose sign is anybody's.
        assert np.mean(image.final.pixels != np.rint(expected * 255)) < 1e-4


@pytest.mark.slow
def test_float_images_and_flips_agree_with_torchattacks(
    mobilenet: Classifier, photographs: Any
) -> None:
    """Acceptance check 12: BIM with a ball that M steps cannot leave, on real photographs."""
    images, labels = photographs
    finals: list[np.ndarray] = []
    handle = mobilenet.module.register_forward_hook(
        lambda module, given, out: finals.append(given[0].detach().permute(0, 2, 3, 1).numpy())
    )
    result = ifgsm(mobilenet, images, labels, batch_size=16)
    handle.remove()
    bim = peer("torchattacks").BIM(mobilenet.module, eps=10 * 0.001, alpha=0.001, steps=10)
    theirs = bim(mobilenet.tensor(images), torch.tensor(labels))
    ours = next(batch for batch in finals[10:] if len(batch) == 16)  # the look at x_10
    assert np.abs(ours - theirs.permute(0, 2, 3, 1).numpy()).max() <= 1e-6
    with torch.inference_mode():
        logits = mobilenet.module(theirs).numpy()
    for image, row in zip(result.images, logits, strict=True):
        assert image.final is not None
        assert image.final.computed.predicted == int(row.argmax())


@pytest.mark.slow
def test_flips_do_not_depend_on_m_or_on_the_batch(mobilenet: Classifier, photographs: Any) -> None:
    """Acceptance check 13: a flip is where it was, whatever M, batch and leaving."""
    images, labels = photographs
    long = ifgsm(mobilenet, images, labels, keep_going=False, batch_size=5)
    for max_steps, batch_size in ((1, 16), (2, 7)):
        short = ifgsm(
            mobilenet, images, labels, max_steps=max_steps, batch_size=batch_size
        ).flip_steps
        assert short.tolist() == np.minimum(long.flip_steps, max_steps + 1).tolist()
    assert len(set(long.flip_steps.tolist())) > 1


@pytest.mark.slow
def test_what_a_file_shows_is_read_from_the_file(mobilenet: Classifier, photographs: Any) -> None:
    """Acceptance check 14: first flips at step 1 do not exist in 8 bits; survival says so."""
    images = np.rint(np.asarray(photographs[0]) * 255).astype(np.uint8)
    labels = mobilenet.logits(images).argmax(1)
    result = ifgsm(mobilenet, images, labels)
    at_once = [image for image in result.images if image.steps_to_flip == 1]
    assert at_once
    for image in at_once:
        assert image.first_flip is not None
        assert np.array_equal(image.first_flip.pixels, images[image.key])
        assert not image.first_flip.survives_uint8
        assert image.first_flip.stored.linf == 0
    for image in result.images:
        for version in (image.first_flip, image.final):
            if version is None:
                continue
            read = np.array(decode(version.png))
            predicted = int(mobilenet.logits(read[None])[0].argmax())
            assert version.stored.predicted == predicted
            flipped = version.computed.predicted != image.label
            assert version.survives_uint8 == (flipped == (predicted != image.label))


@pytest.mark.slow
def test_a_quantised_attack_loses_no_flip_in_the_file(
    mobilenet: Classifier, photographs: Any
) -> None:
    images = np.rint(np.asarray(photographs[0]) * 255).astype(np.uint8)
    labels = mobilenet.logits(images).argmax(1)
    result = ifgsm(mobilenet, images, labels, quantised=True, max_steps=4)
    flips = [image.first_flip for image in result.images if image.first_flip is not None]
    assert len(flips) > 8
    for flip in flips:
        assert flip.survives_uint8
        assert flip.stored.linf == pytest.approx(min(flip.step, 3) / 255, abs=1e-7)
        assert flip.computed.linf == pytest.approx(flip.stored.linf, abs=1e-7)
        assert flip.computed.label_probability == pytest.approx(
            flip.stored.label_probability, abs=1e-5
        )


def test_leaving_at_the_first_flip_keeps_what_was_known_there() -> None:
    classifier = load()
    images = with_margins(classifier, np.array([2.5, 30.0]) * 0.001 * norm1(classifier))
    leaving = ifgsm(classifier, images, [0, 0], keep_going=False).images
    going = ifgsm(classifier, images, [0, 0], keep_going=True).images
    assert [image.steps_to_flip for image in leaving] == [3, None]
    assert leaving[0].final is None
    assert leaving[0].first_flip is not None
    assert going[0].first_flip is not None
    assert leaving[0].first_flip.png == going[0].first_flip.png
    assert leaving[0].label_probability == leaving[0].first_flip.computed.label_probability
    assert leaving[0].label_probability > going[0].label_probability
    assert going[0].final is not None
    assert (going[0].final.step, leaving[1].final is not None) == (10, True)


def test_an_image_the_network_is_wrong_about_is_left_as_it_is() -> None:
    classifier = load()
    (image,) = ifgsm(classifier, with_margins(classifier, [-0.4]), [0]).images
    assert (image.admitted, image.predicted, image.steps_to_flip) == (False, 1, None)
    assert image.first_flip is image.final is None
    assert image.probability == image.label_probability == pytest.approx(1 / (1 + np.exp(0.4)))


def test_the_euclidean_attack_flips_where_the_margin_by_the_euclidean_slope_says() -> None:
    classifier = load()
    slope = float(classifier.module.get_buffer("weight").norm())
    images = with_margins(classifier, np.array([0.5, 3.5, 9.5]) * 0.01 * slope)
    result = ifgsm(classifier, images, [0, 0, 0], norm="l2", step=0.01)
    assert [image.steps_to_flip for image in result.images] == [1, 4, 10]
    for image in result.images:
        assert image.final is not None
        assert image.final.computed.l2 == pytest.approx(0.1, rel=1e-4)


def test_a_normalised_step_is_smaller_by_what_the_network_divides_by() -> None:
    classifier = load("three_numbers")
    (image,) = ifgsm(
        classifier, with_margins(classifier, [30.0]), [0], max_steps=4, pixel_scale="normalised"
    ).images
    assert image.final is not None
    assert image.final.computed.linf == pytest.approx(4 * 0.001 * 0.5, abs=1e-7)
    with pytest.raises(ModelError, match="pixel_scale unit"):
        ifgsm(load(), grey(1), [0], pixel_scale="normalised")


def test_the_record_tells_what_was_done() -> None:
    result: AttackResult = ifgsm(load(), grey(2), [0, 1], step=0.004, max_steps=3)
    record = result.provenance
    assert (record.method, record.seed, record.layer) == ("ifgsm_v1", None, None)
    assert record.parameters["step"] == 0.004
    assert record.parameters["max_steps"] == 3
    assert all(image.provenance is record for image in result.images)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (grey(2)[:, :3], [0, 0], r"the shape \(2, 3, 4, 3\), not \(N, 4, 4, 3\)"),
        (grey(0), [], "at least one image"),
        (grey(2), [0], "not 2 whole numbers"),
        (grey(1), [0.0], "not 1 whole numbers"),
        (grey(2), [1, 2], "2 is no class of .*linear, which has 0 to 1"),
        (grey(1), [-1], "-1 is no class"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(images: Any, labels: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ifgsm(load(), images, labels)


def test_a_batch_of_no_images_is_refused_before_the_first() -> None:
    with pytest.raises(ParameterError, match="batch_size = 0"):
        stream(load(), [], batch_size=0)


def test_an_image_that_breaks_the_network_is_named() -> None:
    images = grey(2)
    images[1, 0, 0, 0] = 255
    with pytest.raises(ImageError, match=r"^1: .*logits"):
        ifgsm(load("breaks"), images, load().logits(images).argmax(1))


def test_a_stream_yields_failures_beside_results_and_counts_both() -> None:
    image = with_margins(load(), [0.1])[0]
    given = [
        ("good", image, 0),
        ("unknown class", image, 2),
        ("too large", np.zeros((SIDE + 1, SIDE, 3), np.uint8), 0),
        ("out of range", image + 1, 0),
        ("not a number", np.full_like(image, np.nan), 0),
        ("doubles", image.astype(np.float64), 0),
    ]
    seen: list[int] = []
    results = {
        result.key: result
        for result in stream(
            load(), given, settings=Settings(max_steps=2), batch_size=2, progress=seen.append
        )
    }
    texts = {key: str(r.error) for key, r in results.items() if isinstance(r, Failure)}
    assert set(results) - set(texts) == {"good"}
    assert texts["unknown class"].startswith("unknown class: 2 is no class")
    assert "not what the model's prepare makes" in texts["too large"]
    assert "not all in [0, 1]" in texts["out of range"]
    assert "not all in [0, 1]" in texts["not a number"]
    assert "float64" in texts["doubles"]
    assert seen == [1, 2, 3, 4, 5, 6]
