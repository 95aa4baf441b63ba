"""The real votes of shared/data/reassessed_imagenet as the rows an import makes of them."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

from studyapp.identity import elsewhere_stimulus_hash, wording_version
from studyapp.models import (
    ClassList,
    Image,
    ImageSet,
    LabelClass,
    Prediction,
    Question,
    Rater,
    RealLabel,
    Stimulus,
    Study,
    VisionModel,
    Vote,
    Wording,
)
from studyapp.vocabulary import ANSWER_SPELLINGS, StimulusKind, StudyState

BATCH = 500


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def imported_study(folder: Path, *, name: str = "reassessed") -> Study:
    """A closed study of imported votes, with images, labels and four models' predictions."""
    classes = _classes(name)
    image_set = ImageSet.objects.create(name=name, class_list=classes[0].class_list)
    images = _images(folder / "labels.csv.gz", image_set, classes)
    _predictions(folder / "predictions.csv.gz", images, classes)
    study = Study.objects.create(
        name=name, title="Reassessed", image_set=image_set, imported=True, state=StudyState.CLOSED
    )
    _votes(folder / "votes.csv.gz", study, images, classes)
    return study


def _classes(name: str) -> list[LabelClass]:
    digest = hashlib.sha256(name.encode()).hexdigest()
    class_list = ClassList.objects.create(name=name, content_hash=digest, n_classes=1000)
    rows = [
        LabelClass(
            class_list=class_list,
            index=index,
            wnid=f"n{index:08d}",
            name=f"class {index}",
            prompt_name=f"class {index}",
        )
        for index in range(1000)
    ]
    return LabelClass.objects.bulk_create(rows, batch_size=BATCH)


def _images(path: Path, image_set: ImageSet, classes: list[LabelClass]) -> dict[str, Image]:
    rows = list(rows_of(path))
    images = Image.objects.bulk_create(
        (
            Image(
                image_set=image_set,
                image_id=row["image_id"],
                label=classes[int(row["ground_truth"])],
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    RealLabel.objects.bulk_create(
        (
            RealLabel(image=image, label_class=classes[int(index)])
            for image, row in zip(images, rows, strict=True)
            for index in row["real_labels"].split()
        ),
        batch_size=BATCH,
    )
    return {image.image_id: image for image in images}


def _predictions(path: Path, images: dict[str, Image], classes: list[LabelClass]) -> None:
    models: dict[str, VisionModel] = {}
    predictions = []
    for row in rows_of(path):
        image = images[row.pop("image_id")]
        for name, index in row.items():
            if name not in models:
                models[name] = VisionModel.objects.create(
                    name=name, class_list=image.image_set.class_list, source="imported"
                )
            top1 = classes[int(index)]
            predictions.append(
                Prediction(vision_model=models[name], image=image, top1=top1, classes=[int(index)])
            )
    Prediction.objects.bulk_create(predictions, batch_size=BATCH)


def _votes(path: Path, study: Study, images: dict[str, Image], classes: list[LabelClass]) -> None:
    wording, _ = Wording.objects.get_or_create(
        version=wording_version(study.question_kind, text=study.question),
        defaults={"text": study.question},
    )
    rows = list(rows_of(path))
    raters = {name: Rater() for name in sorted({row["rater_id"] for row in rows})}
    Rater.objects.bulk_create(raters.values())
    shown = sorted({row["image_id"] for row in rows})
    stimuli = Stimulus.objects.bulk_create(
        (
            Stimulus(
                stimulus_hash=elsewhere_stimulus_hash(study.image_set.name, image_id=image_id),
                kind=StimulusKind.ELSEWHERE,
                image=images[image_id],
            )
            for image_id in shown
        ),
        batch_size=BATCH,
    )
    stimulus_of = dict(zip(shown, stimuli, strict=True))
    pairs = list(dict.fromkeys((row["image_id"], int(row["class_index"])) for row in rows))
    questions = Question.objects.bulk_create(
        (
            Question(stimulus=stimulus_of[image_id], label_class=classes[index], wording=wording)
            for image_id, index in pairs
        ),
        batch_size=BATCH,
    )
    question_of = dict(zip(pairs, questions, strict=True))
    Vote.objects.bulk_create(
        (
            Vote(
                question=question_of[row["image_id"], int(row["class_index"])],
                study=study,
                rater=raters[row["rater_id"]],
                answer=ANSWER_SPELLINGS[row["answer"]],
                answer_raw=row["answer"],
                import_key=hashlib.sha256(f"{study.name} {number}".encode()).hexdigest(),
                source_question=row["question_id"],
            )
            for number, row in enumerate(rows)
        ),
        batch_size=BATCH,
    )
