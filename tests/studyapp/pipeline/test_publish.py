from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from marketplace.models import RequestToken
from studyapp.errors import (
    InsufficientFundsError,
    RecruiterError,
    RecruiterUnavailableError,
    StudyError,
)
from studyapp.models import HIT, AuditEntry, HITTrial, Study, Trial
from studyapp.pipeline.add_model import add_model
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.publish import publish
from studyapp.recruiters.contract import ProviderClosedError
from studyapp.vocabulary import Environment, HITState, StudyState
from tests.factories.dataset import VisionModelFactory, mistakes
from tests.faulty_proxy import (
    Answer,
    FaultyProxy,
    after_work_says,
    closed_page,
    lost_after,
    lost_before,
    says,
)
from tests.recruiting import Site, a_draft, a_live_study

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "CreateHITWithHITType"


def states(study: Study) -> list[str]:
    return list(HIT.objects.filter(study=study).order_by("lot").values_list("state", flat=True))


def one_hit_per_lot(site: Site, study: Study) -> bool:
    ours = HIT.objects.filter(study=study).order_by("lot")
    offered = {hit.hit_id: hit for hit in site.offered()}
    return len(offered) == ours.count() and all(
        hit.state == HITState.OPEN
        and offered[str(hit.hit_id)].frame_url.endswith(f"/rate/{hit.public_id}/")
        for hit in ours
    )


def test_every_trial_is_offered_once(site: Site) -> None:
    study = a_live_study(images=12)
    summary = publish(study)
    assert (summary.opened, summary.found, summary.open, summary.trials_open) == (3, 0, 3, 12)
    assert one_hit_per_lot(site, study)
    assert sorted(HITTrial.objects.values_list("trial", flat=True)) == sorted(
        Trial.objects.values_list("pk", flat=True)
    )
    hit = HIT.objects.order_by("lot")[0]
    (offered,) = (row for row in site.offered() if row.hit_id == hit.hit_id)
    assert offered.max_assignments == 5
    assert offered.hit_type.title == study.title
    assert offered.hit_type.assignment_duration_s == 30 * 60
    assert offered.requester_annotation == hit.request_token
    assert offered.expires_at.replace(microsecond=0) == hit.expires_at  # the wire has seconds
    assert summary.cost.total == Decimal("1.80")
    assert AuditEntry.objects.filter(verb="publish").get().summary["opened"] == 3


def test_again_does_nothing(site: Site) -> None:
    study = a_live_study(images=6)
    publish(study)
    before = list(HIT.objects.order_by("pk").values())
    summary = publish(study)
    assert (summary.opened, summary.found) == (0, 0)
    assert "nothing left to publish" in summary.lines()[0]
    assert list(HIT.objects.order_by("pk").values()) == before


def test_a_second_model_makes_new_lots_only(site: Site) -> None:
    study = a_live_study(images=12, wrong=6)
    publish(study)
    before = {hit.hit_id for hit in site.offered()}
    VisionModelFactory.create(name="unused", class_list=study.image_set.class_list)
    mistakes(study.image_set, model="second", wrong={"i000": 1, "i010": 3, "i011": 4})
    add_model(study, model=study.image_set.class_list.models.get(name="second"))
    build_trials(study)
    summary = publish(study)
    assert (summary.cost.trials, summary.cost.hits, summary.opened) == (2, 1, 1)
    assert before < {hit.hit_id for hit in site.offered()}
    assert one_hit_per_lot(site, study)


def test_the_order_follows_from_the_seed_alone(site: Site) -> None:
    def order(study: Study) -> list[tuple[str, int]]:
        publish(study)
        return list(
            HITTrial.objects.filter(hit__study=study)
            .order_by("hit__lot", "position")
            .values_list(
                "trial__question__stimulus__stimulus_hash",
                "trial__question__label_class__index",
            )
        )

    first, again, other = (
        order(a_live_study(images=12, seed=seed, name=f"s{number}"))
        for number, seed in enumerate((1, 1, 2))
    )
    assert first == again
    assert sorted(first) == sorted(other)
    assert first != other


def test_a_dry_run_prints_every_call_and_changes_nothing(site: Site) -> None:
    study = a_live_study(images=12)
    summary = publish(study, dry_run=True)
    assert not HIT.objects.exists()
    assert site.offered() == []
    assert [call.partition(":")[0] for call in summary.calls] == [
        "GetAccountBalance",
        "CreateHITType",
        *[CREATE] * 3,
    ]
    assert summary.calls[-1] == f"{CREATE}: lot 2, 2 trials, 5 raters, 0.60 USD"
    assert any("1.80 USD" in line for line in summary.lines())
    publish(study)
    assert publish(study, dry_run=True).calls == summary.calls[:2]


def test_too_little_money_publishes_nothing(site: Site) -> None:
    study = a_live_study(images=12, reward=Decimal("100"))
    with pytest.raises(InsufficientFundsError, match=r"1,800.00 USD.*has 1,000.00 USD"):
        publish(study)
    assert not HIT.objects.exists()
    assert site.offered() == []


