"""A study whose conditions are three days apart, attacked at every step, over real HTTP."""

from __future__ import annotations

import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from pytest_django.fixtures import Settings

from marketplace import models as offers
from marketplace.actions.accept import accept
from marketplace.actions.enrol import create_worker
from marketplace.actions.grant import revoke
from marketplace.errors import WorkRefusedError
from marketplace.robots.browser import Browser
from marketplace.robots.pages import Form, Page, read_page
from marketplace.worker_site.frames import work_url
from studyapp import clock
from studyapp.analytics import ExclusionReason
from studyapp.errors import StudyError
from studyapp.models import HIT, Assignment, BarEntry, Study, Vote
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.publish import publish
from studyapp.presets import preset_named
from studyapp.reports import build_report
from studyapp.study_conditions import read_conditions, store_conditions
from tests.factories.artefacts import AdversarialImageFactory, AttentionImageFactory, stored_picture
from tests.factories.dataset import PredictionFactory, ShownImageFactory, VisionModelFactory
from tests.factories.study import StudyFactory
from tests.recruiting import Site, take

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct-horse-battery"
THREE_DAYS = timedelta(hours=72)


class Worker:
    """Somebody at the marketplace, who looks at every task with a browser that knows nothing."""

    def __init__(self, name: str, *, site: Site) -> None:
        self.row = create_worker(name, password=PASSWORD)
        self._home = f"{site.url}/marketplace/"
        self._desk = Browser(cookies=True)
        page = self._desk.get(self._home)
        form = next(form for form in page.forms if ("password", "") in form.fields)
        self._desk.submit(form, values={"username": name, "password": PASSWORD}, referer=page.url)

    def board(self) -> str:
        return self._desk.get_bytes(self._home).decode()

    def accepts(self, hit: HIT) -> str:
        """The address of the task's frame, by the button on the board."""
        page = self._desk.get(self._home)
        offer = next(form for form in page.forms if hit.hit_type_id in form.action)
        return self._desk.submit(offer, values={}, referer=page.url).frames["task"]

    def slips_in(self, hit: HIT) -> str:
        """The same a moment before the marketplace knew better."""
        offered = offers.HIT.objects.get(hit_id=hit.hit_id)
        for held in self.row.qualifications.filter(revoked_at__isnull=True):
            revoke(held.qualification_type, worker=self.row, reason="")
        return work_url(accept(self.row, hit=offered))


def fetch(address: str, fields: dict[str, str] | None = None) -> tuple[int, Page, str]:
    """Status, page and text, to a browser without a past."""
    data = urlencode(fields).encode() if fields else None
    try:
        with urllib.request.urlopen(address, data) as answer:  # noqa: S310  # our own
            status, text, url = answer.status, answer.read().decode(), answer.url
    except urllib.error.HTTPError as error:
        status, text, url = error.code, error.read().decode(), error.url or address
    return status, read_page(text, url=url, status=status), text


def press(form: Form, **values: str) -> tuple[int, Page, str]:
    return fetch(form.action, dict(form.filled(values)))


def works(address: str) -> None:
    """Begins, answers everything and hands in."""
    _, page, text = fetch(address)
    for _ in range(9):
        if begin := page.form("consent"):
            _, page, text = press(begin)
        elif trial := page.form("trial"):
            _, page, text = press(trial, answer="yes")
        elif done := page.form("submit"):
            assert press(done)[0] == 200
            return
    raise AssertionError(text)


@pytest.fixture
def study(site: Site, settings: Settings) -> Study:
    """The adversarial study of the preset, on two images that an attack flipped."""
    settings.MARKETPLACE_CLOCK_OFFSET_S = 0
    values = preset_named("adversarial_attention").values
    made: Study = StudyFactory.create(
        name="apart",
        with_condition=False,
        **{name: value for name, value in values.items() if name != "conditions"}
        | {"raters_per_trial": 4, "accept_at": 2, "lifetime_days": 30},
    )
    store_conditions(made, read_conditions(values["conditions"], item="preset"))
    model = VisionModelFactory.create(class_list=made.image_set.class_list)
    made.vision_models.add(model)
    for number in range(2):
        image = ShownImageFactory.create(image_set=made.image_set, number=number)
        PredictionFactory.create(image=image, vision_model=model, classes=[0])
        flipped = stored_picture((number, 9, 9))
        attack = AdversarialImageFactory.create(
            image=image, vision_model=model, parameters_hash="a" * 64, flip_file=flipped
        )
        AttentionImageFactory.create(
            image=image,
            vision_model=model,
            label_class=attack.flip_class,
            parameters={"of_attack": attack.parameters_hash},
            file=stored_picture((200, number, 0)),
        )
    launch_study(made, check_funds=False)
    build_trials(made)
    return made


