"""A plan's figure and population in words."""

from __future__ import annotations

from studyapp.plurals import counted
from studyapp.reports.plan_values import Plan
from studyapp.selectors.planned_analysis import (
    ADVERSARIAL,
    ATTRIBUTES,
    BOX_MEANING,
    MATCHES,
    REASONS,
    TOP1,
    TOP5,
    WRONG_REASONS,
)
from studyapp.vocabulary import PopulationKind

_HEADLINES = {
    TOP1: "Rectified top-1 error; undecided and unasked mistakes stay errors",
    TOP5: "Rectified top-5 error; undecided and unasked images stay errors",
    ADVERSARIAL: "Rectified error under attack; undecided images stay errors, and where some "
    "flipped ones are not asked the asked stand for all",
    MATCHES: "Share of answers that name the target’s group, in each condition",
    ATTRIBUTES: "Share of the images of each set that show each attribute; what the raters leave "
    "open is not shown",
    REASONS: "Share of coded mistakes with each reason; disputed reasons count as not given",
    WRONG_REASONS: "Share of right predictions that are right for the wrong reason; undecided ones "
    "are not",
    BOX_MEANING: "Share of images, class by class, whose box marks what the name means",
}
_IMAGES = {
    PopulationKind.MISTAKES: "that a model gets wrong",
    PopulationKind.TOP5_MISTAKES: "whose class is not among a model’s first five predictions",
    PopulationKind.AUDITED: "that a model gets wrong, with right predictions and decoys among them",
    PopulationKind.FLIPPED: "that a model gets right until an attack flips them",
    PopulationKind.SETS: "that are prototypes, criticisms or the random base of one class",
    PopulationKind.MAPPED: "that a model gets right, with the model’s saliency map",
    PopulationKind.BOXED: "with a box of their class drawn in",
}
_CONTRASTS = {
    TOP5: "none: models are set beside each other, and not tested",
    ADVERSARIAL: "conditions with each other, on the images decided in both; McNemar’s test",
    MATCHES: "each condition with the random one, all with all where there is none; score test, "
    "Holm over these",
    ATTRIBUTES: "each two sets, an image of the base that is in another one counting there alone; "
    "Fisher’s exact test, Holm over all",
    REASONS: "each two models, over the mistakes only one of them made; Fisher’s exact test, Holm "
    "over all",
    WRONG_REASONS: "each two models, on the images judged for both; McNemar’s test, Holm over all",
    BOX_MEANING: "none",
}


def headline_words(plan: Plan) -> str:
    """The figure the study was made for, as it was stamped."""
    return _HEADLINES.get(plan.headline, plan.headline)


def population_words(plan: Plan) -> str:
    """How many pictures, of which set, and which of them."""
    if plan.population == PopulationKind.ROUNDS:
        return f"{counted(plan.n_images, 'round')} of six groups and a target of {plan.image_set}"
    which = _IMAGES[PopulationKind(plan.population)]
    return f"{counted(plan.n_images, 'image')} of {plan.image_set} {which}"


def rule_facts(plan: Plan, *, unsure: str) -> list[tuple[str, str]]:
    """What makes an answer of several votes; a round has no verdict."""
    if plan.headline == MATCHES:
        return [("Votes", f"the first {plan.raters_per_trial} of each round and condition")]
    return [
        ("Rule", f"accepted at {plan.accept_at} yes of the first {plan.raters_per_trial} votes"),
        ("“Cannot tell”", unsure),
    ]


def contrast_words(plan: Plan) -> str:
    """What is compared, and how."""
    if plan.headline in _CONTRASTS:
        return _CONTRASTS[plan.headline]
    if plan.contrasts:
        return f"{', '.join(plan.contrasts)}; McNemar’s test, Holm over these"
    return "none planned: every comparison of models is exploratory"
