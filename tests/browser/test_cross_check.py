"""The blind cross-check in a real Chromium: drawn, answered by keyboard, read, by axe."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from studyapp.models import CrossCheckAnswer, Study, Trial, Vote
from studyapp.vocabulary import StudyState
from tests.browser.conftest import console, resize, screenshot
from tests.browser.rating import at, press, wait
from tests.browser.test_accessibility import faults
from tests.factories.crowd import RaterFactory, VoteFactory
from tests.recruiting import a_live_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def study() -> Study:
    """Three questions decided by two votes each, the first rejected."""
    study = a_live_study(images=3, raters_per_trial=2, accept_at=2, name="birds")
    raters = RaterFactory.create_batch(2)
    for number, trial in enumerate(Trial.objects.order_by("pk")):
        for rater in raters:
            VoteFactory.create(trial=trial, rater=rater, answer="yes" if number else "no")
    Study.objects.update(state=StudyState.CLOSED)
    study.refresh_from_db()
    assert Vote.objects.count() == 6
    return study


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_drawn_answered_and_read(
    browser: Chrome,
    live_server: LiveServer,
    client: Client,
    study: Study,
    width: int,
    scheme: str,
) -> None:
    resize(browser, width=width, height=700)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    client.force_login(User.objects.create_superuser("root"))
    browser.get(live_server.url)
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    console(browser)
    browser.get(live_server.url + reverse("study-cross-check", args=[study.name]))
    _looked_at(browser, name="draw", width=width)
    browser.find_element(By.CSS_SELECTOR, "form.filters button").click()
    wait(browser, lambda b: b.find_elements(By.LINK_TEXT, "Begin"))
    browser.find_element(By.LINK_TEXT, "Begin").click()
    for number, key in ((1, "y"), (2, "n"), (3, "u"), (2, "y"), (3, " ")):
        at(browser, number, of=3)
        if number == 1:
            _looked_at(browser, name="trial", width=width)
        press(browser, key)
    wait(browser, lambda b: "Contradicted" in b.page_source)
    _looked_at(browser, name="figures", width=width)
    rows = CrossCheckAnswer.objects.order_by("item__position", "sequence")
    assert list(rows.values_list("item__position", "sequence", "answer")) == [
        (0, 0, "yes"),
        (1, 0, "no"),
        (1, 1, "yes"),
        (2, 0, "unsure"),
    ]


def _looked_at(browser: Chrome, *, name: str, width: int) -> None:
    screenshot(browser, name=f"cross-check-{name}-{width}")
    assert faults(browser) == [], name
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width, name
    assert console(browser) == [], name
