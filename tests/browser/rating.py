"""What a rater does in a browser window, for tests."""

from __future__ import annotations

from collections.abc import Callable

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import FrameHost

ARMED = "button[name=answer][value=yes][aria-disabled=false]"


def wait(browser: Chrome, until: Callable[[Chrome], object], *, seconds: float = 15) -> None:
    WebDriverWait(browser, seconds, poll_frequency=0.03).until(until)


def click_through(browser: Chrome, selector: str) -> None:
    """Press a button of a page without a script and wait until its page is gone.

    While a frame changes its document, chromedriver may answer for the old one with an error of
    its own making; the next look finds the new one.
    """
    patient = WebDriverWait(browser, 15, ignored_exceptions=[WebDriverException])
    button = patient.until(lambda b: b.find_element(By.CSS_SELECTOR, selector), selector)
    button.click()

    def gone(_: Chrome) -> bool:
        try:
            button.is_enabled()
        except WebDriverException:
            return True
        return False

    patient.until(gone, selector)


def armed(browser: Chrome) -> None:
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ARMED))


def press(browser: Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def count(browser: Chrome) -> str:
    return browser.find_element(By.ID, "count").text


def in_frame(browser: Chrome, *, host: FrameHost) -> None:
    browser.get(host.url)
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))


def agree(browser: Chrome) -> None:
    """Press the one button of the welcome page, by keyboard."""
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "form[data-quorum=consent]"))

    def on_the_button(b: Chrome) -> bool:
        press(b, Keys.TAB)
        return str(b.switch_to.active_element.tag_name) == "button"

    wait(browser, on_the_button)
    press(browser, Keys.ENTER)


def at(browser: Chrome, number: int, *, of: int = 4) -> None:
    wait(browser, lambda b: count(b) == f"{number} of {of}")
    armed(browser)


def end(browser: Chrome) -> None:
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "form[data-quorum=submit]"))


def fits(browser: Chrome) -> dict[str, object]:
    script = """
      const e = document.scrollingElement;
      const seen = (s) => { const r = document.querySelector(s).getBoundingClientRect();
        return r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth
          && r.width > 20 && r.height > 10; };
      return {tall: e.scrollHeight - innerHeight, wide: e.scrollWidth - innerWidth,
        image: seen('[data-quorum=stimulus]'), question: seen('.question'),
        answers: seen('.answers'), side: document.querySelector('.stimulus').clientHeight};
    """
    found: dict[str, object] = browser.execute_script(script)
    return found
