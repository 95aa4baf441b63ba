"""The reports of question types in a real Chromium, under axe, on a phone and on a desk."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome

from studyapp.models import VisionModel
from tests.browser.conftest import resize, screenshot
from tests.browser.test_accessibility import faults
from tests.factories.artefacts import ProbeResultFactory
from tests.studyapp.questions.attribute import test_paper as attributes
from tests.studyapp.questions.class_match import test_paper as matches
from tests.studyapp.questions.five_relevance import test_report as five
from tests.studyapp.web.test_cause_pages import scored_set

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.mark.parametrize("make", [five, matches, attributes], ids=["five", "matches", "attributes"])
def test_a_report_of_another_type_is_without_faults(
    browser: Chrome, live_server: LiveServer, client: Client, make: object
) -> None:
    study = make.paper_study()  # type: ignore[attr-defined]
    client.force_login(User.objects.create_superuser("root"))
    browser.get(f"{live_server.url}/")
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    for width, scheme in ((320, "dark"), (1280, "light")):
        resize(browser, width=width, height=900)
        scheme_is = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme_is})
        browser.get(live_server.url + reverse("study-report", args=[study.name]))
        screenshot(browser, name=f"report-{study.name}-{width}")
        assert faults(browser) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        browser.find_element("css selector", "main th a[href*='/pictures/']").click()
        screenshot(browser, name=f"pictures-{study.name}-{width}")
        assert faults(browser) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        browser.back()
    text = browser.execute_script("return document.querySelector('main').innerText")
    titles = ("Rectified top-5 error", "Success in each condition", "What the sets show")
    assert any(title in text for title in titles)
    assert "No model has a prediction" not in text


def test_pages_of_robustness_and_probes_are_without_faults(
    browser: Chrome, live_server: LiveServer, client: Client
) -> None:
    image_set = scored_set()
    model = VisionModel.objects.get(name="a")
    for image in image_set.images.all():
        ProbeResultFactory.create(vision_model=model, image=image, kind="insertion", part=0)
    client.force_login(User.objects.create_superuser("root"))
    browser.get(f"{live_server.url}/")
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    pages = {
        "robustness": reverse("robustness"),
        "probes": reverse("probe-figures", args=[image_set.pk, model.pk, "insertion"]),
    }
    for width, scheme in ((320, "dark"), (1280, "light")):
        resize(browser, width=width, height=900)
        scheme_is = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme_is})
        for name, address in pages.items():
            browser.get(live_server.url + address)
            screenshot(browser, name=f"{name}-{width}")
            assert faults(browser) == []
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width
