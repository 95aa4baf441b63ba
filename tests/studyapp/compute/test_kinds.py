from __future__ import annotations

import json

from explain import classifiers, provenance
from studyapp.compute.explain import MAKERS
from studyapp.compute.kinds import plain
from studyapp.vocabulary import ExplanationKind
from tests.studyapp.compute.conftest import CHANNELS


def test_every_kind_has_a_maker() -> None:
    assert set(MAKERS) == set(ExplanationKind)


def test_a_record_goes_into_json_and_comes_back() -> None:
    record = provenance.record(classifiers.load(CHANNELS), method="m", parameters={"k": None})
    assert json.loads(json.dumps(plain(record))) == plain(record)
