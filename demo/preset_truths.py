"""What the presets found beside what is true: the only lines that look at the drawings."""

from __future__ import annotations

from typing import Any

from demo.truth import Truth
from studyapp.models import AdversarialImage, Prediction, Study
from studyapp.questions.relevance.flipped import flips
from studyapp.reports import build_report


def top5_lines(name: str, *, truth: Truth) -> list[str]:
    """Rectified top-5 errors, and what is left when every object in view is known."""
    study = Study.objects.get(name=name)
    return [
        f"{row['model']}, protocol {row['protocol']} ({row['form']}): rectified top-5 error: found "
        f"{row['rectified_top5_error']:.2%} [{row['ci_low']:.2%}, {row['ci_high']:.2%}], true "
        f"{_true_top5(str(row['model']), truth=truth, protocol=str(row['protocol'])):.2%}"
        for row in _values(study)["top5"]
    ]


def _true_top5(model: str, *, truth: Truth, protocol: str) -> float:
    rows = list(
        Prediction.objects.filter(vision_model__name=model).values_list(
            "image__image_id", "image__label__index", "classes"
        )
    )
    left = 0
    for image_id, label, classes in rows:
        is_shown = classes[0] != label if protocol == "A" else label not in classes[:5]
        left += is_shown and not truth.classes_in_view(image_id) & set(classes[:5])
    return left / len(rows)


def audit_lines(name: str, *, truth: Truth) -> list[str]:
    """The audited error, in which labels out of view are errors too, and accepted decoys."""
    study = Study.objects.get(name=name)
    values = _values(study)
    lines = []
    for row in values["audit"]:
        rows = list(
            Prediction.objects.filter(vision_model__name=row["model"]).values_list(
                "image__image_id", "top1__index"
            )
        )
        wrong = sum(not truth.contains(image_id, index) for image_id, index in rows)
        if row["audited_top1_error"] is None:
            lines.append(f"{row['model']}: audited top-1 error: not both sides have a verdict yet")
            continue
        lines.append(
            f"{row['model']}: audited top-1 error: found {row['audited_top1_error']:.2%} "
            f"[{row['ci_low']:.2%}, {row['ci_high']:.2%}], true {wrong / len(rows):.2%}"
        )
    found = values["decoys"]
    return [*lines, f"{found['n_accepted']} of {found['n_asked']} decoys accepted"]


def under_attack_lines(name: str, *, truth: Truth) -> list[str]:
    """Accuracy before and after the attack, and how often its class really is in view."""
    study = Study.objects.get(name=name)
    attacked = AdversarialImage.objects.filter(vision_model__in=study.vision_models.all())
    rows = list(flips(study).values_list("image__image_id", "flip_class__index"))
    in_view = sum(truth.contains(image_id, index) for image_id, index in rows)
    lines = [
        f"{attacked.filter(admitted=True).count()} images attacked, {len(rows)} flipped for good",
        f"the class the attack led to is in view on {in_view / max(1, len(rows)):.2%} of them",
    ]
    for row in _values(study)["adversarial"]:
        # Of those asked about, like the truth above.
        if row["rectified_over"] == "flipped" and row["unasked"] == "extrapolate":
            lines.append(
                f"{row['model']}, {row['condition']}: accuracy {1 - row['clean_error']:.2%} before "
                f"and {1 - row['adv_error']:.2%} after; of those shown, people accept "
                f"{row['accepted_share']:.2%}"
            )
    return lines


def match_lines(name: str) -> list[str]:
    """Success in each condition under the study's window, beside chance."""
    study = Study.objects.get(name=name)
    n_planned = study.conditions.count()
    return [
        f"{row['condition']}: {row['mean']:.2%} of {row['n']} answers right "
        f"[{row['ci_low']:.2%}, {row['ci_high']:.2%}], guessing gives {row['chance']:.2%}"
        for row in _values(study)["conditions"][:n_planned]
        if row["mean"] is not None
    ]


def _values(study: Study) -> dict[str, Any]:
    part = build_report(study).part
    return dict(part.values) if part else {}
