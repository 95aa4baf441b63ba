from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from studyapp.admin.studies import StudyAdmin
from studyapp.models import Condition, ImageSet, Job, Study, VisionModel
from studyapp.models.study import DEFAULT_TITLE
from studyapp.people import make_researcher
from studyapp.pipeline.launch_study import launch_study
from studyapp.vocabulary import StudyState
from tests.factories.dataset import (
    ImageSetFactory,
    PredictionFactory,
    ShownImageFactory,
    VisionModelFactory,
)
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(client: Client) -> User:
    user = make_researcher("mara", password="a long secret")
    client.force_login(user)
    return user


@pytest.fixture
def image_set() -> ImageSet:
    """Four pictures, of which the model gets three wrong."""
    image_set = ImageSetFactory.create(name="birds")
    model = VisionModelFactory.create(name="net", class_list=image_set.class_list)
    for number in range(4):
        image = ShownImageFactory.create(image_set=image_set, label_index=0)
        PredictionFactory.create(
            image=image, vision_model=model, classes=[0 if number == 3 else number + 1]
        )
    return image_set


def filled(image_set: ImageSet, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "name": "first",
        "title": "Does the word fit?",
        "description": "Look and say.",
        "keywords": "image",
        "image_set": image_set.pk,
        "vision_models": [VisionModel.objects.get(name="net").pk],
        "question_kind": "relevance",
        "population": "mistakes",
        "selection": "{}",
        "initial-selection": "{}",
        "gold": "[]",
        "initial-gold": "[]",
        "gold_per_hit": 0,
        "complete_share": "0.1",
        "allocation": "every",
        "conditions-TOTAL_FORMS": 0,
        "conditions-INITIAL_FORMS": 0,
        "question": "Is {class} relevant for this image?",
        "instructions": "Look.",
        "consent_text": "Agreed?",
        "raters_per_trial": 5,
        "accept_at": 4,
        "unsure": "missing",
        "render_resize": 64,
        "render_crop": 48,
        "environment": "marketplace",
        "reward": "0.10",
        "trials_per_hit": 2,
        "assignment_minutes": 30,
        "lifetime_days": 7,
        "auto_approval_hours": 72,
        "cooldown_hours": 0,
        "launch_gap_hours": 0,
        "seed": 1,
    }
    return values | changes


def made(client: Client, image_set: ImageSet, **changes: object) -> Study:
    answer = client.post(reverse("admin:studyapp_study_add"), filled(image_set, **changes))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return Study.objects.get(name="first")


def test_a_study_made_here_is_a_draft_of_its_maker(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set)
    assert (study.owner, study.state) == (mara, StudyState.DRAFT)
    assert Condition.objects.get(study=study).name == "whole"


def test_saving_leads_to_the_page_with_the_next_step(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    added = client.post(reverse("admin:studyapp_study_add"), filled(image_set))
    page = reverse("admin:studyapp_study_change", args=[Study.objects.get().pk])
    changed = client.post(page, filled(image_set, reward="0.20"))
    assert added["Location"] == changed["Location"] == page


def test_an_empty_form_has_the_title_of_a_study_from_a_file(client: Client, mara: User) -> None:
    form = client.get(reverse("admin:studyapp_study_add")).context["adminform"].form
    assert form.get_initial_for_field(form.fields["title"], "title") == DEFAULT_TITLE


def test_models_are_offered_with_the_image_sets_they_are_for(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    VisionModelFactory.create(name="idle")
    for number in range(4):
        ImageSetFactory.create(name=f"more-{number}", class_list=image_set.class_list)
    page = client.get(reverse("admin:studyapp_study_add")).content.decode()
    assert ">net (for birds, more-0, more-1, …)<" in page
    assert ">idle<" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accept_at": 6}, "larger than the raters per trial"),
        ({"question": "Is it right?"}, "must contain {class}"),
        ({"question": "Is {class} or {class} here?"}, "use {class} once and no others"),
        ({"question": "Is {x} {class} here?"}, "use {class} once and no others"),
        ({"reward": "0"}, "Raters must be paid"),
        ({"seconds_min": 20, "seconds_max": 5}, "fastest time must be below"),
    ],
)
def test_a_study_that_cannot_work_is_not_saved(
    client: Client, mara: User, image_set: ImageSet, changes: dict[str, object], message: str
) -> None:
    answer = client.post(reverse("admin:studyapp_study_add"), filled(image_set, **changes))
    assert message in answer.content.decode()
    assert not Study.objects.exists()


