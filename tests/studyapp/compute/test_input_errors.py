from __future__ import annotations

import pytest

from explain.errors import WeightsError
from studyapp.compute.input_errors import as_input_error
from studyapp.errors import InputError


def test_the_words_of_explain_reach_the_person() -> None:
    with pytest.raises(InputError) as caught, as_input_error():
        raise WeightsError("the file is empty", item="a.pth", remedy="Copy it again")
    assert str(caught.value) == "a.pth: the file is empty. Copy it again."
