"""Calls and money, and one assignment's decisions, in a real Chromium: narrow and wide, by axe."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from marketplace import models as offers
from studyapp.models import HIT, Assignment, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.publish import publish
from tests.browser.conftest import console, resize, screenshot
from tests.browser.test_accessibility import faults
from tests.factories.crowd import AssignmentFactory, HITFactory, VoteFactory
from tests.recruiting import Site, a_live_study, new_workers, proxy, site, take

__all__ = ["proxy", "site"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def study(browser: Chrome, site: Site, client: Client) -> Study:
    """Published, with two submissions and a bonus; the browser is signed in."""
    study = a_live_study(images=2, raters_per_trial=3, accept_at=2, name="birds")
    publish(study)
    for worker in new_workers(2):
        take(HIT.objects.get(), worker=worker)
    collect_votes(study, pays=False)
    work = Assignment.objects.order_by("pk")[0]
    pay_bonus(study, work.pk, amount=Decimal("0.50"), reason="Careful work.")
    client.force_login(User.objects.create_superuser("root"))
    browser.get(f"{site.url}/")
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    return study


def add_lost_work(work: Assignment) -> None:
    """Another lot that the same person answered and never handed in."""
    lot = HITFactory.create(
        study=work.hit.study, lot=99, with_trials=1, state="expired", asked_at=timezone.now()
    )
    lost = AssignmentFactory.create(hit=lot, rater=work.rater, state="finished")
    trial = lot.trials.get()
    VoteFactory.create(trial=trial, rater=work.rater, assignment=lost, import_key=None)
    began = timezone.now() - timedelta(days=2)
    Assignment.objects.filter(pk=lost.pk).update(started_at=began)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_the_pages_are_without_faults(
    study: Study, site: Site, browser: Chrome, width: int, scheme: str
) -> None:
    resize(browser, width=width, height=900)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    work = Assignment.objects.order_by("pk")[0]
    add_lost_work(work)
    pages = {
        "money": reverse("admin:studyapp_study_money", args=[study.pk]),
        "decide": reverse("admin:studyapp_assignment_decide", args=[work.pk]),
        "monitor": reverse("study-monitor", args=[study.name]),
    }
    for name, page in pages.items():
        browser.get(site.url + page)
        screenshot(browser, name=f"{name}-{width}")
        assert faults(browser) == [], page
        assert name != "money" or browser.find_elements(By.NAME, "lost"), "lost work is offered"
        across = "return document.documentElement.scrollWidth"
        assert browser.execute_script(across) <= width, page


def test_a_study_that_runs_is_followed_without_anything_moving(
    study: Study, site: Site, browser: Chrome
) -> None:
    resize(browser, width=1280, height=900)
    browser.get(site.url + reverse("study-monitor", args=[study.name]))
    browser.execute_script(
        "window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(entry) => { window.moved += entry.value; })).observe({type: 'layout-shift'});"
    )

    def text(key: str) -> str:
        return browser.find_element(By.CSS_SELECTOR, f'[data-key="{key}"]').text

    assert (text("people-waiting"), text("lot-0-in")) == ("2", "2 of 3")
    take(HIT.objects.get(), worker=new_workers(1)[0])
    collect_votes(study)
    # Somebody comes back to the page.
    browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
    WebDriverWait(browser, 10).until(lambda _: text("lot-0-in") == "3 of 3")
    assert (text("people-waiting"), text("people-paid"), text("money-paid")) == (
        "0",
        "3",
        "0.96 USD",
    )
    assert browser.find_element(By.CLASS_NAME, "live-more").is_displayed(), "a need is gone"
    assert browser.execute_script("return window.moved") == 0
    assert [line for line in console(browser) if line["level"] == "SEVERE"] == []


def test_a_rejection_asks_twice(study: Study, site: Site, browser: Chrome) -> None:
    work = Assignment.objects.order_by("pk")[1]
    browser.get(site.url + reverse("admin:studyapp_assignment_decide", args=[work.pk]))
    browser.find_element(By.NAME, "reject-reason").send_keys("Nothing was looked at.")
    browser.find_element(By.CSS_SELECTOR, "button[value=reject]").click()
    assert "asked twice" in browser.find_element(By.CSS_SELECTOR, ".messagelist").text
    assert set(offers.Assignment.objects.values_list("status", flat=True)) == {"submitted"}
    browser.find_element(By.NAME, "reject-reason").send_keys("Nothing was looked at.")
    browser.find_element(By.NAME, "reject-confirmed").click()
    browser.find_element(By.CSS_SELECTOR, "button[value=reject]").click()
    assert "is rejected" in browser.find_element(By.CSS_SELECTOR, ".messagelist").text
    assert offers.Assignment.objects.filter(status="rejected").count() == 1
