"""Reasons of two models' mistakes, counted by hand."""

from __future__ import annotations

import pytest
from scipy.stats import fisher_exact as scipy_fisher

from studyapp.analytics.coded import NONE, SEVERAL, UNCLEAR
from studyapp.analytics.reasons import DISPUTED
from studyapp.asking import question_type
from studyapp.drawn import selection_problem
from studyapp.models import LabelClass, Prediction, Stimulus, Study, VisionModel
from studyapp.questions.reason import parse_reason
from studyapp.questions.reason.figures import CANNOT_TELL
from studyapp.questions.reason.population import chosen_mistakes, reason_subject
from studyapp.rendering import picture_hash
from studyapp.reports import build_report
from studyapp.selectors.populations import Picture, population_of
from studyapp.selectors.protocol import protocol_of
from studyapp.vocabulary import PopulationKind, QuestionKind, StudyState
from tests.studyapp.questions.rows import about_subjects, cast, paper_classes, paper_images

REASONS = ["small", "odd", "label wrong"]

pytestmark = pytest.mark.django_db


def failed_study(**more: object) -> Study:
    """Model a is wrong on images 0 to 5, model b on 4 to 9, both in the same way on 4 and 5."""
    classes = paper_classes(3)
    image_set, images = paper_images(12, label=classes[0], with_files=True)
    study = Study.objects.create(
        name="failed",
        title="t",
        image_set=image_set,
        question_kind=QuestionKind.REASON,
        population=PopulationKind.MISTAKES,
        question="Why, in your view?",
        raters_per_trial=3,
        accept_at=2,
        selection={"reasons": REASONS, **more},
    )
    study.conditions.create(name="whole")
    for name, wrong in (("a", range(6)), ("b", range(4, 10))):
        model = VisionModel.objects.create(name=name, class_list=classes[0].class_list, source="x")
        study.vision_models.add(model)
        Prediction.objects.bulk_create(
            Prediction(
                vision_model=model,
                image=image,
                top1=classes[1] if at in wrong else classes[0],
                classes=[1 if at in wrong else 0],
            )
            for at, image in enumerate(images)
        )
    stimuli = Stimulus.objects.bulk_create(
        Stimulus(
            stimulus_hash=picture_hash(Picture(image, ()), study=study), image=image, file="x.png"
        )
        for image in images[:10]
    )
    subject = dict(reason_subject(study, label=0, said=1))
    questions = about_subjects(study, stimuli, [subject] * 10)
    # Of model a alone mostly small, of b alone mostly odd.
    raws = [
        *[["a -", "a b", "b a"]] * 3,  # main small by two; small holds by all, odd by two
        ["a -", "b -", "c -"],  # disputed; nothing holds
        ["c -", "c -", "? -"],  # of both models: the label is wrong
        ["? -", "? -", "a -"],  # of both: nobody can tell
        *[["b -", "b c", "b c"]] * 4,  # main odd; the label wrong by two
    ]
    cast(study, questions, [["yes"] * 3] * 10, raws=raws)
    return study


def test_reasons_are_counted_model_by_model() -> None:
    part = build_report(failed_study()).part
    assert part is not None
    models = {row["model"]: row for row in part.values["models"]}
    main = {
        name: {share["label"]: share["n_with"] for share in row["main"]}
        for name, row in models.items()
    }
    told = "cannot tell the main one"
    assert main["a"] == {"small": 3, "odd": 0, "label wrong": 1, told: 1, "disputed": 1}
    assert main["b"] == {"small": 0, "odd": 4, "label wrong": 1, told: 1, "disputed": 0}
    assert all(share["n_items"] == 6 for share in models["a"]["main"])
    holds = {
        name: {share["label"]: share["n_with"] for share in row["holds"]["rows"]}
        for name, row in models.items()
    }
    assert holds["a"]["small"] == 3
    assert holds["a"]["odd"] == 3
    assert holds["b"] == {
        "small": 0, "odd": 4, "label wrong": 5, "none": 0, "several": 4, "cannot tell": 1,
    }  # fmt: skip
    # Two who cannot tell rule nothing out: the mistake is open, and not one without a reason.
    small_of_b = next(row for row in models["b"]["holds"]["rows"] if row["label"] == "small")
    assert small_of_b["n_unclear"] == 1
    # Nor do they say which reasons hold together: 30 answers less the three that cannot tell.
    assert part.values["set_agreement"]["n_codings"] == 30 - 3 - 1
    assert part.values["main_agreement"]["n_votes"] == 30
    tests = {row["label"]: row for row in part.values["tests"]}
    small = tests["small"]
    assert (small["n_shared"], small["n"]) == (2, {"n1": 4, "k1": 3, "n2": 4, "k2": 0})
    assert small["p"] == pytest.approx(scipy_fisher([[3, 1], [0, 4]]).pvalue)
    # The second smallest of three: that of the wrong label, 0 of 4 against 4 of 4, comes first.
    assert small["p_holm"] == pytest.approx(2 * small["p"])
    assert tests["label wrong"]["p_holm"] == pytest.approx(3 * 2 / 70)
    assert "“small”, 50.00 %" in part.headline
    files = {export.name: export for export in part.exports}
    assert len(files["coded_mistakes"].rows) == 10
    first = next(row for row in files["coded_mistakes"].rows if row[1] == "v000000")
    assert first[2:] == ("c0", "c1", "small", "small;odd")
    assert len(files["reason_agreement"].rows) == 2 + len(REASONS)


