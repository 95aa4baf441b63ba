"""A study's protocol as a value: everything that decides what is asked and what counts."""

from __future__ import annotations

from studyapp.identity import center_crop_rendering, wording_version
from studyapp.models import Study
from studyapp.selectors.population import population_size


def protocol_of(study: Study) -> dict[str, object]:
    """The protocol as JSON: frozen at launch, hashed, compared with what is run later."""
    size = population_size(study)
    return {
        "study": study.name,
        "question": {
            "kind": study.question_kind,
            "text": study.question,
            "version": wording_version(study.question_kind, text=study.question),
        },
        "rule": {
            "raters_per_trial": study.raters_per_trial,
            "accept_at": study.accept_at,
            "unsure": study.unsure,
        },
        "timing_window": {"seconds_min": study.seconds_min, "seconds_max": study.seconds_max},
        "rendering": center_crop_rendering(resize=study.render_resize, crop=study.render_crop),
        "conditions": [
            {"name": condition.name, "kind": condition.kind}
            for condition in study.conditions.order_by("position", "name")
        ],
        "population": {
            "image_set": study.image_set.name,
            "class_list": study.image_set.class_list.content_hash,
            "images": size.images,
            "showable": size.showable,
            "pairs": size.pairs,
            "models": [
                {"name": name, "source": source, "weights_hash": weights_hash}
                for name, source, weights_hash in study.vision_models.order_by("name").values_list(
                    "name", "source", "weights_hash"
                )
            ],
        },
        "payment": {
            "environment": study.environment,
            "reward": f"{study.reward:.2f}",
            "trials_per_hit": study.trials_per_hit,
            "assignment_minutes": study.assignment_minutes,
            "lifetime_days": study.lifetime_days,
            "auto_approval_hours": study.auto_approval_hours,
        },
        "presentation": {
            "title": study.title,
            "description": study.description,
            "keywords": study.keywords,
            "instructions": study.instructions,
            "consent_text": study.consent_text,
        },
        "seed": study.seed,
    }
