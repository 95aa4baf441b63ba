"""The worker's pages in a real Chromium: axe-core on each, and what is done on them by keyboard."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from marketplace import builtin, clock
from marketplace.actions.contest import contest
from marketplace.actions.grant import grant
from marketplace.actions.invite import invite
from marketplace.actions.request_qualification import request_qualification
from marketplace.actions.review import reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.actions.tell import tell
from marketplace.models import HIT, Assignment, QualificationRequest, Requester, Worker
from tests.browser.conftest import (  # noqa: F401  # fixtures
    browser,
    make_browser,
    resize,
    screenshot,
    session_browser,
)
from tests.browser.rating import wait
from tests.browser.test_accessibility import faults
from tests.marketplace.exams import a_form, a_key
from tests.marketplace.factories import (
    PASSWORD,
    a_hit,
    a_qualification_type,
    a_requester,
    a_submitted,
    a_worker,
    an_accepted,
    asking,
)
from tests.marketplace.worker_site.test_questions import html_question

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def worker() -> Worker:
    return a_worker()


@pytest.fixture
def signed_in(browser: Chrome, site: str, worker: Worker) -> Chrome:  # noqa: F811
    browser.get(f"{site}/marketplace/")
    browser.find_element(By.NAME, "username").send_keys(worker.user.get_username())
    browser.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
    wait(browser, lambda found: found.find_elements(By.XPATH, "//h1[.='Tasks']"))
    return browser


def _brings_its_page(hit: HIT, html: str) -> HIT:
    hit.question, hit.frame_url, hit.frame_height = html_question(html), "", 300
    hit.save()
    return hit


def _pages(worker: Worker) -> dict[str, str]:
    """Every page, with as much on it as there can be."""
    requester = a_requester()
    open_, needs = a_hit(requester, reward="0.35"), a_hit(requester, reward="0.50")
    exam = a_qualification_type(
        requester, test=a_form(), answer_key=a_key(), test_duration_s=900, retry_delay_s=86_400
    )
    asking(needs.hit_type, exam.qualification_type_id, "GreaterThan", 80)
    asking(needs.hit_type, builtin.LOCALE, "In", ("DE", ""), ("US", "CA"))
    asking(needs.hit_type, builtin.PERCENT_APPROVED, "GreaterThanOrEqualTo", 95)
    request = request_qualification(exam, worker=worker)
    held = a_qualification_type(requester)
    grant(held, worker=worker, value=7, notify=True)
    done = a_submitted(a_hit(requester, duration_s=700), worker=worker)
    send_bonus(
        done, worker_id=worker.worker_id, amount=Decimal("0.20"), reason="For waiting", token=""
    )
    refused = a_submitted(a_hit(requester, duration_s=800), worker=worker)
    reject(refused, feedback="No answers in it.")
    contested = a_submitted(a_hit(requester, duration_s=900), worker=worker)
    reject(contested, feedback="Too quick.")
    contest(contested, text="I looked at each.")
    work = an_accepted(
        _brings_its_page(a_hit(requester, duration_s=1000), "<p>Do it.</p>"), worker=worker
    )
    form = a_hit(requester, duration_s=1100)
    form.question, form.frame_url, form.frame_height = a_form(), "", 0
    form.save()
    answering = an_accepted(form, worker=worker)
    tell(worker, requester=None, subject="Welcome", text="Two\nlines.", at=clock.now())
    name = "marketplace:"
    return {
        "board": reverse(f"{name}board"),
        "preview": reverse(f"{name}preview", args=[open_.hit_type.hit_type_id]),
        "preview-closed": reverse(f"{name}preview", args=[needs.hit_type.hit_type_id]),
        "earnings": reverse(f"{name}history"),
        "messages": reverse(f"{name}messages"),
        "account": reverse(f"{name}profile"),
        "password": reverse(f"{name}password"),
        "qualifications": reverse(f"{name}qualifications"),
        "qualification": reverse(f"{name}qualification", args=[held.qualification_type_id]),
        "exam": reverse(f"{name}qualification", args=[exam.qualification_type_id]),
        "test": reverse(f"{name}test", args=[request.request_id]),
        "outcome": reverse(f"{name}outcome", args=[done.assignment_id]),
        "refused": reverse(f"{name}outcome", args=[refused.assignment_id]),
        "contested": reverse(f"{name}outcome", args=[contested.assignment_id]),
        "form-task": reverse(f"{name}question", args=[form.hit_id])
        + f"?assignmentId={answering.assignment_id}",
        "form-work": reverse(f"{name}work", args=[answering.assignment_id]),
        "work": reverse(f"{name}work", args=[work.assignment_id]),
    }


def _assert_fine(browser: Chrome, *, page: str, width: int) -> None:  # noqa: F811
    browser.execute_script(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })"
    )
    screenshot(browser, name=f"marketplace-{page}-{width}")
    assert faults(browser) == [], page
    across = browser.execute_script("return document.documentElement.scrollWidth")
    assert across <= width, page


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_every_page_is_without_faults(
    signed_in: Chrome, site: str, worker: Worker, settings: Settings, width: int, scheme: str
) -> None:
    resize(signed_in, width=width, height=900)
    signed_in.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    for page, path in _pages(worker).items():
        signed_in.get(site + path)
        assert "Sign in" not in signed_in.title, page
        _assert_fine(signed_in, page=page, width=width)
    signed_in.execute_cdp_cmd("Network.clearBrowserCookies", {})
    settings.MARKETPLACE_ALLOW_SIGNUP = False
    for page, path in (
        ("sign-in", reverse("marketplace:sign_in")),
        ("join", reverse("marketplace:join", args=[invite()])),
        ("no-invitation", reverse("marketplace:join", args=["used"])),
    ):
        signed_in.get(site + path)
        _assert_fine(signed_in, page=page, width=width)


def _is_at(browser: Chrome, *, address: str) -> bool:  # noqa: F811
    return address in browser.current_url


def _press(browser: Chrome, *keys: str) -> None:  # noqa: F811
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def test_a_test_is_taken_by_keyboard_alone(signed_in: Chrome, site: str, worker: Worker) -> None:
    kind = a_qualification_type(
        a_requester(), test=a_form(), answer_key=a_key(), test_duration_s=290
    )
    path = reverse("marketplace:qualification", args=[kind.qualification_type_id])
    signed_in.get(site + path)
    signed_in.find_element(By.CSS_SELECTOR, "main button").send_keys(Keys.ENTER)
    wait(signed_in, lambda found: found.find_elements(By.TAG_NAME, "fieldset"))
    wait(signed_in, lambda found: found.find_element(By.ID, "time-left").text.startswith("Time"))
    told = signed_in.find_element(By.CSS_SELECTOR, "[role=status]#time-told")
    assert told.get_attribute("textContent") == "Less than 5 minutes left."
    signed_in.find_element(By.NAME, "q0").send_keys(Keys.SPACE)
    # To the second question's boxes: Beagle and Pug.
    _press(signed_in, Keys.TAB, Keys.TAB, Keys.SPACE, Keys.TAB, Keys.SPACE, Keys.TAB)
    _press(signed_in, "By its ears.", Keys.ENTER)
    wait(signed_in, lambda found: "Your test is marked" in found.page_source)
    assert QualificationRequest.objects.get().status == "granted"
    assert worker.qualifications.get().value == 15


TASK = """<!doctype html><html lang="en"><head><title>t</title></head><body>
<form method="post" action="https://www.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" value=""><label>Word <input name="word"></label>
<button>Send</button></form><p id="own"></p>
<script>
  try { document.getElementById("own").textContent = "cookie:" + document.cookie; }
  catch { document.getElementById("own").textContent = "apart"; }
