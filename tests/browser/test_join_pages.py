"""Taking part by link in a real Chromium: by keyboard alone, on a phone and a desk, by axe."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from studyapp.models import LinkPlace, StudyLink, Vote
from studyapp.vocabulary import LinkPlaceState
from tests.browser.conftest import console, resize, screenshot
from tests.browser.rating import agree, at, end, press, wait
from tests.browser.test_accessibility import faults
from tests.studyapp.web.join_walk import Person, a_link

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def link(live_server: LiveServer, settings: Settings) -> StudyLink:
    settings.QUORUM_URL = live_server.url
    return a_link(images=4, trials_per_hit=2, raters_per_trial=1, reward="0.10")


def looked_at(browser: Chrome, *, name: str, width: int) -> None:
    screenshot(browser, name=f"join-{name}-{width}")
    assert faults(browser) == [], name
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width, name
    said = [line for line in console(browser) if "409 (Conflict)" not in str(line["message"])]
    assert said == [], name


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_from_the_link_to_the_code_by_keyboard(
    browser: Chrome, live_server: LiveServer, link: StudyLink, width: int, scheme: str
) -> None:
    resize(browser, width=width, height=700)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    address = f"{live_server.url}/join/{link.public_id}/"
    browser.get(address)
    looked_at(browser, name="who", width=width)
    press(browser, Keys.TAB, "5f1e", Keys.ENTER)
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "form[data-quorum=consent]"))
    looked_at(browser, name="consent", width=width)
    agree(browser)
    at(browser, 1, of=2)
    press(browser, "y")
    at(browser, 2, of=2)
    browser.refresh()
    at(browser, 2, of=2)
    press(browser, "n")
    end(browser)
    looked_at(browser, name="end", width=width)
    press(browser, Keys.TAB, Keys.ENTER)
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[data-quorum=code]"))
    looked_at(browser, name="thanks", width=width)
    press(browser, Keys.TAB)
    way = browser.switch_to.active_element.get_attribute("href")
    assert way == "https://app.prolific.com/submissions/complete?cc=DONE42"
    assert LinkPlace.objects.get().state == LinkPlaceState.SUBMITTED
    assert Vote.objects.count() == 2
    assert all(vote.active_seconds is not None for vote in Vote.objects.all())


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_the_other_ends_are_without_faults(
    browser: Chrome,
    live_server: LiveServer,
    link: StudyLink,
    client: Client,
    width: int,
    scheme: str,
) -> None:
    resize(browser, width=width, height=700)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    for who in ("first", "second"):
        Person(link, who).begin()
    address = f"{live_server.url}/join/{link.public_id}/?PROLIFIC_PID="
    browser.get(f"{address}third")
    agree(browser)
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[data-problem=full]"))
    looked_at(browser, name="full", width=width)
    browser.get(f"{address}<b>")
    assert browser.find_elements(By.CSS_SELECTOR, "[data-problem=bad-link]")
    screenshot(browser, name=f"join-bad-link-{width}")
    assert faults(browser) == []
    client.force_login(User.objects.create_superuser("root"))
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    browser.get(live_server.url + reverse("admin:studyapp_study_change", args=[link.study_id]))
    screenshot(browser, name=f"join-admin-{width}")
    assert "at work 2" in browser.find_element(By.CSS_SELECTOR, ".study-panel").text
