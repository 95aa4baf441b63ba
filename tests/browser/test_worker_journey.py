"""A worker on the real marketplace does a real task of a study: two hosts, no foreign cookies."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from demo.world.write import WorldFiles
from marketplace.actions.enrol import create_worker
from marketplace.models import Assignment as OfferedAssignment
from studyapp.models import Assignment, Vote
from tests.browser.conftest import resize, screenshot
from tests.browser.rating import agree, armed, count, end, press, wait
from tests.journeys.steps import PASSWORD, import_world, run_study
from tests.journeys.toy_world import two_hosts, world  # noqa: F401  # fixtures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


def click_beside_the_task(browser: Chrome) -> None:
    """Click on the time that is left; the keys must still go to the task."""
    browser.switch_to.default_content()
    browser.find_element(By.ID, "time-left").click()
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))


@pytest.mark.parametrize(("width", "height"), [(320, 640), (1280, 800)])
def test_from_the_board_to_the_hand_in_by_keyboard(
    browser: Chrome,
    world: WorldFiles,  # noqa: F811
    two_hosts: str,  # noqa: F811
    tmp_path: Path,
    width: int,
    height: int,
) -> None:
    import_world(world, tmp_path)
    run_study(tmp_path)
    create_worker("wanda", password=PASSWORD)
    resize(browser, width=width, height=height)
    browser.get(f"{two_hosts}/marketplace/")
    browser.find_element(By.NAME, "username").send_keys("wanda")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD + "\n")
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "form[action$='/accept'] button"))
    screenshot(browser, name=f"board-{width}")
    browser.find_element(By.CSS_SELECTOR, "form[action$='/accept'] button").click()
    wait(browser, lambda b: b.find_elements(By.TAG_NAME, "iframe"))
    # The rater page says that it is there, so nothing explains why it might not be.
    wait(browser, lambda b: not b.find_elements(By.ID, "silent"))
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    assert browser.execute_script("return location.hostname") == "127.0.0.1"
    agree(browser)
    armed(browser)
    total = int(count(browser).split(" of ")[1])
    for number in range(1, total + 1):
        wait(browser, lambda b, n=number: count(b) == f"{n} of {total}")  # type: ignore[misc]
        armed(browser)
        if number == 2:
            click_beside_the_task(browser)
        press(browser, "y" if number % 2 else "n")
    end(browser)
    screenshot(browser, name=f"end-{width}")
    browser.find_element(By.CSS_SELECTOR, "[data-quorum=submit] button").click()
    wait(browser, lambda _: OfferedAssignment.objects.filter(submitted_at__isnull=False).exists())
    assert Vote.objects.count() == total
    offered, ours = OfferedAssignment.objects.get(), Assignment.objects.get()
    assert offered.assignment_id == ours.assignment_id
    assert ours.nonce.hex in offered.answer
