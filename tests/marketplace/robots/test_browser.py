from __future__ import annotations

import pytest

from marketplace.errors import RobotError
from marketplace.robots.browser import Browser
from marketplace.robots.pages import Form
from tests.marketplace.robots.lab import Lab


def test_cookies_only_where_wanted(lab: Lab) -> None:
    url = f"{lab.url}?assignmentId=3A"
    for browser in (Browser(cookies=False), Browser(cookies=True)):
        browser.get(url)
        browser.get(url)
    assert lab.cookies == ["lab=1"]


def test_redirects_and_statuses(lab: Lab) -> None:
    browser = Browser(cookies=False)
    form = Form(f"{lab.url}answer/0", "post", "trial", [("assignmentId", "3A"), ("consented", "1")])
    page = browser.submit(form, values={"answer": "yes"}, referer=lab.url)
    assert (page.status, page.class_name) == (200, "dog")
    assert lab.answers == [("3A", 0, "yes")]
    lab.fail_at = 1
    form.action = f"{lab.url}answer/1"
    assert browser.submit(form, values={"answer": "yes"}, referer=lab.url).status == 500
    form.method, form.action = "get", lab.url
    assert browser.submit(form, values={}, referer=lab.url).class_name == "dog"


@pytest.mark.slow
def test_what_cannot_be_fetched(lab: Lab) -> None:
    browser = Browser(cookies=False)
    for url in ("file:///etc/passwd", "data:text/html,x", "javascript:1"):
        with pytest.raises(RobotError, match="http and https"):
            browser.get(url)
    lab.busy = 99
    with pytest.raises(RobotError, match="503 instead of a picture"):
        browser.get_bytes(lab.url)


def test_a_form_is_not_sent_twice_when_the_line_breaks() -> None:
    form = Form("http://127.0.0.1:9/", "post", "submit", [])
    with pytest.raises(RobotError, match="cannot be reached"):
        Browser(cookies=False).submit(form, values={}, referer="http://127.0.0.1:9/")
