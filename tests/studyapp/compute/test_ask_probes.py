from __future__ import annotations

import numpy as np

from explain import classifiers
from explain.probes import BY_NAME
from studyapp.compute.ask_probes import ProbeRequest, ask
from studyapp.vocabulary import ProbeKind
from tests.studyapp.compute.conftest import CHANNELS, seen


def test_every_probe_of_explain_can_be_asked_for() -> None:
    assert set(BY_NAME) == set(ProbeKind.values)


def test_an_option_that_is_not_given_keeps_the_probes_default() -> None:
    images = np.stack([seen(0)])
    classifier = classifiers.load(CHANNELS)
    request = ProbeRequest(ProbeKind.TILES, {"rows": None, "columns": 3})
    assert request.parameters() == {"columns": 3}
    assert len(ask(classifier, images, [], request)) == 6
