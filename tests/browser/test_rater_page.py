"""The rater's page in a real Chromium, in a frame of another site, third-party cookies blocked."""

from __future__ import annotations

import time

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from studyapp import storage
from studyapp.models import HIT, Assignment, Stimulus, TimingEvent, Vote
from studyapp.vocabulary import AssignmentState, TimingEventKind
from tests.browser.conftest import FrameHost, console, resize, screenshot
from tests.browser.rating import agree, at, click_through, count, end, fits, in_frame, press, wait
from tests.factories.dataset import png
from tests.studyapp.web.rate_walk import open_hit, visit_query, votes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

SIZES = [(320, 568), (390, 844), (1280, 720)]


@pytest.fixture
def hit(frame_host: FrameHost, settings: Settings) -> HIT:
    """Four trials on pictures of the usual size, in a marketplace at the other host."""
    settings.MARKETPLACE_URL = frame_host.url
    settings.FRAME_ANCESTORS = [frame_host.url]
    made = open_hit(n=4)
    for number, stimulus in enumerate(Stimulus.objects.all()):
        name, _ = storage.store(png(number=number, size=(224, 224)), folder="s", suffix=".png")
        stimulus.file, stimulus.width, stimulus.height = name, 224, 224
        stimulus.save()
    return made


def rate_url(hit: HIT, *, live_server: LiveServer, frame_host: FrameHost) -> str:
    """The task's address at 127.0.0.1, which is another site than localhost."""
    query = visit_query(hit, turkSubmitTo=frame_host.url)
    port = live_server.url.rsplit(":", 1)[1]
    return f"http://127.0.0.1:{port}/rate/{hit.public_id}/?{query}"


@pytest.fixture
def task(hit: HIT, live_server: LiveServer, frame_host: FrameHost) -> str:
    frame_host.framed = rate_url(hit, live_server=live_server, frame_host=frame_host)
    return frame_host.framed


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_whole_hit_by_keyboard_alone_in_a_foreign_frame(
    browser: Chrome, task: str, frame_host: FrameHost, width: int, height: int
) -> None:
    resize(browser, width=width, height=height)
    in_frame(browser, host=frame_host)
    screenshot(browser, name=f"rater-consent-{width}")
    agree(browser)
    at(browser, 1)
    found = fits(browser)
    assert found["tall"] == 0
    assert found["wide"] == 0
    assert found["image"] is True
    assert found["question"] is True
    assert found["answers"] is True
    screenshot(browser, name=f"rater-trial-{width}")
    for number, key in enumerate(("y", "n", " "), start=1):
        at(browser, number)
        press(browser, key)
    at(browser, 4)
    press(browser, "u")
    at(browser, 3)
    press(browser, "n")
    at(browser, 4)
    press(browser, "y")
    end(browser)
    screenshot(browser, name=f"rater-end-{width}")
    press(browser, Keys.TAB, Keys.ENTER)
    wait(browser, lambda b: b.find_elements(By.ID, "taken"))

    ledger = votes("position", "sequence")
    assert [(v.position, v.sequence, v.answer) for v in ledger] == [
        (0, 0, "yes"),
        (1, 0, "no"),
        (2, 0, "unsure"),
        (2, 1, "no"),
        (3, 0, "yes"),
    ]
    assignment = Assignment.objects.get()
    assert assignment.state == AssignmentState.FINISHED
    assert frame_host.submitted == [
        {
            "path": "/mturk/externalSubmit",
            "assignmentId": "3ASSIGNMENT1",
            "nonce": assignment.nonce.hex,
            "answers": "4",
        }
    ]
    for vote in ledger:
        assert vote.seconds is not None
        assert vote.active_seconds is not None
        assert 0 < vote.active_seconds <= vote.seconds < 60
        kinds = set(TimingEvent.objects.filter(trial=vote.trial).values_list("kind", flat=True))
        assert {"shown", "loaded", "first_input", "answered"} <= kinds
    assert TimingEvent.objects.filter(kind=TimingEventKind.UNDONE).count() == 1
    bad = [line for line in console(browser) if line["level"] == "SEVERE"]
    assert not bad, "the console must stay clean (policy violations would stand here)"


