"""The numbers of a design as a form whose whole state is the address."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from studyapp.reports.design_values import DesignWish

MOST_IMAGES = 100_000_000
MOST_PEOPLE = 10_000_000
#: Raters of a question that the tables of early stopping are made for.
MOST_RATERS = 50

GROUPS = (
    ("What there is", ("images", "mistakes")),
    ("What you want", ("width", "people")),
    ("What you expect", ("yes", "differ", "spread", "lost", "discordant")),
    ("How it is asked", ("raters", "accept", "reward", "trials")),
)
#: What a pilot gives; the rest stays when another pilot is chosen.
OF_PILOT = ("yes", "differ", "spread", "lost", "discordant")


class DesignForm(forms.Form):
    """Shares in per cent and widths in percentage points, as people say them."""

    images = forms.IntegerField(
        label="Images", min_value=1, max_value=MOST_IMAGES, help_text="Labelled images of the set."
    )
    mistakes = forms.IntegerField(
        label="Mistakes",
        min_value=1,
        max_value=MOST_IMAGES,
        help_text="Images a model gets wrong.",
    )
    width = forms.FloatField(
        label="Wanted interval, ± points",
        min_value=0.001,
        max_value=50,
        help_text="Half the width of the 95 % interval of the rectified error.",
    )
    people = forms.IntegerField(
        label="People in all",
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text="Different raters who take part.",
    )
    raters = forms.IntegerField(label="Raters a question", min_value=1, max_value=MOST_RATERS)
    accept = forms.IntegerField(label="Accept at", min_value=1, max_value=MOST_RATERS)
    yes = forms.FloatField(
        label="Expected yes, %",
        min_value=0,
        max_value=100,
        help_text="Of all votes on mistakes.",
    )
    differ = forms.FloatField(
        label="Questions differ, 0 to 1",
        min_value=0,
        max_value=1,
        help_text="Correlation of two votes on a question: 0 all alike, 1 all unanimous. "
        "About 0.7 on mistakes in the public votes on ImageNet.",
    )
    spread = forms.FloatField(
        label="Raters differ, points",
        min_value=0,
        max_value=100,
        help_text="What one rater’s habits move the accepted share by. About 5 on the public "
        "votes.",
    )
    lost = forms.FloatField(
        label="Votes lost, %",
        min_value=0,
        max_value=95,
        help_text="Too fast, late, excluded by hand.",
    )
    discordant = forms.FloatField(
        label="Two models differ on, %",
        min_value=0.01,
        max_value=100,
        help_text="Images only one of two models gets right, people’s verdicts counted.",
    )
    reward = forms.DecimalField(
        label="Reward per HIT, USD",
        min_value=Decimal(0),
        max_value=Decimal(1000),
        max_digits=6,
        decimal_places=2,
    )
    trials = forms.IntegerField(label="Questions per HIT", min_value=1, max_value=200)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields in the order a person thinks."""
        return [(title, [self[name] for name in names]) for title, names in GROUPS]

    def clean(self) -> dict[str, Any]:
        """What cannot be together, said beside the field to change."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        pairs = (
            ("mistakes", "images", "There cannot be more mistakes than images."),
            ("accept", "raters", "No question could be accepted: lower it, or ask more raters."),
        )
        for less, more, problem in pairs:
            low, high = found.get(less), found.get(more)
            if low is not None and high is not None and low > high:
                self.add_error(less, problem)
        people, raters = found.get("people"), found.get("raters")
        if people is not None and raters is not None and people < raters:
            self.add_error("people", "A question needs as many people as raters.")
        return found

    def wish(self) -> DesignWish:
        """The valid numbers as the design takes them."""
        found = self.cleaned_data
        return DesignWish(
            n_images=found["images"],
            n_errors=found["mistakes"],
            raters_per_trial=found["raters"],
            accept_at=found["accept"],
            yes_rate=found["yes"] / 100,
            icc=found["differ"],
            lost=found["lost"] / 100,
            people=found["people"],
            spread=found["spread"] / 100,
            halfwidth=found["width"] / 100,
            discordant=found["discordant"] / 100,
            reward=found["reward"],
            trials_per_hit=found["trials"],
        )


def fields_of(wish: DesignWish) -> dict[str, object]:
    """A wish as the form shows it."""
    return {
        "images": wish.n_images,
        "mistakes": wish.n_errors,
        "width": _short(100 * wish.halfwidth),
        "people": wish.people,
        "raters": wish.raters_per_trial,
        "accept": wish.accept_at,
        "yes": _short(100 * wish.yes_rate),
        "differ": _short(wish.icc),
        "spread": _short(100 * wish.spread),
        "lost": _short(100 * wish.lost),
        "discordant": _short(100 * wish.discordant),
        "reward": f"{wish.reward:.2f}",
        "trials": wish.trials_per_hit,
    }


def filled(wish: DesignWish, given: Mapping[str, str]) -> DesignForm:
    """The form of an address: what it gives, and for the rest the wish."""
    known = fields_of(wish)
    return DesignForm({name: given.get(name, known[name]) for name in known})


def kept_with_a_pilot(form: DesignForm) -> dict[str, str]:
    """What the address keeps when the numbers of a pilot are taken."""
    return {name: form[name].value() for name in form.fields if name not in OF_PILOT}


def _short(number: float) -> str:
    return f"{number:.4g}"
