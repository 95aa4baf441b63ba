from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from studyapp.errors import InputError, QuorumError, StudyError
from studyapp.models import AuditEntry, Study, Trial, VisionModel
from studyapp.pipeline.ask_uncovered import ask_uncovered
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.import_votes import import_votes
from studyapp.reports import build_report, methods_text
from studyapp.reports.rectify_study import rectify_study
from studyapp.selectors.protocol import protocol_of
from studyapp.vocabulary import StudyState
from tests.factories.dataset import (
    ImageSetFactory,
    PredictionFactory,
    ShownImageFactory,
    VisionModelFactory,
    label_class,
)
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def net() -> VisionModel:
    return VisionModelFactory.create(name="net")


@pytest.fixture
def ledger(net: VisionModel, tmp_path: Path) -> Study:
    """Four images that `net` takes for class 1; `a` and `b` were judged, `c` for another class."""
    image_set = ImageSetFactory.create(name="pets", class_list=net.class_list)
    label = label_class(image_set, index=0)
    for number, name in enumerate("abcd"):
        image = ShownImageFactory.create(
            image_set=image_set, image_id=name, number=number + 20, label=label
        )
        PredictionFactory.create(
            image=image, vision_model=net, top1=label_class(image_set, index=1)
        )
    file = tmp_path / "v.csv"
    file.write_text(
        "image_id,class_index,rater_id,answer\na,1,R,yes\nb,1,R,no\nc,2,R,yes\n", encoding="utf-8"
    )
    import_votes(image_set, study="elsewhere", file=file)
    return Study.objects.get(name="elsewhere")


def test_the_draft_asks_exactly_what_nobody_judged(ledger: Study, net: VisionModel) -> None:
    owner = User.objects.create_user("owner")
    study = ask_uncovered(ledger, models=[net], name="rest", owner=owner)
    assert (study.state, study.owner, study.leaves_out) == (StudyState.DRAFT, owner, ledger)
    assert (study.question, study.accept_at) == (ledger.question, ledger.accept_at)
    build_trials(study)
    asked = Trial.objects.values_list(
        "question__stimulus__image__image_id", "question__label_class__index"
    )
    assert sorted(asked) == [("c", 1), ("d", 1)]
    assert len(rectify_study(ledger).uncovered) == 2
    assert AuditEntry.objects.get(verb="ask_uncovered").summary["pairs"] == 2


def test_the_protocol_says_what_was_left_out(ledger: Study, net: VisionModel) -> None:
    study = ask_uncovered(ledger, models=[net], name="rest")
    population = protocol_of(study)["population"]
    assert isinstance(population, dict)
    assert (population["leaves_out"], population["pairs"]) == ("elsewhere", 2)
    assert "judged in elsewhere." in methods_text(build_report(study))[0]


def test_what_cannot_be_asked_makes_nothing(ledger: Study, net: VisionModel) -> None:
    before = Study.objects.count()
    for name, told in (("elsewhere", "already exists"), ("a b", "valid"), ("", "blank")):
        with pytest.raises(InputError, match=told):
            ask_uncovered(ledger, models=[net], name=name)
    with pytest.raises(StudyError, match="nothing is left to ask"):
        ask_uncovered(ledger, models=[], name="rest")
    with pytest.raises(QuorumError, match="asks raters of its own"):
        ask_uncovered(StudyFactory.create(name="ours"), models=[net], name="rest")
    assert Study.objects.count() == before + 1
