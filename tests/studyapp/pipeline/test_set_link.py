from __future__ import annotations

import csv
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from studyapp.cost import Fees
from studyapp.errors import InputError, StudyError
from studyapp.pipeline.set_link import invite, set_link
from studyapp.recruiters.spending import spending
from studyapp.selectors.population import study_cost
from studyapp.voting.join import join
from tests.recruiting import a_draft
from tests.studyapp.web.join_walk import a_link

pytestmark = pytest.mark.django_db


def test_the_words_of_a_panel_and_ones_own_before_them() -> None:
    link = a_link(kind="prolific", session_field="SID")
    assert (link.panel, link.participant_field, link.session_field) == (
        "prolific",
        "PROLIFIC_PID",
        "SID",
    )
    summary = set_link(link.study, kind="connect", values={"panel": "prolific"})
    assert "participant_field" in summary.changed
    assert set_link(link.study, kind="connect", values={"panel": "prolific"}).changed == ()


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("nosuch", {}, "Use prolific, connect"),
        (None, {"return_url": "https://evil.example/{code}"}, "evil.example is not among"),
        (None, {"completion_code": "a b"}, "completion_code"),
        (None, {"participant_field": "a=b"}, "participant_field"),
        (None, {"tasks_each": 0}, "tasks_each"),
    ],
)
def test_bad_values_are_named(kind: str | None, values: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        set_link(a_link(live=False).study, kind=kind, values=values)


@pytest.mark.slow
def test_people_stay_the_same_people_once_they_took_part() -> None:
    link = a_link()
    set_link(link.study, values={"panel": "pool"})
    link.refresh_from_db()
    join(link, participant="p1")
    set_link(link.study, values={"completion_code": "NEW"})
    with pytest.raises(StudyError, match="taken part already"):
        set_link(link.study, values={"panel": "others"})


def test_a_marketplace_study_has_no_link() -> None:
    with pytest.raises(StudyError, match="come from marketplace"):
        set_link(a_draft(images=1))


def test_invitations_one_a_person(tmp_path: Path) -> None:
    link = a_link(kind="own")
    (tmp_path / "ids.csv").write_text("participant,name\nAnn@Example.org,Ann\nb-2\n\nb-2\n")
    summary = invite(link.study, path=tmp_path / "ids.csv", out=tmp_path / "links.csv")
    with (tmp_path / "links.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["participant"] for row in rows] == ["ann@example.org", "b-2"]
    assert "--invited-only" in "\n".join(summary.lines())
    assert stat.S_IMODE((tmp_path / "links.csv").stat().st_mode) == 0o600, "each row lets one in"
    (tmp_path / "bad.csv").write_text("b-2\n=cmd()\n")
    with pytest.raises(InputError, match="line 2"):
        invite(link.study, path=tmp_path / "bad.csv", out=tmp_path / "links.csv")


def test_the_panels_fee_is_in_estimate_and_budget() -> None:
    link = a_link(fee_percent=Decimal("33.3"), reward=Decimal("1.00"))
    assert link.study.fees == Fees(Decimal("0.333"))
    cost = study_cost(link.study)
    assert (cost.rewards, cost.fees) == (Decimal("4.00"), Decimal("1.32"))
    assert spending(link.study).committed == cost.total
