"""Table 1 and Figure 2 of Stock and Cisse (2018), from votes to report.

The counts are those that reproduce every printed digit; how the paper's 8,965 and 4,735 remaining
errors split over 0 to 3 yes is only in a picture, so any split serves here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from studyapp.identity import elsewhere_stimulus_hash, wording_version
from studyapp.models import (
    ClassList,
    Image,
    ImageSet,
    LabelClass,
    Prediction,
    Question,
    Rater,
    Stimulus,
    Study,
    VisionModel,
    Vote,
    Wording,
)
from studyapp.reports import ModelReport, build_report, model_sentence
from studyapp.vocabulary import Answer, StimulusKind
from tests.factories.rows import insert_like

N_IMAGES = 50_000
IMAGES = range(1, 1 + N_IMAGES)
#: Images by number of yes votes, 0 to 5.
BY_YES = {
    "ResNet-18": (3000, 2500, 2000, 1465, 2470, 4260),
    "ResNet-101": (1500, 1200, 1100, 935, 2099, 4511),
}

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_database]


def test_table_1_and_figure_2() -> None:
    report = build_report(_study())
    models = {model.model: model for model in report.models}
    assert {name: _printed(model) for name, model in models.items()} == {
        "ResNet-18": (31.39, 17.93, 17.60, 18.27, 27.14),
        "ResNet-101": (22.69, 9.47, 9.22, 9.73, 39.76),
    }
    for name, by_yes in BY_YES.items():
        assert models[name].by_yes == by_yes
        assert models[name].n_images == N_IMAGES
        assert models[name].n_asked == sum(by_yes)
        assert models[name].n_undecided == models[name].n_unasked == 0
    assert model_sentence(models["ResNet-101"], report=report) == (
        "ResNet-101 errs on 22.69 % of 50,000 images; when people are asked and four of five must "
        "agree with it, on 9.47 % [9.22, 9.73]; 11,345 images asked, 6,610 accepted."
    )


def _printed(model: ModelReport) -> tuple[float, ...]:
    """Error, rectified error, interval, and the share of mistakes all five raters accept."""
    shares = (
        model.top1_error,
        model.rectified_top1_error,
        model.ci_low,
        model.ci_high,
        model.by_yes[5] / model.n_errors,
    )
    return tuple(round(100 * (share or 0), 2) for share in shares)


def _study() -> Study:
    class_list = ClassList.objects.create(name="paper", content_hash="0" * 64, n_classes=3)
    right, *wrong = LabelClass.objects.bulk_create(
        LabelClass(class_list=class_list, index=n, wnid=f"n{n}", name=f"c{n}", prompt_name=f"c{n}")
        for n in range(3)
    )
    image_set = ImageSet.objects.create(name="paper", class_list=class_list)
    insert_like(
        Image(image_set=image_set, label=right),
        columns=("id", "image_id"),
        rows=((n, f"v{n}") for n in IMAGES),
    )
    study = Study.objects.create(name="paper", title="p", image_set=image_set, imported=True)
    wording = Wording.objects.create(
        text=study.question, version=wording_version(study.question_kind, text=study.question)
    )
    raters = Rater.objects.bulk_create(Rater() for _ in range(5))
    insert_like(
        Stimulus(kind=StimulusKind.ELSEWHERE),
        columns=("id", "stimulus_hash", "image_id"),
        rows=(
            (n, elsewhere_stimulus_hash("paper", image_id=f"v{n}"), n)
            for n in range(1, 1 + max(map(sum, BY_YES.values())))
        ),
    )
    first = 0
    for label_class, (name, by_yes) in zip(wrong, BY_YES.items(), strict=True):
        model = VisionModel.objects.create(name=name, class_list=class_list, source="imported")
        n_errors = sum(by_yes)
        for predicted, images in (
            (label_class, IMAGES[:n_errors]),
            (right, IMAGES[n_errors:]),
        ):
            insert_like(
                Prediction(vision_model=model, top1=predicted, classes=[predicted.index]),
                columns=("image_id",),
                rows=((n,) for n in images),
            )
        insert_like(
            Question(label_class=label_class, wording=wording),
            columns=("id", "stimulus_id"),
            rows=((first + n, n) for n in range(1, 1 + n_errors)),
        )
        insert_like(
            Vote(study=study),
            columns=("question_id", "rater_id", "answer", "answer_raw", "import_key"),
            rows=_votes(by_yes, first=first, raters=raters),
        )
        first += n_errors
    return study


def _votes(
    by_yes: tuple[int, ...], *, first: int, raters: list[Rater]
) -> Iterator[tuple[int, int, str, str, str]]:
    """Columns of the votes on the questions after `first`: of each, as many yes as are its due."""
    n_yes = (yes for yes, images in enumerate(by_yes) for _ in range(images))
    for question, yes in enumerate(n_yes, start=first + 1):
        for place, rater in enumerate(raters):
            answer = Answer.YES if place < yes else Answer.NO
            key = hashlib.sha256(f"{question} {place}".encode()).hexdigest()
            yield question, rater.pk, answer.value, answer.value, key
