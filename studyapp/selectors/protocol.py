"""A study's protocol as a value: everything that decides what is asked and what counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studyapp.errors import StudyError
from studyapp.identity import center_crop_rendering, wording_version
from studyapp.models import Study
from studyapp.selectors.planned_analysis import planned_analysis
from studyapp.selectors.population import population_size
from studyapp.selectors.populations import population_of
from studyapp.turns import read_groups
from studyapp.vocabulary import Allocation, PopulationKind


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
            | ({"parameters": condition.parameters} if condition.parameters else {})
            for condition in study.conditions.order_by("position", "name")
        ],
        "population": {
            "image_set": study.image_set.name,
            "leaves_out": study.leaves_out.name if study.leaves_out else None,
            "class_list": study.image_set.class_list.content_hash,
            "images": size.images,
            "showable": size.showable,
            "pairs": size.pairs,
            **_beyond_mistakes(study),
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
        "analysis": planned_analysis(study),
        "seed": study.seed,
        **_in_turns(study),
        **({} if study.allocation == Allocation.EVERY else {"allocation": study.allocation}),
        **_taking_part(study),
    }


def _taking_part(study: Study) -> dict[str, object]:
    """Who may take part and when, as far as anything is asked."""
    cooldown = {
        "hours": study.cooldown_hours,
        "launch_gap_hours": study.launch_gap_hours,
        "studies": study.cooldown_studies.split(),
    }
    raters = {
        "masters_only": study.masters_only,
        "approved_percent": study.approved_percent,
        "approved_number": study.approved_number,
        "countries": study.countries.split(),
        "qualifications": study.qualifications.splitlines(),
    }
    return {
        name: said
        for name, said in (("cooldown", cooldown), ("raters", raters))
        if any(said.values())
    }


def _beyond_mistakes(study: Study) -> dict[str, object]:
    """What is asked about besides mistakes, as far as it is more."""
    said: dict[str, object] = {}
    if study.population != PopulationKind.MISTAKES:
        said["kind"] = study.population
    if study.selection:
        said["selection"] = study.selection
    if drawn := population_of(study).drawn(study):
        said["drawn"] = drawn
    return said


def _in_turns(study: Study) -> dict[str, object]:
    """How votes are spent, where it is not simply all at once."""
    said: dict[str, object] = {}
    if study.vote_groups:
        groups = read_groups(study.vote_groups, raters=study.raters_per_trial)
        share = f"{study.complete_share:.3f}"
        said["vote_groups"] = {"sizes": list(groups), "complete_share": share}
    if study.most_raters_per_hit:
        said["most_raters_per_hit"] = study.most_raters_per_hit
    if study.gold_per_hit:
        said["gold"] = {"per_hit": study.gold_per_hit, "trials": study.gold}
    if study.most_votes_per_rater:
        said["most_votes_per_rater"] = study.most_votes_per_rater
    return said


def changes_since_launch(study: Study) -> list[str]:
    """What of the frozen protocol is different now; a model added since is no change.

    More images or predictions are none either: they add questions and alter none. Of how votes
    will be read only what people wrote is compared; the rest is this program, which may be renewed.
    """
    frozen: Mapping[str, Any] | None = study.protocol
    if not study.frozen or frozen is None:
        return []
    now: Mapping[str, Any] = protocol_of(study)
    changed = [
        key
        for key in {**frozen, **now}  # some are there only where they say something
        if key not in ("population", "analysis") and frozen.get(key) != now.get(key)
    ]
    changed += [
        f"planned {key}"
        for key in ("contrasts", "note")
        if key in frozen.get("analysis", {}) and frozen["analysis"][key] != now["analysis"][key]
    ]
    then_asked, now_asked = frozen["population"], now["population"]
    for key in ("image_set", "class_list", "leaves_out", "kind", "selection"):
        # Protocols frozen by an earlier version do not have every key.
        if then_asked.get(key) != now_asked.get(key):
            changed.append(key)
    present = {model["name"]: model for model in now_asked["models"]}
    changed += [
        f"model {model['name']}"
        for model in then_asked["models"]
        if present.get(model["name"]) != model
    ]
    return sorted(changed)


def refuse_changed_protocol(study: Study) -> None:
    """Stop before anybody is asked something that is not what was launched."""
    changed = changes_since_launch(study)
    if changed:
        raise StudyError(
            f"its protocol was frozen at launch and is different now: {', '.join(changed)}",
            item=f"study {study.name}",
            remedy="Set these back to what they were, or make a new study",
        )


def refuse_other_draw(study: Study) -> None:
    """Stop before a live study gets trials drawn differently, beside those it has.

    Protocols frozen by an earlier version do not say what was drawn.
    """
    frozen: Mapping[str, Any] | None = study.protocol
    if not study.frozen or frozen is None or "drawn" not in frozen["population"]:
        return
    if population_of(study).drawn(study) != frozen["population"]["drawn"]:
        raise StudyError(
            "what it shows was drawn at launch and would be drawn differently now, because images "
            "or example sets came or changed since: new trials would be beside the old ones and "
            "cost more",
            item=f"study {study.name}",
            remedy=(
                f"The trials it has stay as they are: `manage.py publish {study.name}` goes on "
                "with them. Make a new study with new_study to ask with what came since"
            ),
        )