def test_money_that_runs_out_stops_cleanly_and_goes_on(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)
    poor = says(
        400,
        b'{"__type": "RequestError", "Message": "no money",'
        b' "TurkErrorCode": "AWS.MechanicalTurk.InsufficientFunds"}',
    )
    proxy.plan(CREATE, None, poor)
    with pytest.raises(InsufficientFundsError, match=r"1 of 3 HITs open.*--deposit"):
        publish(study)
    assert states(study) == ["open", "planned", "planned"]
    assert publish(study).opened == 2
    assert one_hit_per_lot(site, study)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_lost_answer_leaves_one_hit_per_lot(at: int, site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)
    proxy.plan(CREATE, *[None] * at, lost_after)
    with pytest.raises(RecruiterUnavailableError, match=f"{at} of 3 HITs open") as caught:
        publish(study, recruiter=site.gateway())
    assert not caught.value.permanent
    assert states(study)[at] == HITState.SENDING
    assert len(site.offered()) == at + 1
    summary = publish(study)
    assert (summary.found, summary.opened) == (1, 2 - at)
    assert one_hit_per_lot(site, study)


def test_a_call_that_never_arrived_is_made_again(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)
    proxy.plan(CREATE, lost_before)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())
    assert states(study) == ["sending", "planned", "planned"]
    assert publish(study).opened == 3
    assert one_hit_per_lot(site, study)


def test_a_closed_provider_is_said_and_nothing_is_lost(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)
    proxy.plan(CREATE, None, closed_page)
    with pytest.raises(ProviderClosedError, match="1 of 3 HITs open"):
        publish(study)
    assert proxy.count(CREATE) == 2
    assert publish(study).open == 3


def test_a_refusal_puts_the_lot_back(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=6)
    refused = b'{"__type": "RequestError", "TurkErrorCode": "AWS.MechanicalTurk.XMLParseError"}'
    proxy.plan(CREATE, says(400, refused))
    with pytest.raises(RecruiterError, match=r"0 of 2 HITs open.*xmlparseerror") as caught:
        publish(study)
    assert caught.value.permanent
    assert states(study) == ["planned", "planned"]


@pytest.mark.parametrize("arrived", [True, False])
def test_after_the_tokens_life_the_lot_is_searched_first(
    arrived: bool, site: Site, proxy: FaultyProxy
) -> None:
    study = a_live_study(images=12)
    proxy.plan(CREATE, lost_after if arrived else lost_before)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())
    # A day later: the marketplace has forgotten the token, so the same call would make a second.
    day = timedelta(hours=25)
    RequestToken.objects.update(used_at=timezone.now() - day)
    HIT.objects.filter(state=HITState.SENDING).update(sent_at=timezone.now() - day)
    summary = publish(study)
    assert (summary.found, summary.opened) == ((1, 2) if arrived else (0, 3))
    assert proxy.count("ListHITs") >= 1
    assert one_hit_per_lot(site, study)


def test_a_repeat_does_not_lengthen_the_tokens_life(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=3)
    proxy.plan(CREATE, lost_after, after_work_says(200, b""))
    sent = []
    for _ in range(2):
        with pytest.raises(RecruiterUnavailableError):
            publish(study, recruiter=site.gateway())
        sent.append(HIT.objects.get().sent_at)
    assert sent[0] == sent[1]


def test_two_at_once_make_one_hit_per_lot(site: Site) -> None:
    study = a_live_study(images=20)
    barrier = threading.Barrier(3)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait(timeout=10)
            publish(Study.objects.get(pk=study.pk))
        except (RecruiterError, StudyError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert one_hit_per_lot(site, study)
    assert HIT.objects.count() == 4


def test_closing_stops_a_publication_in_its_tracks(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)

    def close(forward: object) -> None:
        Study.objects.filter(pk=study.pk).update(state=StudyState.CLOSED)

    proxy.plan(CREATE, None, close)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())
    study.refresh_from_db()
    with pytest.raises(StudyError, match="it is closed"):
        publish(study)
    assert len(site.offered()) == 1


def test_a_hit_made_while_its_study_is_closed_is_taken_off_the_list(
    site: Site, proxy: FaultyProxy
) -> None:
    """The closing looks for it before the call about it arrives, and finds nothing."""
    study = a_live_study(images=3)

    def close_first(forward: Callable[[], Answer]) -> Answer:
        close_study(Study.objects.get(pk=study.pk))
        connections.close_all()
        return forward()

    proxy.plan(CREATE, close_first)
    publish(study, recruiter=site.gateway())
    assert states(study) == [HITState.EXPIRED]
    [offered] = site.offered()
    assert offered.expires_at <= timezone.now()
    assert site.gateway().balance() == 1000


@pytest.mark.parametrize("url", ["http://lab.example", "http://10.0.0.1:8000"])
def test_rater_pages_are_https(url: str, site: Site, settings: Settings) -> None:
    study = a_live_study(images=1)
    settings.QUORUM_URL = url
    with pytest.raises(StudyError, match="https pages only"):
        publish(study)
    assert site.offered() == []


def test_every_state_has_its_answer(site: Site) -> None:
    study = a_draft(images=2)
    with pytest.raises(StudyError, match=r"it is draft.*manage\.py launch"):
        publish(study)
    launch_study(study, check_funds=False)
    with pytest.raises(StudyError, match=r"no trials.*manage\.py build_trials"):
        publish(study)
    build_trials(study)
    Study.objects.filter(pk=study.pk).update(environment=Environment.SANDBOX)
    study.refresh_from_db()
    with pytest.raises(StudyError, match="different now: payment"):
        publish(study)
    assert not HIT.objects.exists()