def test_in_a_large_window_picture_question_and_answers_stay_together(
    browser: Chrome, task: str
) -> None:
    resize(browser, width=768, height=1024)
    browser.get(task)
    agree(browser)
    at(browser, 1)
    script = """
      const box = (css) => document.querySelector(css).getBoundingClientRect();
      const picture = box('[data-quorum=stimulus]'), answers = box('.answers');
      return [picture.top - box('.top').bottom, box('.question').top - picture.bottom,
        innerHeight - answers.bottom];
    """
    above, between, below = browser.execute_script(script)
    assert between < 10
    assert abs(above - below) < 30
    screenshot(browser, name="rater-trial-768")


def test_closed_half_way_and_come_back_to(
    browser: Chrome, task: str, frame_host: FrameHost
) -> None:
    in_frame(browser, host=frame_host)
    agree(browser)
    at(browser, 1)
    press(browser, "y")
    at(browser, 2)
    press(browser, "y")
    at(browser, 3)
    wait(browser, lambda _: Vote.objects.count() == 2)
    browser.switch_to.new_window("tab")
    first, second = browser.window_handles
    browser.switch_to.window(first)
    browser.close()
    browser.switch_to.window(second)
    in_frame(browser, host=frame_host)
    at(browser, 3)
    press(browser, "u")  # the answer from before the window was closed
    at(browser, 2)
    press(browser, "n")
    at(browser, 3)
    press(browser, "y")
    at(browser, 4)
    press(browser, "y")
    end(browser)
    rows = Vote.objects.order_by("position", "sequence").values_list("position", "answer")
    assert list(rows) == [(0, "yes"), (1, "yes"), (1, "no"), (2, "yes"), (3, "yes")]
    assert Assignment.objects.count() == 1


def test_buttons_are_dead_until_the_picture_is_painted(
    browser: Chrome, task: str, frame_host: FrameHost
) -> None:
    in_frame(browser, host=frame_host)
    agree(browser)
    at(browser, 1)
    # The next picture is here before it is asked for: the change is felt as instant.
    fetched = """return performance.getEntriesByType('resource')
        .filter(entry => entry.name.includes('/stimuli/')).length"""
    wait(browser, lambda b: b.execute_script(fetched) >= 2)
    press(browser, "y")
    at(browser, 2)
    gap = TimingEvent.objects.filter
    wait(browser, lambda _: gap(kind="shown").count() == 2)
    answered = TimingEvent.objects.get(kind="answered").client_ms
    shown = TimingEvent.objects.filter(kind="shown").order_by("client_ms")[1].client_ms
    assert shown >= answered
    press(browser, "n")
    at(browser, 3)
    wait(browser, lambda _: gap(kind="loaded").count() == 2)
    loaded = TimingEvent.objects.filter(kind="loaded").order_by("client_ms")[1].client_ms
    assert loaded >= shown


def test_an_answer_waits_for_the_network_and_is_not_lost(
    browser: Chrome, task: str, frame_host: FrameHost
) -> None:
    in_frame(browser, host=frame_host)
    agree(browser)
    at(browser, 1)
    browser.execute_script("window.realFetch = fetch; window.fetch = () => Promise.reject('off')")
    press(browser, "y")
    at(browser, 2)
    time.sleep(0.2)
    press(browser, "n")
    at(browser, 3)
    wait(browser, lambda b: "Trying again" in b.find_element(By.ID, "status").text)
    screenshot(browser, name="rater-not-saved-yet")
    assert Vote.objects.count() == 0
    time.sleep(1.2)
    browser.execute_script("window.fetch = window.realFetch")
    wait(browser, lambda _: Vote.objects.count() == 2)
    wait(browser, lambda b: not b.find_element(By.ID, "status").text)
    first, second = votes("position")
    # The second arrived right behind the first; its time is still what the rater took.
    assert second.active_seconds is not None
    assert second.active_seconds > 0.1
    assert first.seconds is not None
    assert first.seconds > 1


def test_a_picture_that_does_not_load_can_be_retried_or_reported(
    browser: Chrome, task: str, frame_host: FrameHost
) -> None:
    broken = Stimulus.objects.all()
    names = {stimulus.pk: stimulus.file for stimulus in broken}
    for stimulus in broken:
        stimulus.file = "s/gone.png"
        stimulus.save()
    in_frame(browser, host=frame_host)
    agree(browser)
    failure = (By.ID, "failure")
    wait(browser, lambda b: b.find_element(*failure).is_displayed())
    screenshot(browser, name="rater-failed")
    press(browser, "y")  # goes nowhere: there is nothing to answer about
    browser.find_element(By.ID, "skip").click()
    wait(browser, lambda b: count(b) == "2 of 4")
    wait(browser, lambda b: b.find_element(*failure).is_displayed())
    for stimulus in broken:
        stimulus.file = names[stimulus.pk]
        stimulus.save()
    browser.find_element(By.ID, "retry").click()
    at(browser, 2)
    for number in (2, 3, 4):
        at(browser, number)
        press(browser, "y")
    end(browser)
    assert Vote.objects.count() == 3
    assert TimingEvent.objects.filter(kind=TimingEventKind.IMAGE_FAILED).count() == 1
    assert Assignment.objects.get().state == AssignmentState.FINISHED


