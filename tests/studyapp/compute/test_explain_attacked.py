"""Attention images of adversarial images, which are squares as the model saw them."""

from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.compute.explain import explain
from studyapp.errors import InputError
from studyapp.explanation import make_request, settings_of
from studyapp.models import AdversarialImage, AttentionImage, ImageSet
from studyapp.selectors.explanations import attack_named
from tests.studyapp.compute.test_explain import request_of

FEW = {"top_k": 2, "n_samples": 60}


@pytest.fixture
def attack(corners: ImageSet) -> str:
    explain(request_of("adversarial", step=0.2, max_steps=10))
    return attack_named(None, image_set="corners", model="channels")


def pixels(name: str | None) -> np.ndarray:
    with default_storage.open(str(name)) as stream:
        return np.asarray(PILImage.open(stream))


def explain_attacked(attack: str) -> int:
    settings = settings_of("attention", options={**FEW, "of_attack": attack})
    request = make_request("corners", model="channels", settings=settings, among="attacked")
    return explain(request).n_new


def test_each_flip_is_explained_for_the_class_it_led_to(attack: str) -> None:
    flips = {row.image_id: row for row in AdversarialImage.objects.filter(flip_survives=True)}
    assert flips
    assert explain_attacked(attack) == len(flips)
    for row in AttentionImage.objects.all():
        flip = flips[row.image_id]
        assert row.label_class_id == flip.flip_class_id
        assert row.parameters["of_attack"] == attack
        np.testing.assert_array_equal(pixels(row.input_file), pixels(flip.flip_file))
    assert explain_attacked(attack) == 0


def test_settings_without_an_attack_keep_their_identity(attack: str) -> None:
    assert "of_attack" not in settings_of("attention", options={}).parameters()
    explain(request_of("attention", **FEW))
    explain_attacked(attack)
    hashes = set(AttentionImage.objects.values_list("parameters_hash", flat=True))
    assert len(hashes) == 2


def test_which_attack_is_meant_has_to_be_clear(attack: str) -> None:
    explain(request_of("adversarial", step=0.1, max_steps=10))
    assert attack_named(attack[:8], image_set="corners", model="channels") == attack
    with pytest.raises(InputError, match="2 attacks fit"):
        attack_named(None, image_set="corners", model="channels")
    with pytest.raises(InputError, match="was not attacked on this set"):
        attack_named(None, image_set="birds", model="channels")
    settings = settings_of("attention", options={})
    with pytest.raises(InputError, match="those of one attack"):
        make_request("corners", model="channels", settings=settings, among="attacked")
