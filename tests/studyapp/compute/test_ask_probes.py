from __future__ import annotations

import inspect

import numpy as np

from explain import classifiers
from explain.probes import BY_NAME
from studyapp.compute.ask_probes import ask
from studyapp.probing import OPTIONS, ProbeRequest
from studyapp.vocabulary import ProbeKind
from tests.studyapp.compute.conftest import CHANNELS, seen


def test_every_probe_of_explain_can_be_asked_for() -> None:
    assert set(BY_NAME) == set(ProbeKind.values)


def test_an_option_that_is_not_given_keeps_the_probes_default() -> None:
    images = np.stack([seen(0)])
    classifier = classifiers.load(CHANNELS)
    request = ProbeRequest("corners", "channels", ProbeKind.TILES, {"rows": None, "columns": 3})
    assert request.parameters() == {"columns": 3}
    assert len(ask(classifier, images, request)) == 6


def test_every_option_is_one_of_its_probe() -> None:
    for kind, names in OPTIONS.items():
        known = inspect.signature(BY_NAME[kind]).parameters
        assert names <= set(known), kind
