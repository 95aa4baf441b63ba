"""Every page of a report under axe-core in a real Chromium: light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from axe_core_python.selenium import Axe  # type: ignore[import-untyped]
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome

from studyapp.models import KeptOut, Study
from studyapp.pipeline.name_analysis import name_analysis
from tests.browser.conftest import resize
from tests.factories.crowd import RaterIdentityFactory
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study
from tests.studyapp.web.rate_walk import Walker, entry, open_hit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]

LOOKS = pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])

#: The plan, a look around, and an address that asks for what cannot be.
RULES = ("", "?accept=3", "?accept=0")


def pages() -> list[str]:
    report, models = (reverse(name, args=["hand"]) for name in ("study-report", "study-comparison"))
    gallery = reverse("study-gallery", args=["hand"])
    raters, analyses = (reverse(f"study-{name}", args=["hand"]) for name in ("raters", "analyses"))
    votes = reverse("study-votes", args=["hand"])
    return [
        reverse("study-list"),
        *(
            f"{page}{query}"
            for page in (report, models)
            for query in ("", "?accept=3", "?accept=0")
        ),
        *(f"{page}{query}" for page in (raters, analyses, votes) for query in ("", "?accept=0")),
        *(
            f"{page}{query}"
            for page in (reverse("design"), reverse("study-design", args=["hand"]))
            for query in ("", "?people=3")
        ),
        f"{report}?class=0&model=alpha&unsure=no",
        f"{report}?class=77",
        f"{gallery}?class=0",
        *(f"{gallery}?verdict={outcome}" for outcome in ("accepted", "undecided", "unasked")),
    ]


@pytest.fixture
def reader(browser: Chrome, live_server: LiveServer, client: Client) -> Chrome:
    """A browser that is signed in, before a study with every kind of vote."""
    made = hand_study()
    add_votes_that_do_not_count(made)
    name_analysis(made.study, name="three", accept=3, note="What if three were enough?")
    client.force_login(User.objects.create_superuser("root"))
    browser.get(f"{live_server.url}/")
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    return browser


def faults(browser: Chrome) -> list[str]:
    """What axe finds wrong with the page, each with the place."""
    found = Axe().run(browser)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']}: {' '.join(node['target'])}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def test_a_page_with_faults_has_them_found(reader: Chrome, live_server: LiveServer) -> None:
    reader.get(live_server.url + reverse("study-list"))
    reader.execute_script("document.querySelector('h1').insertAdjacentHTML('afterend', '<img>')")
    assert any(fault.startswith("image-alt") for fault in faults(reader))


def look(browser: Chrome, *, width: int, scheme: str) -> None:
    resize(browser, width=width, height=900)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )


def assert_sound(browser: Chrome, page: str, *, width: int) -> None:
    browser.execute_script(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })"
    )
    assert faults(browser) == [], page
    across = "return document.documentElement.scrollWidth"
    assert browser.execute_script(across) <= width, page


@LOOKS
def test_every_page_of_a_report_is_without_faults(
    reader: Chrome, live_server: LiveServer, scheme: str, width: int
) -> None:
    look(reader, width=width, scheme=scheme)
    for page in pages():
        reader.get(live_server.url + page)
        assert not reader.title.lower().startswith(("sign", "log"))
        assert_sound(reader, page, width=width)


@LOOKS
def test_what_raters_read_where_conditions_are_apart_is_without_faults(
    browser: Chrome, live_server: LiveServer, scheme: str, width: int
) -> None:
    other, here = open_hit(n=1), open_hit(n=1)
    apart = {"cooldown_hours": 72, "cooldown_studies": other.study.name}
    Study.objects.filter(pk=here.study_id).update(**apart)
    Walker(other, worker="A1ADA00000001").begin()
    out = RaterIdentityFactory.create(worker_id="A1OUT00000001").rater
    KeptOut.objects.create(study=here.study, rater=out, source="a file")
    look(browser, width=width, scheme=scheme)
    preview = f"/rate/{here.public_id}/?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE"
    for page, heading in (
        (preview, here.study.title),
        (entry(here, worker="A1BOB00000001"), here.study.title),
        (entry(here, worker="A1ADA00000001"), "You can take this task later"),
        (entry(here, worker="A1OUT00000001"), "This study does not ask you"),
    ):
        browser.get(live_server.url + page)
        assert browser.find_element("tag name", "h1").text == heading
        assert_sound(browser, page, width=width)