def test_a_sample_is_the_same_images_for_both_and_stays() -> None:
    study = failed_study(sample=3)
    chosen = chosen_mistakes(study)
    assert [m.model for m in chosen] == ["a"] * 3 + ["b"] * 3
    study.state, study.protocol = StudyState.LIVE, protocol_of(study)
    study.save()
    # A model that comes later, or a mistake fewer, draws nothing else.
    Prediction.objects.filter(image__image_id=_id(study, chosen[0].image)).delete()
    again = chosen_mistakes(Study.objects.get(pk=study.pk))
    gone = {(m.content, m.model) for m in chosen} - {(m.content, m.model) for m in again}
    assert {content for content, _ in gone} == {chosen[0].content}


def test_one_content_under_two_labels_stays_two_mistakes_after_launch() -> None:
    study = failed_study(sample=12)
    first, second = study.image_set.images.order_by("pk")[:2]
    second.content_hash, second.label = first.content_hash, paper_label(study, 2)
    second.save()
    before = chosen_mistakes(study)
    of_a = [m.label for m in before if (m.content, m.model) == (first.content_hash, "a")]
    assert of_a == [0, 2]
    study.state, study.protocol = StudyState.LIVE, protocol_of(study)
    study.save()
    assert chosen_mistakes(Study.objects.get(pk=study.pk)) == before


def test_classes_of_the_selection_are_those_of_the_images() -> None:
    study = failed_study(classes=["n0"])
    assert len(chosen_mistakes(study)) == 12
    study.selection |= {"classes": ["n2"]}
    assert chosen_mistakes(study) == []
    study.selection |= {"classes": ["n0", "n9"]}
    assert "does not know n9" in " ".join(population_of(study).problems(study))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *(("attributes", name) for name in (NONE, SEVERAL, UNCLEAR, "None ")),
        *(("reasons", name) for name in (DISPUTED, CANNOT_TELL, UNCLEAR, "a;b", "a\x00b")),
    ],
)
def test_a_name_that_tables_need_is_refused_before_anybody_is_asked(key: str, name: str) -> None:
    assert repr(name.strip()) in selection_problem({key: ["fine", name]})
    assert selection_problem({key: ["fine", "Not a single one"]}) == ""


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (
            {"attributes": list("abcdef")},
            "attributes: 6 names are too many, the page has room for 5",
        ),
        ({"reasons": "glare"}, "reasons: give a list of 1 to 9 names"),
        ({"reasons": ["x" * 61]}, "has to be a name of 1 to 60 characters"),
        ({"attributes": ["Ball", "ball "]}, "a name is there twice"),
        ({"classes": "n02119789"}, "classes: give a list of wnids"),
        ({"rounds": 0}, "rounds: give a whole number from 1 to 10,000"),
        ({"map": ""}, "map: give a text"),
        ({"class": []}, "Give a mapping of classes, rounds"),
    ],
)
def test_a_selection_that_cannot_be_is_told_in_words(
    selection: dict[str, object], told: str
) -> None:
    assert told in selection_problem(selection)


def test_what_a_rater_is_asked() -> None:
    study = failed_study()
    condition = study.conditions.get()
    pictures = [p for batch in population_of(study).pictures(study, condition) for p in batch]
    assert len(pictures) == population_of(study).size(study).pairs == 10
    subject = pictures[0].asked[0].subject
    assert subject is not None
    assert (subject["classes"], subject["names"]) == ([0, 1], REASONS)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("a -", (0, {0})),
        ("b ac", (1, {0, 1, 2})),
        ("b b", (1, {1})),
        ("? c", (None, {2})),
    ],
)
def test_an_answer_is_parsed(raw: str, found: tuple[int | None, set[int]]) -> None:
    main, held = parse_reason(raw, n=3)
    assert (main, set(held)) == found
    reading = question_type("reason").read(raw, {"names": REASONS})
    assert reading == ("unsure" if found[0] is None else "yes")


@pytest.mark.parametrize("raw", ["d -", "a", "a d", "a aa", "ab -", "- -", " a", "a - b", "a " * 9])
def test_nonsense_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"reason|answers"):
        parse_reason(raw, n=3)


def paper_label(study: Study, index: int) -> LabelClass:
    return study.image_set.class_list.classes.get(index=index)


def _id(study: Study, image: int) -> str:
    return str(study.image_set.images.get(pk=image).image_id)
