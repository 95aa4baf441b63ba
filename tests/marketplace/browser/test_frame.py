"""A worker in a real Chromium: marketplace and task on two hosts, third-party cookies blocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from marketplace.models import Assignment
from tests.marketplace.factories import PASSWORD, a_hit, a_requester, a_worker
from tests.marketplace.robots.lab import CLASSES, Lab, running_lab

pytestmark = pytest.mark.browser


def _chromium(*, script: bool) -> Chrome:
    options = ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    preferences: dict[str, object] = {"profile.block_third_party_cookies": True}
    if not script:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", preferences)
    if Path("/usr/bin/chromium").is_file():
        options.binary_location = "/usr/bin/chromium"
    driver = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    # A window cannot be as narrow as a phone; its page can.
    phone = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    return driver


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def chromium(request: pytest.FixtureRequest) -> Iterator[Chrome]:
    driver = _chromium(script=request.param)
    yield driver
    driver.quit()


@pytest.fixture
def lab() -> Iterator[Lab]:
    with running_lab() as found:
        yield found


def _until(driver: Chrome, condition: Callable[[Chrome], object]) -> None:
    """Wait; pages may change under the look."""
    gone = (StaleElementReferenceException, NoSuchElementException)

    def now(found: Chrome) -> object:
        try:
            return condition(found)
        except WebDriverException as error:
            # Between finding an element and reading it, chromedriver has no class for a new page.
            if "does not belong to the document" in str(error):
                return False
            raise

    WebDriverWait(driver, 10, ignored_exceptions=gone).until(now)


def _press(driver: Chrome, text: str) -> None:
    path = f"//*[self::button or self::a][normalize-space()='{text}']"

    def pressed(found: Chrome) -> bool:
        found.find_element(By.XPATH, path).click()
        return True

    _until(driver, pressed)


def _wait(driver: Chrome, selector: str) -> None:
    _until(driver, lambda found: found.find_elements(By.CSS_SELECTOR, selector))


def _counts_down(driver: Chrome) -> bool:
    return driver.find_element(By.ID, "time-left").text.startswith("Time left: 00:")


def _asks_for(driver: Chrome, *, name: str) -> bool:
    return driver.find_element(By.TAG_NAME, "strong").text == name


def _accept(driver: Chrome, *, site: str) -> None:
    """Sign in as a new worker and take the one task there is."""
    driver.get(f"{site}/marketplace/")
    driver.find_element(By.NAME, "username").send_keys(a_worker().user.get_username())
    driver.find_element(By.NAME, "password").send_keys(PASSWORD)
    _press(driver, "Sign in")
    _press(driver, "Accept")
    _wait(driver, "iframe")


def test_a_task_that_leaves_its_height_open_lies_in_the_window_as_a_whole(
    site: str, lab: Lab, chromium: Chrome
) -> None:
    hit = a_hit(a_requester(), url=lab.url)
    hit.frame_height = 0
    hit.save(update_fields=["frame_height"])
    _accept(chromium, site=site)
    for width, height in ((320, 568), (390, 780), (1280, 720)):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        frame = "const f = document.getElementById('task').getBoundingClientRect();"
        below = chromium.execute_script(f"{frame} return f.bottom - window.innerHeight")
        tall = chromium.execute_script(f"{frame} return f.height / window.innerHeight")
        assert below <= 0, (width, height)
        assert tall > 0.8, (width, height)


@pytest.mark.parametrize("chromium", [True], indirect=True)
def test_a_task_that_does_not_load_is_explained_and_nothing_moves(
    site: str, chromium: Chrome
) -> None:
    address = "http://127.0.0.1:1/task"
    a_hit(a_requester(), url=address)
    _accept(chromium, site=site)
    place = "return JSON.stringify(document.getElementById('task').getBoundingClientRect())"
    before = chromium.execute_script(place)
    words = (By.ID, "silent")
    assert not chromium.find_element(*words).is_displayed()
    _until(chromium, lambda found: found.find_element(*words).is_displayed())
    assert address in chromium.find_element(*words).text
    assert chromium.execute_script(place) == before
    _press(chromium, "It is there")
    assert not chromium.find_elements(*words)


def test_a_worker_does_a_task(
    site: str, lab: Lab, chromium: Chrome, request: pytest.FixtureRequest
) -> None:
    # Two hosts, and so two sites: the frame is a third party.
    assert (urlsplit(site).hostname, urlsplit(lab.url).hostname) == ("localhost", "127.0.0.1")
    a_hit(a_requester(), url=lab.url)
    worker = a_worker()
    chromium.get(f"{site}/marketplace/")
    chromium.find_element(By.NAME, "username").send_keys(worker.user.get_username())
    chromium.find_element(By.NAME, "password").send_keys(PASSWORD)
    _press(chromium, "Sign in")
    wide = "return document.documentElement.scrollWidth <= window.innerWidth"
    assert chromium.execute_script(wide)
    _press(chromium, "Accept")
    _wait(chromium, "iframe")
    assert chromium.execute_script(wide)
    with_script = "no-script" not in request.node.name
    if with_script:
        _until(
            chromium, lambda found: "Time left: 00:" in found.find_element(By.ID, "time-left").text
        )
    chromium.switch_to.frame(chromium.find_element(By.CSS_SELECTOR, "iframe"))
    _press(chromium, "I agree")
    for name in CLASSES:
        _until(chromium, partial(_asks_for, name=name))
        _press(chromium, "yes")
    _wait(chromium, 'form[data-quorum="submit"]')
    _press(chromium, "Send")
    if not with_script:
        _wait(chromium, "#submitted")
        _press(chromium, "Go on")
    chromium.switch_to.default_content()
    _until(chromium, lambda found: found.current_url.endswith("/outcome"))
    assert "your work has arrived" in chromium.find_element(By.TAG_NAME, "main").text
    assert Assignment.objects.get().status == "submitted"
    assert lab.cookies == []
    if with_script:
        log = chromium.execute("getLog", {"type": "browser"})["value"]
        severe = [line for line in log if line["level"] == "SEVERE"]
        assert [line for line in severe if "favicon" not in line["message"]] == []