def test_the_page_of_a_draft_tells_what_it_costs(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set)
    page = client.get(reverse("admin:studyapp_study_change", args=[study.pk])).content.decode()
    assert "first prediction is not the label: 3, which make 3 trials" in page
    # Two HITs of two and one trials, five raters each: 10 x (0.10 + 0.02).
    assert "1.20 USD" in page


def test_the_cost_follows_numbers_that_are_not_saved(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set)
    url = reverse("admin:studyapp_study_cost", args=[study.pk])
    numbers = {"reward": "0.50", "trials_per_hit": "3", "raters_per_trial": "10"}
    lines = client.get(url, numbers).json()["lines"]
    # One HIT for ten raters: the fee is 40 %.
    assert "7.00 USD" in " ".join(lines)
    assert client.get(url, numbers | {"reward": "NaN"}).status_code == 400
    # Spread over HITs of nine at most they are two of five, at 20 %.
    Study.objects.filter(pk=study.pk).update(most_raters_per_hit=9)
    assert "6.00 USD" in " ".join(client.get(url, numbers).json()["lines"])
    assert client.get(url, numbers | {"trials_per_hit": "0"}).status_code == 400


def test_the_buttons_take_a_draft_to_its_launch(
    client: Client, mara: User, image_set: ImageSet, settings: object
) -> None:
    study = made(client, image_set)
    client.post(reverse("admin:studyapp_study_act", args=[study.pk]), {"verb": "review"})
    study.refresh_from_db()
    assert study.state == StudyState.REVIEWED
    url = reverse("admin:studyapp_study_launch", args=[study.pk])
    page = client.get(url).content.decode()
    for told in ("the protocol is frozen", "when at least 4 of 5 say yes", "whole: Whole image"):
        assert told in page
    assert f'<a href="{reverse("admin:studyapp_study_changelist")}">Studies</a> &rsaquo;' in page
    study.refresh_from_db()
    assert study.state == StudyState.REVIEWED
    client.post(url)
    study.refresh_from_db()
    assert study.state == StudyState.LIVE
    assert Job.objects.get().verb == "publish"


@pytest.mark.slow
def test_a_reviewed_study_that_is_changed_is_a_draft_again(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set)
    url = reverse("admin:studyapp_study_change", args=[study.pk])
    for changes, state in (({}, "reviewed"), ({"reward": "5.00"}, "draft")):
        client.post(reverse("admin:studyapp_study_act", args=[study.pk]), {"verb": "review"})
        assert client.post(url, filled(image_set, **changes)).status_code == 302
        study.refresh_from_db()
        assert study.state == state


@pytest.mark.slow
def test_what_the_buttons_say_is_for_somebody_who_has_buttons(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set)
    url = reverse("admin:studyapp_study_act", args=[study.pk])
    client.get(reverse("admin:index"))  # reads that the study was added
    answer = client.post(url, {"verb": "review"}, follow=True)
    (said,) = [str(line) for line in answer.context["messages"] if line.tags == "success"]
    assert said.startswith("Study first is reviewed")
    assert "Next: manage.py" not in answer.content.decode()


def test_what_is_not_published_yet_is_not_counted(client: Client, mara: User) -> None:
    study = StudyFactory.create(owner=mara, state=StudyState.LIVE)
    url = reverse("admin:studyapp_study_change", args=[study.pk])
    assert "Nothing is published yet" in client.get(url).content.decode()
    client.post(reverse("admin:studyapp_study_act", args=[study.pk]), {"verb": "publish"})
    page = client.get(url).content.decode()
    assert "The HITs are being made" in page
    assert "<strong>Publish</strong>" in page
    assert "0 of 0" not in page
    StudyFactory.create(pk=77, owner=mara, state=StudyState.CLOSED, imported=True)
    page = client.get(reverse("admin:studyapp_study_change", args=[77])).content.decode()
    assert "0 votes, gathered elsewhere" in page


def test_every_page_writes_a_time_the_same_way(client: Client, mara: User) -> None:
    Job.objects.create(verb="collect_votes", requested_by=mara)
    page = client.get(reverse("admin:studyapp_job_changelist")).content.decode()
    assert f"{Job.objects.get().created_at:%Y-%m-%d %H:%M}" in page
    assert "Collect votes" in page


def test_a_live_study_is_not_offered_for_launch_again(client: Client, mara: User) -> None:
    study = StudyFactory.create(owner=mara, state=StudyState.LIVE)
    answer = client.get(reverse("admin:studyapp_study_launch", args=[study.pk]))
    assert answer.headers["Location"] == reverse("admin:studyapp_study_change", args=[study.pk])


