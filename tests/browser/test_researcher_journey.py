"""A researcher's whole journey in a real Chromium: create, preview, launch, watch, read, export."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from demo.truth import Truth, true_rectified_error
from demo.world.write import WorldFiles
from studyapp.models import HIT, Job, Study
from studyapp.people import make_researcher
from tests.browser.conftest import resize, screenshot
from tests.journeys.steps import careful, import_world, let_rate
from tests.journeys.toy_world import two_hosts, world  # noqa: F401  # fixtures
from tests.processes import database_url

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a researcher's secret"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def worker(live_server: LiveServer, settings: LazySettings, two_hosts: str) -> Iterator[None]:  # noqa: F811
    """A real worker on the embedded broker."""
    settings.JOB_SEND = True
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "JOB_SEND": "1",
        "QUORUM_URL": settings.QUORUM_URL,
        "MARKETPLACE_URL": settings.MARKETPLACE_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "studyapp.settings",
    }
    command = [sys.executable, "-m", "celery", "--app", "studyapp", "worker"]
    command += ["--include", "studyapp.tasks", "--queues", "web", "--pool", "solo"]
    process = subprocess.Popen([*command, "--loglevel", "ERROR"], cwd=ROOT, env=environment)
    yield
    process.kill()
    process.wait()


def wait(browser: Chrome, until: Callable[[Chrome], object], *, seconds: float = 60) -> None:
    WebDriverWait(browser, seconds, ignored_exceptions=[StaleElementReferenceException]).until(
        until
    )


def click(browser: Chrome, css: str) -> None:
    element = browser.find_element(By.CSS_SELECTOR, css)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def fill(browser: Chrome, name: str, *, text: str) -> None:
    field = browser.find_element(By.ID, f"id_{name}")
    field.clear()
    field.send_keys(text)


#: How far the first cell goes when the table of agreement is moved.
_MOVED = """
  const table = document.querySelector('[aria-label=Agreement]');
  const cell = table.querySelector('tbody th'), before = cell.getBoundingClientRect().left;
  table.scrollLeft = 60;
  if (!table.scrollLeft) return 'the table is not wider than the page';
  return cell.getBoundingClientRect().left - before;
"""


def in_sight(browser: Chrome, name: str) -> bool:
    """Whether the element lies within the width of the page's content, which cuts off the rest."""
    script = """
      const box = (e) => e.getBoundingClientRect();
      return box(document.getElementById(arguments[0])).right
        <= box(document.getElementById('content')).right;
    """
    return bool(browser.execute_script(script, name))


def text(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def test_from_an_empty_form_to_the_export(
    browser: Chrome,
    worker: None,
    world: WorldFiles,  # noqa: F811
    two_hosts: str,  # noqa: F811
    live_server: LiveServer,
    tmp_path: Path,
) -> None:
    predictions = import_world(world, tmp_path)
    call_command("marketplace_requester", "quorum", deposit="100")
    make_researcher("mara", password=PASSWORD)
    home = f"http://127.0.0.1:{live_server.url.rsplit(':', 1)[1]}"
    resize(browser, width=1280, height=900)

    browser.get(f"{home}/admin/")
    browser.find_element(By.ID, "id_username").send_keys("mara")
    browser.find_element(By.ID, "id_password").send_keys(PASSWORD + "\n")
    wait(browser, lambda b: "Studies" in text(b))

    # Create.
    browser.get(f"{home}/admin/studyapp/study/add/")
    fill(browser, "name", text="toy")
    fill(browser, "title", text="Does the word fit the picture?")
    Select(browser.find_element(By.ID, "id_image_set")).select_by_visible_text("toy")
    click(browser, "#id_vision_models_add_all, #id_vision_models_add_all_link")
    fill(browser, "trials_per_hit", text="8")
    resize(browser, width=768, height=1024)
    assert in_sight(browser, "id_vision_models_to")
    resize(browser, width=1280, height=900)
    click(browser, "[name=_save]")
    wait(browser, lambda b: "study-panel-title" in b.page_source)
    study = Study.objects.get(name="toy")
    assert sorted(study.vision_models.values_list("name", flat=True)) == ["first", "second"]
    cost = browser.find_element(By.ID, "study-cost")
    assert "USD" in cost.text

    # The cost follows what is typed.
    before = cost.text
    fill(browser, "reward", text="0.30")
    wait(browser, lambda b: b.find_element(By.ID, "study-cost").text not in ("", before))
    click(browser, "[name=_continue]")
    wait(browser, lambda b: "0.30 each" in b.find_element(By.ID, "study-cost").text)
    screenshot(browser, name="study-draft")

    # Preview.
    click(browser, f"a[href$='/studies/{study.name}/preview/']")
    wait(browser, lambda b: "relevant for this image" in text(b))
    wait(browser, lambda b: b.execute_script("return [...document.images].every(i => i.complete)"))
    screenshot(browser, name="study-preview")
    browser.back()

    # Review, launch, watch.
    click(browser, "button[value=review]")
    wait(browser, lambda b: b.find_elements(By.PARTIAL_LINK_TEXT, "Launch"))
    click(browser, "a[href$='/launch/']")
    wait(browser, lambda b: "From here on the protocol is frozen" in text(b))
    screenshot(browser, name="study-launch")
    click(browser, "input[value='Launch and publish']")
    wait(browser, lambda b: "Done" in text(b) and Job.objects.get(verb="publish").state == "done")
    assert set(HIT.objects.values_list("state", flat=True)) == {"open"}
    screenshot(browser, name="study-live")

    # People.
    let_rate([careful(world)] * 5, site=two_hosts)

    # Collect, read, export.
    browser.refresh()
    click(browser, "button[value=collect_votes]")
    wait(browser, lambda b: Job.objects.filter(verb="collect_votes", state="done").exists())
    browser.get(f"{home}/admin/studyapp/study/{study.pk}/change/")
    wanted = HIT.objects.count() * 5
    wait(browser, lambda b: f"{wanted} of {wanted} assignments in" in text(b))
    screenshot(browser, name="study-collected")
    click(browser, f"a[href$='/studies/{study.name}/']")
    wait(browser, lambda b: "rectified" in text(b).lower())
    screenshot(browser, name="study-report")
    truth = Truth.load(world.truth)
    labels = {image_id: record["label"] for image_id, record in truth.images.items()}
    for predicted in predictions.values():
        true = true_rectified_error(truth, labels, predicted)
        assert f"{true.rectified_top1_error:.2%}".replace("%", "") in text(browser)

    # On a phone the names of the rows stay when a wide table is moved.
    resize(browser, width=320, height=640)
    assert browser.execute_script(_MOVED) == 0
    resize(browser, width=1280, height=900)

    cookies = "; ".join(f"{c['name']}={c['value']}" for c in browser.get_cookies())
    connection = HTTPConnection(home.removeprefix("http://"), timeout=60)
    connection.request("GET", "/studies/toy/export.zip", headers={"Cookie": cookies})
    archive = zipfile.ZipFile(io.BytesIO(connection.getresponse().read()))
    connection.close()
    names = {Path(name).name for name in archive.namelist()}
    assert {"votes.csv", "questions.csv", "models.csv", "agreement.json"} <= names
