"""How many votes a trial gets, when and from whom: the part of a study that spends its money."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from studyapp.cost import MASTERS_FEES, MTURK_FEES, Fees
from studyapp.known_answers import read_known_answers
from studyapp.turns import LARGEST_SPLIT, read_groups
from studyapp.vocabulary import Allocation, Environment, PopulationKind, QuestionKind


class VoteAllocation(models.Model):
    """What a study says about it; see docs/how-to/spend-votes-well.md."""

    vote_groups = models.CharField(
        "votes in groups",
        max_length=60,
        blank=True,
        default="",
        help_text=(
            "Sizes of the groups a trial's votes are asked for in, such as 2+2+1: the next group "
            "is asked only where the votes so far decide nothing. Empty: all at once."
        ),
    )
    complete_share = models.DecimalField(
        "share that gets all votes",
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.100"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=(
            "With groups: this share of the trials, drawn by the seed, is asked of all raters at "
            "once. Agreement and the counts of yes votes are taken from these alone."
        ),
    )
    most_raters_per_hit = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text=(
            f"More raters than this are spread over several HITs of the same trials, each person "
            f"in one of them. {LARGEST_SPLIT} avoids the surcharge on HITs for ten or more."
        ),
    )
    gold = models.JSONField(
        "trials with a known answer",
        default=list,
        blank=True,
        help_text='A list such as [{"image": "i7", "class": "kite", "answer": "yes"}]: mixed in '
        "among the others, shown for each rater, and no part of any figure about a model.",
    )
    gold_per_hit = models.PositiveSmallIntegerField(
        "of these in each HIT", default=0, validators=[MaxValueValidator(50)]
    )
    most_votes_per_rater = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text="Who has given so many answers is offered no more HITs. Empty: no limit.",
    )

    class Meta:
        abstract = True

    @property
    def fees(self) -> Fees:
        """What the recruiter takes on top; where people come by a link, what its panel takes."""
        if getattr(self, "environment", "") != Environment.LINK:
            return MASTERS_FEES if getattr(self, "masters_only", False) else MTURK_FEES
        link = getattr(self, "link", None)
        return Fees(link.fee_percent / 100 if link else Decimal(0))

    def check_allocation(self, *, raters: int, kind: str, population: str, allocation: str) -> None:
        """Raise ValidationError for what contradicts itself or the question."""
        try:
            groups = read_groups(self.vote_groups, raters=raters)
        except ValueError as error:
            raise ValidationError({"vote_groups": str(error)}) from error
        plain = kind == QuestionKind.RELEVANCE and population == PopulationKind.MISTAKES
        if groups and not plain:
            raise ValidationError(
                {
                    "vote_groups": "Other figures of this question are read off every vote: only "
                    "the question about one class of a mistake can be asked in groups."
                }
            )
        try:
            known = read_known_answers(self.gold)
        except ValueError as error:
            raise ValidationError({"gold": str(error)}) from error
        per_hit: object = self.gold_per_hit
        if not isinstance(per_hit, int):
            return  # said by the field
        one = allocation == Allocation.ONE
        if groups and one:
            raise ValidationError(
                {"vote_groups": "Raters who see one condition only are asked all at once."}
            )
        if self.gold_per_hit and one:
            raise ValidationError(
                {"gold_per_hit": "Raters who see one condition only get no known answers yet."}
            )
        if self.gold_per_hit > len(known):
            raise ValidationError(
                {"gold_per_hit": "There are fewer trials with a known answer than this."}
            )
