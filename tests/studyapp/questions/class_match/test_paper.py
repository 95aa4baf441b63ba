"""Table 3 of Stock and Cisse (2018), from votes to report.

1,600 answers whose shares print the paper's seven means (analytics, section 1.5: the printed Std is
a standard error that no whole numbers reach together with the means, so it is not asserted).
"""

from __future__ import annotations

import hashlib

import pytest

from studyapp.models import Condition, Rater, Stimulus, Study, Trial, Vote
from studyapp.reports import build_report
from studyapp.vocabulary import ConditionKind, PopulationKind, QuestionKind
from tests.studyapp.questions.rows import about_subjects, elsewhere, paper_classes, paper_images

#: Right answers, all answers, the printed mean.
TABLE_3 = {
    "adv-prototypes-criticisms": (97, 170, 57.06),
    "mmd-prototypes-criticisms": (119, 235, 50.64),
    "probs-prototypes-criticisms": (116, 235, 49.36),
    "adv-prototypes": (137, 249, 55.02),
    "mmd-prototypes": (117, 220, 53.18),
    "probs-prototypes": (129, 246, 52.44),
    "random": (122, 245, 49.80),
}

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_table_3_from_rows() -> None:
    report = build_report(paper_study())
    assert report.part is not None
    values = report.part.values
    planned = [
        row
        for row in values["conditions"]
        if (row["window_low"], row["window_high"]) == (20.0, 180.0)
    ]
    assert {row["condition"]: round(100 * row["mean"], 2) for row in planned} == {
        name: mean for name, (_, _, mean) in TABLE_3.items()
    }
    assert sum(row["n"] for row in planned) == 1_600
    first = planned[0]
    assert (first["n_below"], first["n_above"], first["n_all"]) == (1, 1, 172)
    assert round(100 * first["se"], 2) == 3.80
    by_pair = {(test["first"], test["second"]): test for test in values["contrasts"]}
    assert {second for _, second in by_pair} == {"random"}
    against = by_pair["adv-prototypes-criticisms", "random"]
    assert against["estimate"] == pytest.approx(0.0726, abs=5e-5)
    # On these whole numbers; 0.11 and 4.7 in the paper's own averages.
    assert 0.1 < against["p"] < 0.2
    assert values["homogeneity"]["p"] > 0.5
    assert report.part.headline.startswith(
        "Raters found the target’s group most often with adv-prototypes-criticisms: 57.06 %"
    )


@pytest.mark.slow
def test_the_table_counts_the_votes_that_count() -> None:
    """Ten answers asked for; in the first condition one is too fast and one too slow."""
    study = paper_study()
    study.raters_per_trial, study.accept_at = 10, 5
    study.save()
    for window, n_outside in ((None, 2), ((50.0, 60.0), 2), ((None, None), 0), ((61.0, None), 171)):
        report = build_report(study, window=window)
        assert report.part is not None
        low, high = window or (20.0, 180.0)
        rows = [
            row
            for row in report.part.values["conditions"]
            if (row["window_low"], row["window_high"]) == (low, high)
        ]
        assert sum(row["n"] for row in rows) == report.votes.n_valid
        assert rows[0]["n_below"] + rows[0]["n_above"] == n_outside
        export = report.part.exports[0]
        planned = {cells[1:3] for cells in export.rows if cells[3]}
        assert planned == {(20.0, 180.0)}
        shown = next(t for t in report.part.tables if t.title == "Success in each condition")
        assert [cells[1] for cells in shown.rows] == [f"{row['n']:,}" for row in rows]


def paper_study() -> Study:
    classes = paper_classes(6)
    image_set, images = paper_images(len(TABLE_3), label=classes[0])
    study = Study.objects.create(
        name="matches",
        title="t",
        image_set=image_set,
        imported=True,
        question_kind=QuestionKind.CLASS_MATCH,
        population=PopulationKind.ROUNDS,
        question="Which group does this picture belong to?",
        raters_per_trial=300,
        accept_at=150,
        seconds_min=20,
        seconds_max=180,
    )
    stimuli = elsewhere(images, image_set="paper")
    raters = Rater.objects.bulk_create(Rater() for _ in range(260))
    for position, (name, (right, n, _)) in enumerate(TABLE_3.items()):
        kind = ConditionKind.RANDOM if name == "random" else ConditionKind.PROTOTYPES
        condition = Condition.objects.create(study=study, name=name, kind=kind, position=position)
        _answers(condition, stimuli[position], raters, right=right, n=n)
    return study


def _answers(
    condition: Condition, stimulus: Stimulus, raters: list[Rater], *, right: int, n: int
) -> None:
    """The answers, and in the first condition one that was too fast and one too slow."""
    subject = {
        "class_list": "c" * 64,
        "classes": list(range(6)),
        "groups": [[f"{place}" * 64] * 6 for place in range(6)],
        "right": 0,
    }
    (question,) = about_subjects(condition.study, [stimulus], [subject])
    trial = Trial.objects.create(condition=condition, question=question)
    times = [60.0] * n + ([19.9, 180.1] if condition.position == 0 else [])
    Vote.objects.bulk_create(
        Vote(
            study=condition.study,
            question=question,
            trial=trial,
            rater=rater,
            answer="yes" if at < right else "no",
            answer_raw="1" if at < right else "2",
            seconds=seconds,
            import_key=hashlib.sha256(f"{condition.pk} {at}".encode()).hexdigest(),
        )
        for at, (rater, seconds) in enumerate(zip(raters, times, strict=False))
    )
