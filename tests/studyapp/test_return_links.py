from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from studyapp.return_links import check_template, filled

PROLIFIC = "https://app.prolific.com/submissions/complete?cc={code}"


def test_values_are_filled_in_as_values() -> None:
    template = PROLIFIC + "&who={participant}&at={session}"
    address = filled(template, code="A1", participant="a&b=c d", session="é/..")
    assert address == (
        "https://app.prolific.com/submissions/complete?cc=A1&who=a%26b%3Dc%20d&at=%C3%A9%2F.."
    )


@pytest.mark.parametrize(
    "template",
    [
        "http://app.prolific.com/{code}",
        "https://evil.example/{code}",
        "https://app.prolific.com.evil.example/",
        "https://app.prolific.com@evil.example/",
        "https://evil.example#app.prolific.com/",
        "https://app.prolific.com:8443/",
        "https://{participant}/",
        "https://app.prolific.com\\@evil.example/",
        "//app.prolific.com/",
        "javascript:alert(1)",
        "https://app.prolific.com/{secret}",
        "https://app.prolific.com/{code",
        "https://app.prolific.com/a b",
    ],
)
def test_other_places_are_refused(template: str) -> None:
    with pytest.raises(ValidationError):
        check_template(template)


def test_a_host_taken_off_the_list_is_no_way_back_any_more(settings: Settings) -> None:
    check_template(PROLIFIC)
    settings.LINK_RETURN_HOSTS = ["panel.example.org"]
    assert filled(PROLIFIC, code="A1") == ""
    check_template("https://panel.example.org/done/{code}")
