"""Every question type in a real Chromium: by keyboard and by touch, on a phone and on a desk."""

from __future__ import annotations

import pytest
from axe_core_python.selenium import Axe  # type: ignore[import-untyped]
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from studyapp.models import HIT, Question, TimingEvent, Vote
from studyapp.vocabulary import QuestionKind
from tests.browser.conftest import console, resize, screenshot
from tests.browser.rating import agree, count, end, press, wait
from tests.factories.subjects import open_hit_about
from tests.studyapp.web.rate_walk import visit_query, votes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]

SIZES = [(320, 568), (1280, 720)]
READY = "button[name=answer][aria-disabled=false]"


@pytest.fixture
def open_task(browser: Chrome, live_server: LiveServer, settings: Settings) -> object:
    settings.MARKETPLACE_URL = live_server.url

    def open_it(kind: QuestionKind, *, width: int, height: int, wide: bool = False) -> HIT:
        hit = open_hit_about(kind, n=3, side=224, wide=wide)
        resize(browser, width=width, height=height)
        query = visit_query(hit, turkSubmitTo=live_server.url)
        browser.get(f"{live_server.url}/rate/{hit.public_id}/?{query}")
        agree(browser)
        return hit

    return open_it


def at(browser: Chrome, number: int, *, ready: str = READY) -> None:
    wait(browser, lambda b: count(b) == f"{number} of 3")
    wait(browser, lambda b: painted(b) and b.find_elements(By.CSS_SELECTOR, ready))


def painted(browser: Chrome) -> bool:
    script = """return [...document.querySelectorAll('main img')]
      .every((image) => image.complete && image.naturalWidth > 0)"""
    return bool(browser.execute_script(script))