def until(settings: Settings, moment: datetime) -> None:
    settings.MARKETPLACE_CLOCK_OFFSET_S += (moment - clock.now()).total_seconds()


def test_three_days_hold_under_attack(study: Study, site: Site, settings: Settings) -> None:
    # Published: the second condition waits for its day, and says which.
    summary = publish(study)
    (whole,) = HIT.objects.filter(state="open")
    assert whole.opened_at is not None
    opens = whole.opened_at + THREE_DAYS
    assert summary.waiting == [f"attention can be published from {opens:%Y-%m-%d %H:%M:%S} UTC on"]
    until(settings, opens - timedelta(minutes=1))
    with pytest.raises(StudyError, match=f"attention can be published from {opens:%Y-%m-%d %H:%M}"):
        publish(study)
    assert len(site.offered()) == 1

    ada, bob, dan, eve = (Worker(name, site=site) for name in ("ada", "bob", "dan", "eve"))
    works(dan.accepts(whole))
    works(ada.accepts(whole))
    seen = Vote.objects.latest("pk").submitted_at
    assert seen is not None
    collect_votes(study)
    until(settings, opens)
    assert publish(study).opened == 1
    attention = HIT.objects.get(state="open", lot=1)

    # Listed and accepted: the marketplace says why not; those who saw nothing are free to come.
    assert "apart: saw other pictures of it within 72 hours" in ada.board()
    assert "taken off this list 72 hours after" in ada.board()
    with pytest.raises(WorkRefusedError, match="not for you now: apart: saw other pictures"):
        accept(ada.row, hit=offers.HIT.objects.get(hit_id=attention.hit_id))

    # Opened, where the acceptance came before the list: neither one minute early ...
    until(settings, seen + THREE_DAYS - timedelta(minutes=1))
    slipped = ada.slips_in(attention)
    status, page, text = fetch(slipped)
    free = (seen + THREE_DAYS + timedelta(minutes=1)).replace(second=0, microsecond=0)
    assert status == 403
    assert f"{free:%Y-%m-%d %H:%M} UTC" in text
    assert "return it now" in text
    assert not page.forms
    assert not page.stimulus_url

    # ... nor in two windows, pressed at once; nothing is shown before somebody has begun.
    windows = [bob.accepts(whole), bob.accepts(attention)]
    welcomes = [fetch(window)[1] for window in windows]
    assert not any(page.stimulus_url for page in welcomes)
    buttons = [form for page in welcomes if (form := page.form("consent"))]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, buttons))
    assert sorted(status for status, _, _ in answers) == [200, 403]
    begun = Assignment.objects.get(rater__identity__worker_id=bob.row.worker_id)
    refused = windows[begun.hit_id == whole.pk]
    assert fetch(refused)[0] == 403
    works(windows[begun.hit_id != whole.pk])

    # ... nor under a made-up name: the marketplace says who handed in, and nothing counts.
    works(dan.slips_in(attention).replace(dan.row.worker_id, "A1MADEUP00000"))

    # Submitted: who got through all the same is paid, and does not count.
    works(eve.accepts(attention))
    sneaked = take(whole, worker=eve.row, votes=False)
    for trial in whole.trials.all():
        Vote.objects.create(
            study=study, trial=trial, question=trial.question, rater=sneaked.rater,
            assignment=sneaked, answer="no", answer_raw="no", submitted_at=clock.now(),
        )  # fmt: skip
    collect_votes(study)
    sneaked.refresh_from_db()
    assert sneaked.state == "approved"
    left_out = {ExclusionReason.UNCONFIRMED: 2, ExclusionReason.EXPOSURE: 2}
    assert filter_votes(study).by_reason == left_out
    excluded = {row.reason: row.n_votes for row in build_report(study).votes.excluded}
    assert (excluded["exposure"], sum(excluded.values())) == (2, 4)

    # A minute later ada may: three days and not a second more.
    until(settings, seen + THREE_DAYS)
    works(slipped)
    collect_votes(study)
    hers = BarEntry.objects.filter(rater__identity__worker_id=ada.row.worker_id)
    states = hers.values_list("bar__condition__name", "state")
    assert dict(states) == {"attention": "off", "whole": "on"}
    assert filter_votes(study).by_reason == left_out
