"""Shares of basketball images with people of two perceived groups (Stock and Cisse 2018, 3.4).

The set sizes are not printed; 50 each are the smallest that give 78 and 44, 90 and 20 exactly
(analytics, section 1.6). The base has the training images' 53 and 55 %.
"""

from __future__ import annotations

import pytest
from scipy.stats import fisher_exact as scipy_fisher

from studyapp.models import Example, ExampleSet, Image, Stimulus, Study, VisionModel
from studyapp.questions.attribute.population import attribute_subject
from studyapp.questions.attribute.sets import first_images, sets_of
from studyapp.rendering import picture_hash
from studyapp.reports import build_report
from studyapp.selectors.populations import Picture
from studyapp.vocabulary import ExampleRole, PopulationKind, QuestionKind
from tests.studyapp.questions.rows import about_subjects, cast, paper_classes, paper_images

BLACK, WHITE = "a person who appears Black", "a person who appears white"
#: Images with each of the two, of how many.
SHARES = {"prototypes": (39, 22, 50), "criticisms": (10, 45, 50), "base": (53, 55, 100)}

pytestmark = pytest.mark.django_db


def test_the_shares_of_the_paper_from_rows() -> None:
    report = build_report(paper_study())
    part = report.part
    assert part is not None
    found = {(row["set"], row["label"]): row for row in part.values["sets"]}
    for name, (black, white, n) in SHARES.items():
        for label, n_with in ((BLACK, black), (WHITE, white)):
            row = found[name, label]
            assert (row["n_with"], row["n_items"], row["n_in_set"]) == (n_with, n, n)
            assert row["share"] == n_with / n
    # 78 and 44 add up to more than all: so many show both, or more.
    assert found["prototypes", "several"]["n_with"] >= 39 + 22 - 50
    tests = {(row["label"], row["first"], row["second"]): row for row in part.values["tests"]}
    assert len(tests) == 6
    against = tests[BLACK, "prototypes", "criticisms"]
    assert against["n_shared"] == 0
    assert against["p"] == pytest.approx(scipy_fisher([[39, 11], [10, 40]]).pvalue, rel=1e-9)
    assert against["p"] == pytest.approx(8e-9, rel=0.05)
    with_base = tests[BLACK, "prototypes", "base"]
    assert with_base["n_shared"] > 0
    assert with_base["n"]["n2"] == 100 - with_base["n_shared"]
    assert (with_base["n"]["n1"], with_base["n"]["k1"]) == (50, 39)
    assert all(row["p_holm"] >= row["p"] for row in tests.values())
    assert "78.00 % of 50 prototypes" in part.headline
    assert "20.00 % of 50 criticisms" in part.headline
    # Two of three coders agree on each; the third says cannot tell of every second image.
    kappas = {row["attribute"]: row["percent_agreement"] for row in part.values["agreement"]}
    assert set(kappas) == {BLACK, WHITE}
    assert all(0.5 < value < 1 for value in kappas.values())
    shares, versus, coded = part.exports
    assert len(shares.rows) == 3 * 5
    assert len(versus.rows) == 6
    assert len(coded.rows) == 2 * 200


def paper_study() -> Study:
    classes = paper_classes(2)
    image_set, images = paper_images(200, label=classes[0], with_files=True)
    study = Study.objects.create(
        name="basketball",
        title="t",
        image_set=image_set,
        question_kind=QuestionKind.ATTRIBUTE,
        population=PopulationKind.SETS,
        question="Does this picture show:",
        raters_per_trial=3,
        accept_at=2,
        selection={
            "classes": [classes[0].wnid],
            "attributes": [BLACK, WHITE],
            "base": SHARES["base"][2],
        },
    )
    model = VisionModel.objects.create(name="net", class_list=classes[0].class_list, source="x")
    study.vision_models.add(model)
    chosen = ExampleSet.objects.create(
        image_set=image_set,
        vision_model=model,
        label_class=classes[0],
        method="adversarial",
        parameters={"prototypes": 50, "criticisms": 50},
        n_candidates=200,
    )
    Example.objects.bulk_create(
        Example(example_set=chosen, image=image, role=role, rank=rank, strict=True)
        for role, start in ((ExampleRole.PROTOTYPE, 0), (ExampleRole.CRITICISM, 50))
        for rank, image in enumerate(images[start : start + 50])
    )
    show = [_shown(study, images, at) for at in (0, 1)]
    asked = first_images(study, {content for found in sets_of(study).values() for content in found})
    subject = dict(attribute_subject(study))
    stimuli = Stimulus.objects.bulk_create(
        Stimulus(
            stimulus_hash=picture_hash(Picture(image, ()), study=study), image=image, file="x.png"
        )
        for image in asked.values()
    )
    questions = about_subjects(study, stimuli, [subject] * len(stimuli))
    raws = []
    for at, image in enumerate(asked.values()):
        told = " ".join("yes" if image.pk in shown else "no" for shown in show)
        raws.append([told, told, "unsure unsure" if at % 2 else told])
    cast(study, questions, [["yes"] * 3] * len(questions), raws=raws)
    return study


def _shown(study: Study, images: list[Image], at: int) -> set[int]:
    """Keys of images with the attribute: in the sets and the base together as printed."""
    contents = sets_of(study)
    of = {str(image.content_hash): image.pk for image in images}
    shown = {
        of[content]
        for name in ("prototypes", "criticisms")
        for content in contents[name][: SHARES[name][at]]
    }
    if at == 1:
        # The other end of the prototypes, so that few show both.
        shown = {of[c] for c in contents["prototypes"][-SHARES["prototypes"][1] :]} | {
            of[c] for c in contents["criticisms"][: SHARES["criticisms"][1]]
        }
    base = [of[content] for content in contents["base"]]
    free = [pk for pk in base if pk not in {of[c] for c in contents["prototypes"]}
            | {of[c] for c in contents["criticisms"]}]  # fmt: skip
    missing = SHARES["base"][at] - sum(pk in shown for pk in base)
    assert 0 <= missing <= len(free)
    return shown | set(free[:missing])
