from __future__ import annotations

import csv
import stat
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from studyapp.errors import StudyError
from studyapp.exports.panel_list import panel_list
from studyapp.models import Assignment, AuditEntry, RaterIdentity
from studyapp.people import make_researcher
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.review_assignments import approve_assignment, reject_assignment
from tests.recruiting import a_draft
from tests.studyapp.web.join_walk import Person, a_link

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_who_is_owed_what(tmp_path: Path) -> None:
    link = a_link(reward=Decimal("0.50"))
    study = link.study
    for who in ("good", "bad", "gone"):
        Person(link, who, session=f"-s-{who}").do_all()
    Person(link, "working").begin()
    collect_votes(study, pays=False)
    work = {
        identity.worker_id: Assignment.objects.get(rater=identity.rater).pk
        for identity in RaterIdentity.objects.all()
    }
    boss = User.objects.create_user("boss")
    approve_assignment(study, work["good"])
    reject_assignment(study, work["bad"], reason="=random", actor=boss, confirmed=True)
    granted = pay_bonus(study, work["good"], amount=Decimal("0.25"), reason="Slow pages.")
    assert "pays nobody" in "\n".join(granted.lines())
    RaterIdentity.objects.filter(worker_id="gone").delete()
    out = tmp_path / "list.csv"
    summary = panel_list(study, out=out)
    assert (summary.reward, summary.bonus, summary.undecided) == (
        Decimal("0.50"),
        Decimal("0.25"),
        1,
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open() as file:
        rows = {row["participant"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"good", "bad", "working", ""}
    good, bad = rows["good"], rows["bad"]
    assert (good["session"], good["code"]) == ("'-s-good", "DONE42")
    assert (good["reward"], good["bonus"], good["said"]) == ("0.50", "0.25", "Slow pages.")
    assert (bad["state"], bad["reward"], bad["said"]) == ("Rejected", "0.00", "'=random")
    assert (rows["working"]["state"], rows["working"]["code"]) == ("At work", "")
    assert (rows[""]["session"], rows[""]["state"]) == ("", "Handed in")
    panel_list(study, out=out, bonuses=True)
    assert out.read_text().splitlines() == ["-s-good,0.25"], "a panel finds people by it"
    with pytest.raises(StudyError, match="pays them itself"):
        panel_list(a_draft(images=1), out=out)


@pytest.mark.slow
def test_names_go_to_who_may_see_them_alone(client: Client) -> None:
    link = a_link()
    Person(link, "secret-person").do_all()
    owner = make_researcher("owner", password="correct-horse-battery")
    link.study.owner = owner
    link.study.save(update_fields=["owner"])
    client.force_login(owner)
    places = client.get(reverse("admin:studyapp_linkplace_changelist"))
    assert places.status_code == 200
    study_page = client.get(reverse("admin:studyapp_study_change", args=[link.study.pk]))
    assert f"/join/{link.public_id}/?PROLIFIC_PID=" in study_page.content.decode()
    for page in (places, study_page):
        assert b"secret-person" not in page.content
        assert b"DONE42" not in places.content
    address = reverse("admin:studyapp_panel_list", args=[link.study.pk])
    assert client.get(address).status_code == 403
    owner.user_permissions.add(Permission.objects.get(codename="view_rateridentity"))
    client.force_login(User.objects.get(pk=owner.pk))
    assert b"secret-person" in client.get(address).content
    assert AuditEntry.objects.filter(verb="panel_list", actor=owner).count() == 1
    stranger = make_researcher("stranger", password="correct-horse-battery")
    stranger.user_permissions.add(Permission.objects.get(codename="view_rateridentity"))
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    places = client.get(reverse("admin:studyapp_linkplace_changelist"))
    assert b"0 participants" in places.content