def test_a_second_window_does_not_vote_twice(browser: Chrome, task: str) -> None:
    browser.get(task)
    agree(browser)
    at(browser, 1)
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.get(task)
    at(browser, 1)
    press(browser, "n")
    at(browser, 2)
    wait(browser, lambda _: Vote.objects.count() == 1)
    browser.close()
    browser.switch_to.window(first)
    press(browser, "y")
    wait(browser, lambda b: b.find_element(By.ID, "stopped").is_displayed())
    screenshot(browser, name="rater-second-window")
    browser.find_element(By.ID, "way-out").click()
    at(browser, 2)
    assert [vote.answer for vote in votes()] == ["no"]


def test_without_script_the_plain_form_answers(
    plain_browser: Chrome, task: str, frame_host: FrameHost
) -> None:
    in_frame(plain_browser, host=frame_host)
    presses = ["[data-quorum=consent] button"]
    presses += [f"button[value={answer}]" for answer in ("yes", "no", "unsure")]
    presses += ["[data-quorum=undo] button", "button[value=no]", "button[value=yes]"]
    for selector in presses:
        click_through(plain_browser, selector)
    plain_browser.find_element(By.CSS_SELECTOR, "[data-quorum=submit] button").click()
    wait(plain_browser, lambda b: b.find_elements(By.ID, "taken"))
    rows = Vote.objects.order_by("position", "sequence").values_list("position", "answer")
    assert list(rows) == [(0, "yes"), (1, "no"), (2, "unsure"), (2, "no"), (3, "yes")]
    assert frame_host.submitted[0]["answers"] == "4"


def test_a_frame_that_counts_as_no_origin_works_too(
    browser: Chrome, task: str, frame_host: FrameHost
) -> None:
    frame_host.sandbox = "allow-scripts allow-forms"
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
    in_frame(browser, host=frame_host)
    agree(browser)
    for number in range(1, 5):
        at(browser, number)
        if number == 2:
            screenshot(browser, name="rater-dark")
        press(browser, "y")
    end(browser)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert Vote.objects.count() == 4
    assert all(vote.active_seconds for vote in votes())


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_moves_and_nothing_is_asked_of_other_sites(
    browser: Chrome, task: str, width: int, height: int
) -> None:
    resize(browser, width=width, height=height)
    browser.get(task)
    agree(browser)
    at(browser, 1)
    # What moved, for the message: a size means nothing to whoever has to find the cause.
    shifts = """
      const all = [];
      const moved = (entry) => entry.sources.map((source) => source.node?.outerHTML?.slice(0, 60));
      new PerformanceObserver((list) => all.push(
        ...list.getEntries().map((entry) => [entry.value, entry.startTime, moved(entry)]),
      )).observe({type: 'layout-shift', buffered: true});
      window.shifts = all;
    """
    browser.execute_script(shifts)
    places = (
        "return ['.question', '.answers', '.stimulus'].map((s) => "
        "JSON.stringify(document.querySelector(s).getBoundingClientRect()))"
    )
    before = browser.execute_script(places)
    press(browser, "y")
    at(browser, 2)
    assert browser.execute_script(places) == before
    time.sleep(0.2)
    moved = browser.execute_script("return window.shifts")
    assert sum(size for size, *_ in moved) < 0.01, moved
    hosts = browser.execute_script(
        "return performance.getEntriesByType('resource').map((e) => new URL(e.name).origin)"
    )
    assert set(hosts) == {browser.execute_script("return location.origin")}
    assert browser.get_cookies() == []


def test_the_frame_of_an_unknown_site_stays_empty(
    browser: Chrome, task: str, frame_host: FrameHost, settings: Settings
) -> None:
    settings.FRAME_ANCESTORS = ["https://somewhere.test"]
    in_frame(browser, host=frame_host)
    assert not browser.find_elements(By.CSS_SELECTOR, "form[data-quorum=consent]")
