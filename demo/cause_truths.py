"""What the studies of causes found beside what is true: only these lines look at the drawings."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.coders import PLACES, reasons_for
from demo.truth import Truth
from studyapp.models import ImageSet, ProbeResult, Study
from studyapp.questions.attribute.sets import first_images, sets_of
from studyapp.questions.reason.population import chosen_mistakes
from studyapp.reports import build_report
from studyapp.reports.insertion import insertions
from studyapp.reports.region_noise import region_noise
from studyapp.selectors.class_scores import own_scores
from studyapp.vocabulary import ProbeKind


def bias_lines(name: str, *, truth: Truth) -> list[str]:
    """Shares of each set found by people, and drawn."""
    study = Study.objects.get(name=name)
    values = _values(study)
    sets = sets_of(study)
    images = first_images(study, {content for found in sets.values() for content in found})
    lines = []
    for row in values["sets"]:
        if row["label"] not in PLACES:
            continue
        ids = [images[content].image_id for content in sets[row["set"]]]
        places = PLACES[row["label"]].split()
        true = sum(truth.image(image_id)["place"] in places for image_id in ids)
        lines.append(
            f"{row['label']} in the {row['set']}: found {row['n_with']} of {row['n_items']} "
            f"[{row['ci_low']:.0%}, {row['ci_high']:.0%}], true {true} of {len(ids)}"
        )
    planted = truth.world["bias"]
    lines.append(
        f"planted: {planted['what']}; {planted['share_in_training']:.0%} of its class in "
        f"training, {planted['share_here']:.0%} here"
    )
    first = min(values["tests"], key=lambda test: test["p"])
    lines.append(
        f"largest difference: {first['label']}, {first['first']} against {first['second']}: "
        f"p {first['p_holm']:.4f} (Fisher, Holm)"
    )
    return lines


def robustness_lines(truth: Truth) -> list[str]:
    """Whether the class with the planted place comes first, and what noise in its boxes changes."""
    planted, names = truth.world["bias"]["class_index"], truth.world["classes"]
    image_set = ImageSet.objects.get(name="toy")
    lines = []
    for scores in own_scores(image_set):
        crs = scores.by_class()
        order = sorted(crs, key=lambda index: (crs[index], index))
        lowest = ", ".join(f"{names[index]} {crs[index]:.3f}" for index in order[:3])
        lines.append(
            f"{scores.model.name}: lowest crs {lowest}; the class with the planted bias "
            f"({names[planted]}) is number {order.index(planted) + 1} of {len(order)}"
        )
    model = own_scores(image_set)[0].model
    noise = region_noise(model, image_set="toy")
    covered = noise[planted]
    others = [row for index, row in noise.items() if index != planted]
    still, right = sum(row.n_still for row in others), sum(row.n_right for row in others)
    lines.append(
        f"objects covered with noise: {covered.n_still} of {covered.n_right} pictures of "
        f"{names[planted]} are still named so, {still} of {right} of the other classes"
    )
    return lines


def outside_lines(truth: Truth) -> list[str]:
    """What is said of empty places; the planted one has nothing in it and is named all the same."""
    planted, names = truth.world["bias"]["class_index"], truth.world["classes"]
    rows = ProbeResult.objects.filter(
        kind=ProbeKind.CAPTIONS, image__image_set__name="outside"
    ).values_list("image__image_id", "after")
    on_water = [after["classes"][0] == planted for image, after in rows if "water" in image]
    elsewhere = [after["classes"][0] == planted for image, after in rows if "water" not in image]
    return [
        (
            f"empty places: {sum(on_water)} of {len(on_water)} of water are called a "
            f"{names[planted]}, {sum(elsewhere)} of {len(elsewhere)} others"
        )
    ]


def box_lines(name: str) -> list[str]:
    """Boxes are drawn around their things, so all of them should be accepted."""
    found = _values(Study.objects.get(name=name))["all"]
    return [
        (
            f"boxes that mark what the name means: found {found['n_accepted']} of "
            f"{found['n_asked']}, true all of them"
        )
    ]


def reason_lines(name: str, *, truth: Truth) -> list[str]:
    """The most common main reasons of each model, found and drawn."""
    study = Study.objects.get(name=name)
    lines = []
    for row in _values(study)["models"]:
        mistakes = [m for m in chosen_mistakes(study) if m.model == row["model"]]
        ids = dict(
            study.image_set.images.filter(pk__in=[m.image for m in mistakes]).values_list(
                "pk", "image_id"
            )
        )
        true = [reasons_for(truth, ids[m.image], m.said)[0] for m in mistakes]
        told = ", ".join(
            f"“{share['label']}” found {share['n_with']}, true {true.count(share['label'])}"
            for share in row["main"]
            if share["n_with"] or share["label"] in true
        )
        lines.append(f"{row['model']}, main reasons of {len(mistakes)} mistakes: {told}")
    return lines


def wrong_reason_lines(name: str, *, truth: Truth) -> list[str]:
    """Right for the wrong reason where the bias was planted, and elsewhere."""
    study = Study.objects.get(name=name)
    part = build_report(study).part
    if part is None:
        return []
    planted = truth.world["classes"][truth.world["bias"]["class_index"]]
    rows = next(export for export in part.exports if export.name == "judged_maps").rows
    here: list[bool] = []
    beside: list[bool] = []
    others = {str(row[-2]) for row in rows} - {planted}
    for *_, label, verdict in rows:
        (here if label == planted else beside).append(verdict == "wrong_reason")
    return [
        (
            f"right for the wrong reason: {sum(here)} of {len(here)} right pictures of {planted}, "
            f"{sum(beside)} of {len(beside)} of {' and '.join(sorted(others))}"
        )
    ]


def insertion_lines(truth: Truth, *, pasted: int) -> list[str]:
    """What a pasted thing changes, and how often its own class is said then."""
    rows = ProbeResult.objects.filter(kind=ProbeKind.INSERTION).select_related("image__label")
    (found,) = insertions(rows)
    flipped = [
        row.after["classes"][0] for row in rows if row.before and not row.flags
        and row.after["classes"][0] != row.before["classes"][0]
    ]  # fmt: skip
    to_it = int(np.count_nonzero(np.array(flipped) == pasted))
    return [
        (
            f"a {truth.world['classes'][pasted]} pasted into {found.n_sure} pictures the network "
            f"is sure of flips {found.n_flipped}, {to_it} of them to what was pasted in; right "
            f"before {found.n_right_before}, after {found.n_right_after}; probability "
            f"{found.change_words()} points"
        )
    ]


def _values(study: Study) -> dict[str, Any]:
    part = build_report(study).part
    return dict(part.values) if part else {}
