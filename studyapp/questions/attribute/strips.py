"""What the model looks at in the class, and like images it tells apart, beside the coded sets."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.models import AttentionImage, LabelClass, ProbeResult, Study
from studyapp.questions.attribute.sets import PROTOTYPES, class_of, sets_of
from studyapp.reports.parts import PartPicture, PartStrip
from studyapp.reports.probe_settings import of_one_setting
from studyapp.reports.sheets import answer_words
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.vocabulary import ProbeKind

#: Explanation paths on the page, and pairs.
MOST_PATHS, MOST_PAIRS = 3, 6


def explanation_paths(study: Study, *, only: Slice = WHOLE) -> Iterator[PartStrip]:
    """Of the first prototypes: superpixels uncovered one by one, the strongest first."""
    label = class_of(study)
    contents = sets_of(study).get(PROTOTYPES, ())
    rows = AttentionImage.objects.filter(
        only.made(),
        vision_model__in=study.vision_models.all(),
        image__image_set=study.image_set_id,
        image__content_hash__in=contents,
        label_class=label,
        path_file__isnull=False,
    ).select_related("image", "vision_model")
    newest = {str(row.image.content_hash): row for row in rows.order_by("pk")}
    for content in [text for text in contents if text in newest][:MOST_PATHS]:
        row = newest[content]
        yield PartStrip(
            title=f"Explanation path of prototype {row.image.image_id}",
            pictures=(
                PartPicture("attentionimage", row.pk, "input", "What the model saw"),
                *(
                    PartPicture("attentionimage", row.pk, f"path-{n}", f"{n}: {probability:.0%}")
                    for n, probability in enumerate(row.path_probabilities, 1)
                ),
            ),
            note=(
                "The superpixels that speak most for "
                f"{label.prompt_name if label else 'the class'} to {row.vision_model.name}, one "
                "more in each picture, with the probability it then gives the class."
            ),
        )


def similar_pairs(study: Study, *, only: Slice = WHOLE) -> Iterator[PartStrip]:
    """Pairs of like images of which one is predicted as the class and the other is not."""
    label = class_of(study)
    rows = ProbeResult.objects.filter(
        only.made(),
        kind=ProbeKind.PAIRS,
        vision_model__in=study.vision_models.all(),
        image__image_set=study.image_set_id,
        label_class=label,
        other__isnull=False,
    ).select_related("image", "other", "vision_model__class_list")
    pairs = list(of_one_setting(rows).order_by("distance", "pk")[:MOST_PAIRS])
    if not pairs or label is None:
        return
    classes = LabelClass.objects.filter(class_list=label.class_list_id)
    names = dict(classes.values_list("index", "prompt_name"))
    yield PartStrip(
        title=f"Like images, predicted as {label.prompt_name} and as something else",
        pictures=tuple(
            PartPicture("proberesult", row.pk, name, f"{image}: {answer_words(answer, names)}")
            for row in pairs
            for name, image, answer in (
                ("input", row.image.image_id, row.before),
                ("probed", row.other.image_id if row.other else "", row.after),
            )
        ),
        note=(
            "Two by two, the nearest by the model’s own features first. What differs between the "
            "two of a pair is for people to see; that it is the cause is not shown by this."
        ),
    )
