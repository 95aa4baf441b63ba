"""The fields of a study that say who may take part, and when.

All are part of its protocol but `launches_by_itself`: who presses the button changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from studyapp.taking_part import countries_of, qualifications_of, studies_of
from studyapp.vocabulary import Allocation

LONGEST_HOURS = 8_760
_READERS: dict[str, Callable[[str], object]] = {
    "cooldown_studies": studies_of,
    "countries": countries_of,
    "qualifications": qualifications_of,
}


class TakingPart(models.Model):
    cooldown_hours = models.PositiveIntegerField(
        "hours between conditions",
        default=0,
        validators=[MaxValueValidator(LONGEST_HOURS)],
        help_text=(
            "Who saw pictures of one condition may see another only so much later. 0: at once."
        ),
    )
    launch_gap_hours = models.PositiveIntegerField(
        "hours between launches of conditions",
        default=0,
        validators=[MaxValueValidator(LONGEST_HOURS)],
        help_text=(
            "A condition is published so long after the last HIT of the one before it. 0: together."
        ),
    )
    launches_by_itself = models.BooleanField(
        "publish later conditions by themselves",
        default=False,
        help_text=(
            "Once the first is out, each is published when its hours have passed, unless the "
            "study was stopped. Off: somebody publishes it."
        ),
    )
    cooldown_studies = models.TextField(
        "studies it is kept apart from",
        blank=True,
        default="",
        max_length=4000,
        help_text=(
            "Names, one a line. Who saw pictures there may take part here only after the hours "
            "between conditions."
        ),
    )
    masters_only = models.BooleanField(
        "Masters only", default=False, help_text="Costs a fee of 5 % of the reward on top."
    )
    approved_percent = models.PositiveSmallIntegerField(
        "least approval rate (%)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="It reads 100 for whoever has handed in fewer than 100 tasks.",
    )
    approved_number = models.PositiveIntegerField(
        "fewest approved tasks",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
    )
    countries = models.CharField(
        max_length=200, blank=True, default="", help_text="Two letters each, like US GB CA-QC."
    )
    qualifications = models.TextField(
        "qualifications of your own",
        blank=True,
        default="",
        max_length=1000,
        help_text=(
            "One a line: the id of a qualification type, such as a test you made, alone or with "
            "what it must be: 3ABC >= 80, or 3ABC absent."
        ),
    )

    class Meta:
        abstract = True

    def check_taking_part(self, *, allocation: str) -> None:
        """Raise ValidationError for what is written wrongly or contradicts itself."""
        for name, read in _READERS.items():
            try:
                read(getattr(self, name))
            except ValueError as error:
                raise ValidationError({name: str(error)}) from error
        if self.launch_gap_hours and allocation == Allocation.ONE:
            raise ValidationError(
                {
                    "launch_gap_hours": "Where each rater sees one condition, a HIT holds all of "
                    "them, so that none can be launched later. Set it to 0, or choose "
                    "“Whatever is in the HIT”."
                }
            )
        if self.launches_by_itself and not self.launch_gap_hours:
            raise ValidationError(
                {
                    "launches_by_itself": "All conditions are published together: give hours "
                    "between launches first, or switch this off."
                }
            )
        if self.cooldown_studies.strip() and not self.cooldown_hours:
            raise ValidationError(
                {"cooldown_hours": "Say how many hours the studies are to be kept apart."}
            )
