from __future__ import annotations

import json
import math

import numpy as np
import pytest

from studyapp.analytics.results import SCHEMA_VERSION, payload, plain


def test_arrays_and_numpy_scalars_become_plain_numbers() -> None:
    value = plain({"a": np.arange(2, dtype=np.int16), "b": np.float64(0.5), "c": np.bool_(True)})
    assert value == {"a": [0, 1], "b": 0.5, "c": True}
    assert json.loads(json.dumps(value)) == value


def test_what_json_cannot_say_becomes_null() -> None:
    assert plain([math.nan, math.inf, np.array([np.nan, 1.0])]) == [None, None, [None, 1.0]]


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        plain([object()])


def test_a_payload_begins_with_its_version() -> None:
    assert list(payload(n=1).items()) == [("schema_version", SCHEMA_VERSION), ("n", 1)]