def is_sound(browser: Chrome, *, width: int) -> None:
    """Nothing is cut off to the side, and axe finds no fault."""
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    found = Axe().run(browser)
    faults = [
        f"{rule['id']}: {' '.join(node['target'])}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert faults == []


def in_sight(browser: Chrome, selector: str) -> bool:
    script = """const r = document.querySelector(arguments[0]).getBoundingClientRect();
      return r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight + 1 && r.right <= innerWidth + 1
        && r.width > 20 && r.height > 10;"""
    return bool(browser.execute_script(script, selector))


def timed() -> None:
    """Every vote has a time of its own, and every trial its events."""
    for vote in votes():
        assert vote.active_seconds is not None
        assert vote.seconds is not None
        assert 0 < vote.active_seconds <= vote.seconds < 60
        kinds = set(TimingEvent.objects.filter(trial=vote.trial).values_list("kind", flat=True))
        assert {"shown", "loaded", "first_input", "answered"} <= kinds


def quiet(browser: Chrome) -> None:
    assert [line for line in console(browser) if line["level"] == "SEVERE"] == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_list_by_keyboard(browser: Chrome, open_task, width: int, height: int) -> None:  # type: ignore[no-untyped-def]
    open_task(QuestionKind.LIST_RELEVANCE, width=width, height=height)
    at(browser, 1)
    screenshot(browser, name=f"list-{width}")
    assert len(browser.find_elements(By.CSS_SELECTOR, "[data-quorum=listed]")) == 5
    for selector in ("[data-quorum=stimulus]", ".question", ".answers"):
        assert in_sight(browser, selector), selector
    is_sound(browser, width=width)
    press(browser, "y")
    at(browser, 2)
    press(browser, "u")
    at(browser, 1)
    press(browser, "n")
    at(browser, 2)
    press(browser, " ")
    at(browser, 3)
    press(browser, "y")
    end(browser)
    rows = [(v.position, v.sequence, v.answer) for v in votes("position", "sequence")]
    assert rows == [(0, 0, "yes"), (0, 1, "no"), (1, 0, "unsure"), (2, 0, "yes")]
    timed()
    quiet(browser)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_five_answers_by_keyboard(browser: Chrome, open_task, width: int, height: int) -> None:  # type: ignore[no-untyped-def]
    open_task(QuestionKind.FIVE_RELEVANCE, width=width, height=height)
    at(browser, 1, ready="button[value=parts]")
    screenshot(browser, name=f"five-{width}")
    for selector in ("[data-quorum=stimulus]", ".question", ".parts fieldset", ".answers"):
        assert in_sight(browser, selector), selector
    is_sound(browser, width=width)
    wait(browser, lambda _: TimingEvent.objects.filter(kind="shown").exists())
    wait(
        browser, lambda b: b.execute_script("return document.getElementById('spoken').textContent")
    )
    press(browser, Keys.ENTER)  # goes nowhere: there is no answer yet
    assert not Vote.objects.exists()
    order = _order(browser)
    press(browser, "y", "n", "n", " ", "n")
    at(browser, 1)
    screenshot(browser, name=f"five-answered-{width}")
    press(browser, Keys.ENTER)
    at(browser, 2, ready="button[value=parts]")
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-part] input:checked")
    wait(browser, lambda _: Vote.objects.count() == 1)
    (vote,) = votes()
    said = ["yes", "no", "no", "unsure", "no"]
    wanted = [said[order.index(number)] for number in range(5)]
    assert (vote.answer, vote.answer_raw) == ("yes", " ".join(wanted))
    quiet(browser)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_five_answers_by_touch(browser: Chrome, open_task, width: int, height: int) -> None:  # type: ignore[no-untyped-def]
    open_task(QuestionKind.FIVE_RELEVANCE, width=width, height=height)
    for number in (1, 2, 3):
        at(browser, number, ready="button[value=parts]")
        for row in browser.find_elements(By.CSS_SELECTOR, "[data-part]"):
            row.find_elements(By.TAG_NAME, "label")[1].click()
        at(browser, number)
        browser.find_element(By.CSS_SELECTOR, "button[value=parts]").click()
    end(browser)
    assert [vote.answer_raw for vote in votes()] == ["no no no no no"] * 3
    timed()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_match_by_keyboard_and_by_touch(  # type: ignore[no-untyped-def]
    browser: Chrome, open_task, width: int, height: int
) -> None:
    open_task(QuestionKind.CLASS_MATCH, width=width, height=height)
    at(browser, 1)
    screenshot(browser, name=f"match-{width}")
    assert len(browser.find_elements(By.CSS_SELECTOR, "[data-quorum=example]")) == 36
    assert in_sight(browser, "[data-quorum=stimulus]")
    is_sound(browser, width=width)
    _choose(browser, by="key")
    at(browser, 2)
    last = browser.find_elements(By.CSS_SELECTOR, ".groups button")[-1]
    browser.execute_script("arguments[0].scrollIntoView()", last)
    assert in_sight(browser, "[data-quorum=stimulus]"), "the target stays while the groups scroll"
    _choose(browser, by="touch")
    at(browser, 3)
    press(browser, "u")
    at(browser, 2)
    _choose(browser, by="key")
    at(browser, 3)
    _choose(browser, by="touch")
    end(browser)
    assert [vote.answer for vote in votes()] == ["yes"] * 4
    assert [vote.sequence for vote in votes("position", "sequence")] == [0, 0, 1, 0]
    timed()
    quiet(browser)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_attributes_by_keyboard_and_by_touch(  # type: ignore[no-untyped-def]
    browser: Chrome, open_task, width: int, height: int
) -> None:
    open_task(QuestionKind.ATTRIBUTE, width=width, height=height)
    at(browser, 1, ready="button[value=parts]")
    screenshot(browser, name=f"attribute-{width}")
    for selector in ("[data-quorum=stimulus]", ".question", ".parts fieldset", ".answers"):
        assert in_sight(browser, selector), selector
    is_sound(browser, width=width)
    wait(browser, lambda b: b.execute_script("return document.getElementById('spoken').innerText"))
    order = _order(browser)
    press(browser, "y", " ", "n", Keys.ENTER)
    for number in (2, 3):
        at(browser, number, ready="button[value=parts]")
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".parts fieldset.next"))
        for row in browser.find_elements(By.CSS_SELECTOR, "[data-part]"):
            row.find_elements(By.TAG_NAME, "label")[1].click()
        at(browser, number)
        browser.find_element(By.CSS_SELECTOR, "button[value=parts]").click()
    end(browser)
    said = ["yes", "unsure", "no"]
    first = " ".join(said[order.index(number)] for number in range(3))
    assert [(vote.answer, vote.answer_raw) for vote in votes()] == [
        ("yes", first), ("no", "no no no"), ("no", "no no no"),
    ]  # fmt: skip
    timed()
    quiet(browser)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_reason_by_keyboard_and_by_touch(  # type: ignore[no-untyped-def]
    browser: Chrome, open_task, width: int, height: int
) -> None:
    open_task(QuestionKind.REASON, width=width, height=height)
    at(browser, 1, ready="button[value=parts]")
    screenshot(browser, name=f"reason-{width}")
    for selector in ("[data-quorum=stimulus]", ".question", ".codebook label", ".answers"):
        assert in_sight(browser, selector), selector
    is_sound(browser, width=width)
    wait(browser, lambda b: b.execute_script("return document.getElementById('spoken').innerText"))
    press(browser, Keys.ENTER)  # goes nowhere: there is no main reason yet
    # The main reason, then two more, one of them taken back.
    press(browser, "3", "1", "8", "8")
    at(browser, 1)
    screenshot(browser, name=f"reason-answered-{width}")
    press(browser, Keys.ENTER)
    at(browser, 2, ready="button[value=parts]")
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-part] input:checked")
    press(browser, "u")
    at(browser, 1, ready="button[value=parts]")
    press(browser, "2", Keys.ENTER)
    at(browser, 2, ready="button[value=parts]")
    for part, place in ((0, 5), (1, 0), (1, 5)):
        label = browser.find_elements(By.CSS_SELECTOR, f"[data-part='{part}'] label")[place]
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", label)
        label.click()
    at(browser, 2)
    browser.find_element(By.CSS_SELECTOR, "button[value=parts]").click()
    at(browser, 3, ready="button[value=parts]")
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[data-part='0'].next"))
    press(browser, "0", Keys.ENTER)
    end(browser)
    rows = [(v.position, v.answer, v.answer_raw) for v in votes("position", "sequence")]
    assert rows == [(0, "yes", "c a"), (0, "yes", "b -"), (1, "yes", "f af"), (2, "unsure", "? -")]
    timed()
    quiet(browser)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_map_beside_its_picture_fits(  # type: ignore[no-untyped-def]
    browser: Chrome, open_task, width: int, height: int
) -> None:
    open_task(QuestionKind.WRONG_REASON, width=width, height=height, wide=True)
    at(browser, 1)
    screenshot(browser, name=f"wrong-reason-{width}")
    for selector in ("[data-quorum=stimulus]", ".question", ".answers"):
        assert in_sight(browser, selector), selector
    is_sound(browser, width=width)
    press(browser, "y")
    at(browser, 2)
    browser.find_element(By.CSS_SELECTOR, "button[value=no]").click()
    at(browser, 3)
    press(browser, " ")
    end(browser)
    assert [vote.answer for vote in votes()] == ["yes", "no", "unsure"]
    quiet(browser)


def _choose(browser: Chrome, *, by: str) -> None:
    """The right group, wherever it stands."""
    trial = browser.find_element(By.CSS_SELECTOR, "#trial [name=trial]").get_property("value")
    subject = Question.objects.get(trials=int(str(trial))).subject
    assert subject is not None
    button = browser.find_element(By.CSS_SELECTOR, f"button[value='{subject['right'] + 1}']")
    if by == "key":
        press(browser, str(button.get_attribute("data-key")))
    else:
        button.click()


def _order(browser: Chrome) -> list[int]:
    rows = browser.find_elements(By.CSS_SELECTOR, "[data-part]")
    return [int(str(row.get_attribute("data-part"))) for row in rows]