def test_members_are_chosen_among_staff_since_raters_stay_unnamed(
    client: Client, mara: User
) -> None:
    User.objects.create_user("a-rater")
    page = client.get(reverse("admin:studyapp_study_add")).content.decode()
    assert ">mara<" in page
    assert "a-rater" not in page


def test_from_live_on_nothing_of_the_protocol_can_be_changed(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set)
    Study.objects.filter(pk=study.pk).update(state=StudyState.LIVE)
    url = reverse("admin:studyapp_study_change", args=[study.pk])
    client.post(url, filled(image_set, reward="9.00", accept_at=1))
    study.refresh_from_db()
    assert (study.reward, study.accept_at) == (Decimal("0.10"), 4)


@pytest.mark.parametrize("verb", ["publish", "collect_votes", "close_study"])
def test_long_work_is_asked_for_once(client: Client, mara: User, verb: str) -> None:
    study = StudyFactory.create(owner=mara, state=StudyState.LIVE)
    for _ in range(2):
        client.post(reverse("admin:studyapp_study_act", args=[study.pk]), {"verb": verb})
    job = Job.objects.get()
    assert (job.verb, job.study, job.requested_by) == (verb, study, mara)
    state = client.get(reverse("job-state", args=[job.pk])).json()
    assert state["state"] == "queued"


def test_a_get_changes_nothing_and_strangers_have_no_buttons(client: Client, mara: User) -> None:
    study = StudyFactory.create(state=StudyState.LIVE)
    own = StudyFactory.create(owner=mara, state=StudyState.LIVE)
    url = reverse("admin:studyapp_study_act", args=[own.pk])
    assert client.get(url, {"verb": "publish"}).status_code == 405
    foreign = reverse("admin:studyapp_study_act", args=[study.pk])
    assert client.post(foreign, {"verb": "publish"}).status_code == 404
    assert not Job.objects.exists()


def test_a_request_of_another_site_is_refused(mara: User) -> None:
    study = StudyFactory.create(owner=mara, state=StudyState.LIVE)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mara)
    url = reverse("admin:studyapp_study_act", args=[study.pk])
    assert strict.post(url, {"verb": "publish"}).status_code == 403
    assert not Job.objects.exists()


def test_predictions_are_asked_of_a_compute_worker(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    url = reverse("admin:studyapp_imageset_predict", args=[image_set.pk])
    client.post(url, {"model": "resnet18", "weights": "/w/net.safetensors", "name": "r18"})
    job = Job.objects.get()
    assert job.verb == "predict"
    assert job.arguments["model"] == "resnet18"
    page = client.get(reverse("admin:studyapp_imageset_change", args=[image_set.pk]))
    assert reverse("job-state", args=[job.pk]) in page.content.decode()
    client.post(url, {"model": "os; rm"})
    assert Job.objects.count() == 1


def test_code_is_taken_from_the_operators_list_alone(
    client: Client, mara: User, image_set: ImageSet, settings: Settings
) -> None:
    url = reverse("admin:studyapp_imageset_predict", args=[image_set.pk])
    page = client.post(url, {"model": "shutil:rmtree", "weights": "/var/quorum"})
    assert "MODEL_CALLABLES" in page.content.decode()
    assert not Job.objects.exists()
    settings.MODEL_CALLABLES = ["lab.models:mine"]
    client.post(url, {"model": "lab.models:mine"})
    assert Job.objects.get().arguments["model"] == "lab.models:mine"


@pytest.mark.django_db(transaction=True)
def test_a_form_saved_while_the_study_is_launched_does_not_take_the_launch_back(
    client: Client, mara: User, image_set: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = made(client, image_set)
    save, launches = StudyAdmin.save_model, []

    def launch() -> None:
        launch_study(Study.objects.get(pk=study.pk), check_funds=False)
        connections.close_all()

    def save_late(*args: Any, **kwargs: Any) -> None:
        launches.append(threading.Thread(target=launch))
        launches[0].start()
        # Long enough for a launch that waits for nobody.
        launches[0].join(timeout=1.5)
        save(*args, **kwargs)

    monkeypatch.setattr(StudyAdmin, "save_model", save_late)
    url = reverse("admin:studyapp_study_change", args=[study.pk])
    client.post(url, filled(image_set, reward="0.20"))
    launches[0].join()
    study.refresh_from_db()
    assert study.state == StudyState.LIVE
    assert study.protocol is not None
    assert study.protocol["payment"]["reward"] == f"{study.reward:.2f}" == "0.20"
