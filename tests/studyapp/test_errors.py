from __future__ import annotations

import pytest

from studyapp.errors import InputError, QuorumError


@pytest.mark.parametrize(
    ("happened", "remedy", "said"),
    [
        ("there is no set", "Import it", "a.csv: there is no set. Import it."),
        ("there is no set.", "Import it.", "a.csv: there is no set. Import it."),
        ("there is no set", "Did you mean birds?", "a.csv: there is no set. Did you mean birds?"),
        ("there is no set", "", "a.csv: there is no set."),
    ],
)
def test_a_message_says_what_happened_where_and_what_to_do(
    happened: str, remedy: str, said: str
) -> None:
    error = InputError(happened, item="a.csv", remedy=remedy)
    assert str(error) == said
    assert isinstance(error, QuorumError)
