"""Table 2 of Stock and Cisse (2018), from rows to report.

Per 10,000 images: 77.31 % right before the attack and 7.96 % after it, so 6,935 flipped. Of 1,104
of them people were asked (20 classes); 243 are accepted whole and 340 as attention images, the
smallest numbers that print 22.01 % and 30.80 %. The asked stand for all flipped ones, as in the
paper, which gives 76.78 % and 70.68 %.
"""

from __future__ import annotations

import pytest

from studyapp.identity import made_rendering, rendered_stimulus_hash
from studyapp.models import (
    AdversarialImage,
    AttentionImage,
    Condition,
    Image,
    LabelClass,
    Prediction,
    Question,
    Stimulus,
    Study,
    Trial,
    VisionModel,
)
from studyapp.reports import build_report
from studyapp.vocabulary import ConditionKind, PopulationKind
from tests.studyapp.questions.rows import (
    ACCEPTED,
    BATCH,
    REJECTED,
    cast,
    paper_classes,
    paper_images,
    printed,
    wording_of,
)

N, CLEAN_RIGHT, FLIPPED, ASKED = 10_000, 7_731, 6_935, 1_104
#: Accepted whole, accepted as attention image, and accepted in both.
WHOLE, ATTENTION, BOTH = 243, 340, 150

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_table_2_and_the_contrast_within_pairs() -> None:
    part = build_report(_study()).part
    assert part is not None
    rows = {
        (row["condition"], row["rectified_over"], row["unasked"]): row
        for row in part.values["adversarial"]
    }
    for condition, share, rectified in (("whole", 22.01, 76.78), ("attention", 30.80, 70.68)):
        row = rows[condition, "flipped", "extrapolate"]
        assert printed(row["clean_error"]) == 22.69
        assert printed(row["adv_error"]) == 92.04
        assert printed(row["accepted_share"]) == share
        assert printed(row["rectified_error"]) == rectified
    asked = rows["whole", "flipped", "error"]
    assert (asked["n_flipped"], asked["n_asked"], asked["n_accepted"]) == (FLIPPED, ASKED, WHOLE)
    assert rows["whole", "all_errors", "error"]["n_shown"] == 9_204
    (pair,) = part.values["contrasts"]
    assert (pair["yes_to_no"], pair["no_to_yes"]) == (WHOLE - BOTH, ATTENTION - BOTH)
    assert pair["estimate"] == pytest.approx((ATTENTION - WHOLE) / ASKED)
    assert pair["p"] < 1e-6
    assert [len(gallery.pictures) for gallery in part.galleries] == [24, 24]
    assert "22.01 % in whole and 30.80 % in attention" in part.headline


def _study() -> Study:
    classes = paper_classes(3)
    image_set, images = paper_images(N, label=classes[0], with_files=True)
    model = VisionModel.objects.create(
        name="ResNet-101", class_list=image_set.class_list, source="imported", weights_hash="w"
    )
    Prediction.objects.bulk_create(
        (
            Prediction(
                vision_model=model,
                image=image,
                top1=classes[0 if at < CLEAN_RIGHT else 1],
                classes=[0 if at < CLEAN_RIGHT else 1],
            )
            for at, image in enumerate(images)
        ),
        batch_size=BATCH,
    )
    study = Study.objects.create(
        name="attacked", title="t", image_set=image_set, population=PopulationKind.FLIPPED
    )
    study.vision_models.add(model)
    attacks = _attacks(model, images[:CLEAN_RIGHT], classes)
    for position, (name, kind, accepted) in enumerate(
        (
            ("whole", ConditionKind.ADVERSARIAL, range(WHOLE)),
            ("attention", ConditionKind.ATTENTION, range(WHOLE - BOTH, WHOLE - BOTH + ATTENTION)),
        )
    ):
        condition = Condition.objects.create(study=study, name=name, kind=kind, position=position)
        _votes(condition, attacks[:ASKED], accepted)
    return study


def _attacks(
    model: VisionModel, images: list[Image], classes: list[LabelClass]
) -> list[AdversarialImage]:
    """The first FLIPPED of the images right before the attack flip; the others hold."""

    def common(image: Image) -> dict[str, object]:
        return {"vision_model": model, "image": image, "input_file": "artefacts/in.png"}

    attacks = AdversarialImage.objects.bulk_create(
        (
            AdversarialImage(
                **common(image),
                label_class=classes[0],
                method="ifgsm",
                parameters_hash="a" * 64,
                admitted=True,
                probability=0.9,
                label_probability=0.1,
                **(
                    {
                        "steps_to_flip": 1,
                        "flip_file": f"artefacts/{image.pk}.png",
                        "flip_class": classes[2],
                        "flip_survives": True,
                    }
                    if at < FLIPPED
                    else {}
                ),
            )
            for at, image in enumerate(images)
        ),
        batch_size=500,
    )
    AttentionImage.objects.bulk_create(
        (
            AttentionImage(
                **common(image),
                label_class=classes[2],
                method="lime_v1",
                parameters={"of_attack": "a" * 64},
                parameters_hash="e" * 64,
                file=f"artefacts/lime-{image.pk}.png",
                segments_file="artefacts/s.png",
                weights=[],
                n_positive=1,
                intercept=0,
                r2=1,
                local_prediction=1,
                probability=1,
            )
            for image in images[:ASKED]
        ),
        batch_size=500,
    )
    return attacks


def _votes(condition: Condition, attacks: list[AdversarialImage], accepted: range) -> None:
    whole = condition.kind == ConditionKind.ADVERSARIAL
    study, wording = condition.study, wording_of(condition.study)
    stimuli = Stimulus.objects.bulk_create(
        (
            Stimulus(
                stimulus_hash=rendered_stimulus_hash(
                    str(attack.image.content_hash),
                    rendering=made_rendering(
                        "adversarial" if whole else "attention",
                        file=str(attack.flip_file)
                        if whole
                        else f"artefacts/lime-{attack.image_id}.png",
                        parameters_hash="a" * 64 if whole else "e" * 64,
                        weights_hash="w",
                    ),
                ),
                image=attack.image,
                file="artefacts/shown.png",
            )
            for attack in attacks
        ),
        batch_size=500,
    )
    questions = Question.objects.bulk_create(
        (
            Question(stimulus=stimulus, label_class=attack.flip_class, wording=wording)
            for stimulus, attack in zip(stimuli, attacks, strict=True)
        ),
        batch_size=500,
    )
    trials = Trial.objects.bulk_create(
        (Trial(condition=condition, question=question) for question in questions), batch_size=500
    )
    answers = [ACCEPTED if at in accepted else REJECTED for at in range(len(attacks))]
    cast(study, questions, answers, trials=trials)
