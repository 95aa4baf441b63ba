from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from marketplace import models as offers
from marketplace.actions.accept import accept
from marketplace.errors import WorkRefusedError
from studyapp.errors import InputError
from studyapp.models import AuditEntry, BarEntry, KeptOut, Rater, RaterIdentity, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.exclude_workers import exclude_workers
from studyapp.pipeline.publish import publish
from studyapp.voting.errors import KeptOutError
from studyapp.voting.join import join
from tests.factories.crowd import RaterIdentityFactory
from tests.recruiting import Site, a_draft, a_live_study, new_workers, take
from tests.studyapp.web.join_walk import a_link
from tests.studyapp.web.rate_walk import Walker, open_hit

pytestmark = pytest.mark.django_db


def listed(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "ids.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_whoever_is_listed_is_refused_until_let_in_again(tmp_path: Path) -> None:
    hit = open_hit()
    path = listed(tmp_path, "worker_id,note", "A1WORKER00001,spammed", "", '"A2OTHER000001",')
    summary = exclude_workers(hit.study, file=path)
    assert (summary.named, summary.changed, summary.kept_out) == (2, 2, 2)
    assert exclude_workers(hit.study, file=path).changed == 0
    walker = Walker(hit, worker="A1WORKER00001")
    page = walker.begin()
    assert (walker.response.status_code, page.problem) == (403, "kept-out")
    assert "return it" in page.text
    assert "trial" in Walker(hit, worker="A3THIRD000001", assignment="3B").begin().forms
    # The same person, met by another recruiter, is the same person.
    RaterIdentity.objects.filter(worker_id="A1WORKER00001").update(provider="sandbox")
    assert walker.begin().problem == "kept-out"
    RaterIdentity.objects.filter(worker_id="A1WORKER00001").update(provider="marketplace")
    n_raters = Rater.objects.count()
    path = listed(tmp_path, "A1WORKER00001", "A2OTHER000001", "A9STRANGER0001")
    assert exclude_workers(hit.study, file=path, let_in=True).changed == 2
    assert Rater.objects.count() == n_raters, "nobody is noted down to be let in"
    assert "trial" in walker.begin().forms
    told = str(list(AuditEntry.objects.values_list("summary", flat=True)))
    assert "A1WORKER00001" not in told


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["A1", "two words"], r"ids.csv, line 2: this is no worker id"),
        (["worker_id"], "0 worker ids"),
    ],
)
def test_a_bad_file_changes_nothing_and_names_nobody(
    lines: list[str], why: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=why) as caught:
        exclude_workers(a_draft(images=1), file=listed(tmp_path, *lines))
    assert "two words" not in str(caught.value)
    assert not Rater.objects.exists()


def test_a_study_is_not_kept_from_itself() -> None:
    study = a_draft(images=1)
    with pytest.raises(CommandError, match="Name another study"):
        call_command("exclude_workers", study.name, "--from", study.name)


def test_a_mailbox_is_kept_out_however_it_is_written(tmp_path: Path) -> None:
    link = a_link(kind="own")
    exclude_workers(link.study, file=listed(tmp_path, "Ann@Example.org"))
    with pytest.raises(KeptOutError):
        join(link, participant="ann@example.org")


@pytest.mark.django_db(transaction=True)
def test_raters_of_another_study_are_kept_off_the_marketplaces_list(site: Site) -> None:
    first, second = (
        a_live_study(name=name, images=1, raters_per_trial=2, accept_at=1, trials_per_hit=1)
        for name in ("first", "second")
    )
    ada, bob = new_workers(2)
    # Somebody typed bob's id at a link and is kept out: that says nothing of him.
    RaterIdentityFactory.create(worker_id=bob.worker_id)
    typed = RaterIdentityFactory.create(worker_id=bob.worker_id, provider="link:class")
    KeptOut.objects.create(study=second, rater=typed.rater, source="a file")
    publish(first)
    take(first.hits.get(), worker=ada)
    call_command("exclude_workers", "second", "--from", "first")
    assert KeptOut.objects.exclude(rater=typed.rater).get().study_id == second.pk
    publish(second)
    (asked,) = offers.HIT.objects.get(hit_id=second.hits.get().hit_id).hit_type.requirements.all()
    assert (asked.comparator, asked.actions_guarded) == ("DoesNotExist", "PreviewAndAccept")
    held = offers.Qualification.objects.get(revoked_at__isnull=True)
    assert held.worker_id == ada.pk
    assert held.qualification_type.qualification_type_id == asked.qualification_type_id
    again = exclude_workers(Study.objects.get(name="second"), took_part_in=first)
    assert (again.changed, again.bars.put_on, again.bars.closed) == (0, 0, 0)
    # What is on offer already is closed to them too.
    late = exclude_workers(Study.objects.get(name="first"), took_part_in=second)
    assert (late.named, late.bars.closed) == (0, 0)
    take(second.hits.get(), worker=bob)
    # One whose publication got no answer is found later, under the terms it was sent with.
    first.hits.update(state="sending", hit_id=None)
    late = exclude_workers(Study.objects.get(name="first"), took_part_in=second)
    assert (late.bars.put_on, late.bars.closed) == (1, 0)
    assert collect_votes(first).bars.closed == 1
    assert collect_votes(first).bars.closed == 0
    with pytest.raises(WorkRefusedError, match="not for you now: first: took part in another"):
        accept(bob, hit=offers.HIT.objects.get(hit_id=first.hits.get().hit_id))
    exclude_workers(second, took_part_in=first, let_in=True)
    assert BarEntry.objects.get(bar__study=second).state == "off"
    assert not ada.qualifications.filter(revoked_at__isnull=True).exists()
    # Nobody of that id is there, so the call is refused; it is tried again, not given up.
    entry = BarEntry.objects.get(bar__study=first)
    RaterIdentity.objects.filter(rater=entry.rater).update(worker_id="A9NOBODY00001")
    KeptOut.objects.filter(study=first).delete()
    for _ in range(2):
        (trouble,) = collect_votes(first).bars.troubles
        assert "A9NOBODY00001" not in trouble
    entry.refresh_from_db()
    assert entry.state == "leaving"