</script></body></html>"""


def test_a_task_that_came_with_the_hit_is_done_and_the_next_one_taken(
    signed_in: Chrome, site: str, worker: Worker
) -> None:
    requester: Requester = a_requester()
    for _ in range(2):
        _brings_its_page(a_hit(requester), TASK)
    Worker.objects.filter(pk=worker.pk).update(auto_accept=True)
    signed_in.get(f"{site}/marketplace/")
    signed_in.find_element(By.CSS_SELECTOR, "form[action$='/accept'] button").click()
    for number in (1, 2):
        wait(signed_in, lambda found: found.find_elements(By.ID, "task"))
        signed_in.switch_to.frame(signed_in.find_element(By.ID, "task"))
        wait(
            signed_in,
            lambda found: (
                found.find_element(By.NAME, "assignmentId").get_attribute("value") or ""
            ).startswith("3"),
        )
        assert signed_in.find_element(By.ID, "own").text == "apart"
        signed_in.find_element(By.NAME, "word").send_keys(f"word {number}", Keys.ENTER)
        signed_in.switch_to.default_content()
        wait(
            signed_in,
            lambda _, n=number: (  # type: ignore[misc]
                Assignment.objects.filter(status="submitted").count() == n
            ),
        )
        if number == 1:
            wait(signed_in, lambda _: Assignment.objects.count() == 2)
            second = Assignment.objects.get(status="accepted").assignment_id
            wait(signed_in, partial(_is_at, address=second))
    # Nothing of the kind is left: the board says so.
    wait(signed_in, lambda found: "no task of this kind left" in found.page_source)
    answers = Assignment.objects.order_by("pk").values_list("answer", flat=True)
    assert ["word 1" in answers[0], "word 2" in answers[1]] == [True, True]
