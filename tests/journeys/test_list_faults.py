"""Lists of people kept off a study, under every fault: made once, and saying what is wanted."""

from __future__ import annotations

from functools import partial

import pytest

from marketplace import models as offers
from marketplace.actions.accept import accept
from marketplace.errors import WorkRefusedError
from marketplace.models import Worker
from studyapp.models import HIT, BarEntry, KeptOut, Rater, RaterIdentity, Study
from studyapp.recruiters.bars import make_lists
from studyapp.recruiters.groups import renew_bars
from studyapp.recruiters.mturk.gateway import MTurkGateway
from tests.journeys.test_fault_matrix import FAULTS, Matrix, matrix, published
from tests.recruiting import Site, a_live_study, new_workers

__all__ = ["matrix"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def a_study() -> Study:
    return a_live_study(images=1, raters_per_trial=1, accept_at=1, trials_per_hit=1)


def a_study_without(worker: Worker) -> Study:
    study = a_study()
    keep_out(worker, study=study)
    return study


def keep_out(worker: Worker, *, study: Study) -> None:
    rater = Rater.objects.create()
    RaterIdentity.objects.create(rater=rater, provider="marketplace", worker_id=worker.worker_id)
    KeptOut.objects.create(study=study, rater=rater, source="a file")


def kept(study: Study, recruiter: MTurkGateway) -> None:
    renew_bars(study, recruiter=recruiter)


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("CreateQualificationType", "on"),
        ("AssociateQualificationWithWorker", "on"),
        ("DisassociateQualificationFromWorker", "off"),
    ],
)
def test_lists(matrix: Matrix, operation: str, left: str) -> None:  # the fixture
    studies = [a_study_without(worker) for worker in new_workers(2 * len(FAULTS))]
    for study in studies if operation != "CreateQualificationType" else ():
        make_lists(study, recruiter=matrix.good)
    if left == "off":
        for study in studies:
            kept(study, matrix.good)
        KeptOut.objects.all().delete()
    matrix.cells(operation, (partial(kept, study) for study in studies))
    assert offers.QualificationType.objects.count() == len(studies)
    assert list(BarEntry.objects.values_list("state", flat=True)) == [left] * len(studies)
    held = offers.Qualification.objects.filter(revoked_at__isnull=True)
    assert held.count() == (len(studies) if left == "on" else 0)


def test_terms_of_lots(matrix: Matrix, site: Site) -> None:  # the fixture
    """Terms are made once, and lots on offer come under those that keep somebody off."""
    workers = new_workers(len(FAULTS))
    for worker, fault in zip(workers, FAULTS.values(), strict=True):
        study = a_study()
        matrix.breaks("CreateHITType", partial(published, study), fault=fault)
        published(study, matrix.good)
        keep_out(worker, study=study)
        matrix.breaks("UpdateHITTypeOfHIT", partial(kept, study), fault=fault)
        kept(study, matrix.good)
    terms = {hit.hit_id: hit.hit_type.hit_type_id for hit in site.offered()}
    assert len(terms) == len(FAULTS)
    assert dict(HIT.objects.values_list("hit_id", "hit_type_id")) == terms
    for worker, hit in zip(workers, site.offered(), strict=True):
        with pytest.raises(WorkRefusedError, match="not for you now"):
            accept(worker, hit=hit)
