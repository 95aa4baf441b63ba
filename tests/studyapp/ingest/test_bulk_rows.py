from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from studyapp.ingest.bulk_rows import Value, insert_new
from studyapp.models import Question, Vote
from tests.factories.crowd import RaterFactory
from tests.factories.study import StudyFactory, TrialFactory

pytestmark = pytest.mark.django_db

FIELDS = (
    "study_id", "question_id", "rater_id", "answer", "answer_raw", "seconds", "source_question",
    "import_key", "sequence", "created_at",
)  # fmt: skip
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ODD = ("", "\\N", "a\tb", "a\nb\r", "\\", "naïve ‰", "'; --", '"')


@pytest.fixture
def keys() -> tuple[int, int, int]:
    trial = TrialFactory.create()
    return trial.condition.study_id, trial.question_id, RaterFactory.create().pk


def _row(keys: Sequence[int], name: str, **more: Value) -> list[Value]:
    values: dict[str, Value] = {
        **dict(zip(FIELDS, keys, strict=False)),
        "answer": "yes",
        "answer_raw": "yes",
        "seconds": None,
        "source_question": "",
        "import_key": name,
        "sequence": 0,
        "created_at": NOW,
    }
    return list((values | more).values())


def test_every_value_comes_back_as_it_was(keys: tuple[int, int, int]) -> None:
    rows = [_row(keys, f"k{n}", answer_raw=text, seconds=0.1 * n) for n, text in enumerate(ODD)]
    insert_new(Vote, fields=FIELDS, rows=[*rows, _row(keys, "last")])
    votes = list(Vote.objects.order_by("pk"))
    assert [vote.answer_raw for vote in votes[:-1]] == list(ODD), "in the order of the rows"
    assert [vote.seconds for vote in votes] == [*(0.1 * n for n in range(len(ODD))), None]
    assert {vote.created_at for vote in votes} == {NOW}
    assert votes[-1].trial is None


def test_what_is_there_stays_as_it_is(keys: tuple[int, int, int]) -> None:
    insert_new(Vote, fields=FIELDS, rows=[_row(keys, "a"), _row(keys, "a", answer="no")])
    insert_new(Vote, fields=FIELDS, rows=[_row(keys, "a", answer="no"), _row(keys, "b")])
    votes = Vote.objects.order_by("pk").values_list("import_key", "answer")
    assert list(votes) == [("a", "yes"), ("b", "yes")]


@pytest.mark.parametrize("more", [{"seconds": -1.0}, {"answer": None}, {"import_key": None}])
def test_constraints_hold_and_a_batch_is_stored_whole_or_not(
    keys: tuple[int, int, int], more: dict[str, Value]
) -> None:
    rows = [_row(keys, "a"), _row(keys, "b", **more), _row(keys, "c")]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_new(Vote, fields=FIELDS, rows=rows)
    assert Vote.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_key_of_no_row_is_refused() -> None:
    study = StudyFactory.create()
    with pytest.raises(IntegrityError):
        insert_new(
            Question,
            fields=("stimulus_id", "label_class_id", "wording_id"),
            rows=[(987_654, 1, study.pk)],
        )
    assert Question.objects.count() == 0
