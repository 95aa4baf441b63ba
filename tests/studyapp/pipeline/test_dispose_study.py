from __future__ import annotations

import pytest

from marketplace import models as offers
from studyapp.errors import StudyError
from studyapp.models import HIT, Assignment, IntendedCall
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.dispose_study import dispose_study
from studyapp.pipeline.publish import publish
from studyapp.pipeline.review_assignments import approve_valid
from studyapp.reports import build_report
from studyapp.vocabulary import CallKind, CallState, HITState
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_what_is_decided_on_is_disposed_of(site: Site) -> None:
    study = a_live_study(images=2, trials_per_hit=1, raters_per_trial=2, accept_at=1)
    publish(study)
    first = HIT.objects.order_by("lot")[0]
    take(first, worker=new_workers(1)[0])
    with pytest.raises(StudyError, match="it is live"):
        dispose_study(study)
    close_study(study)
    collect_votes(study, pays=False)
    asked = build_report(study).models[0].n_asked
    summary = dispose_study(study)
    assert (summary.disposed, summary.in_all) == (1, 1)
    assert build_report(study).models[0].n_asked == asked == 2, "also where nobody answered"
    assert "not decided on" in summary.lines()[1]
    approve_valid(study)
    assert dispose_study(study).in_all == 2
    assert dispose_study(study).disposed == 0
    assert all(hit.disposed_at for hit in offers.HIT.objects.all())
    assert set(HIT.objects.values_list("state", flat=True)) == {HITState.DISPOSED}
    assert Assignment.objects.count() == 1


def test_nothing_goes_while_a_call_is_not_settled(site: Site) -> None:
    study = a_live_study(images=1)
    publish(study)
    close_study(study)
    IntendedCall.objects.filter(kind=CallKind.EXPIRE).update(state=CallState.UNKNOWN)
    with pytest.raises(StudyError, match="1 call about its HITs not settled"):
        dispose_study(study)
