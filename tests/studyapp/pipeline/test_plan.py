from __future__ import annotations

from decimal import Decimal

import pytest

from studyapp.errors import RecruiterError, StudyError
from studyapp.models import HIT, Assignment, IntendedCall
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.plan import plan
from studyapp.pipeline.publish import publish
from tests.faulty_proxy import FaultyProxy, lost_before
from tests.recruiting import Site, a_draft, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_call_and_the_money_to_the_cent(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=3, trials_per_hit=2, raters_per_trial=2, accept_at=1)
    before = plan(study)
    assert before.publication[2:] == (
        "CreateHITWithHITType: lot 0, 2 trials, 2 raters, 0.24 USD",
        "CreateHITWithHITType: lot 1, 1 trials, 2 raters, 0.24 USD",
    )
    assert (before.new_money, before.from_hold) == (Decimal("0.48"), Decimal(0))
    assert not HIT.objects.exists()
    publish(study)
    take(HIT.objects.order_by("lot")[0], worker=new_workers(1)[0])
    collect_votes(study, pays=False)
    proxy.plan("SendBonus", lost_before)
    work = Assignment.objects.get()
    with pytest.raises(RecruiterError):
        pay_bonus(study, work.pk, amount=Decimal("0.13"), reason="Hi.", recruiter=site.gateway())
    calls, rows = len(proxy.calls), list(IntendedCall.objects.values())
    now = plan(study)
    assert now.publication == ()
    assert now.approvals == (f"ApproveAssignment: lot 0, assignment {work.pk}, 0.12 USD",)
    (unsettled,) = now.unsettled
    assert unsettled.startswith(f"SendBonus: lot 0, assignment {work.pk}, 0.13 + fee 0.03 USD")
    assert unsettled.endswith("outcome of an earlier try unknown")
    assert (now.new_money, now.from_hold) == (Decimal("0.16"), Decimal("0.12"))
    assert "it can come to as it stands: 0.64 USD" in "\n".join(now.lines())
    assert (len(proxy.calls), list(IntendedCall.objects.values())) == (calls, rows)


def test_a_draft_has_no_calls(site: Site) -> None:
    with pytest.raises(StudyError, match="shows what a study will cost"):
        plan(a_draft(images=1))
