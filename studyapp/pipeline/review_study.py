"""Look a draft over before anybody is paid: draft -> reviewed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp import audit
from studyapp.cost import Costs
from studyapp.errors import StudyError
from studyapp.lifecycle import advance, require_state
from studyapp.models import Study
from studyapp.plurals import counted
from studyapp.recruiters.funds import funds_warnings
from studyapp.selectors.populations import PopulationSize
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import StudyState


@dataclass(frozen=True)
class ReviewStudySummary:
    study: str
    size: PopulationSize
    cost: Costs
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        found = (
            f"{self.study} is reviewed: {counted(self.size.images, 'image')} in the population, "
            f"{self.size.showable:,} can be shown, {counted(self.size.pairs, 'trial')}."
        )
        warnings = [f"Mind: {warning}." for warning in self.warnings]
        return [found, *self.cost.lines(), *warnings, f"Next: manage.py launch {self.study}"]


def review_study(
    study: Study, *, check_funds: bool = True, actor: AbstractBaseUser | None = None
) -> ReviewStudySummary:
    """Check everything that can be checked; a study that passes becomes reviewed.

    `check_funds` asks the marketplace for the balance; no answer is a warning, not an error.
    """
    require_state(
        study,
        states=frozenset({StudyState.DRAFT, StudyState.REVIEWED}),
        verb="review it",
        remedy="A study is reviewed before its launch",
    )
    found = readiness(study)
    if found.errors:
        raise StudyError(f"it is not ready: {'; '.join(found.errors)}", item=f"study {study.name}")
    funds = funds_warnings(study.environment, cost=found.cost) if check_funds else ()
    if study.state == StudyState.DRAFT:
        advance(study, to=StudyState.REVIEWED)
        audit.record(
            "review_study",
            study=study,
            actor=actor,
            summary={"images": found.size.images, "pairs": found.size.pairs},
        )
    return ReviewStudySummary(
        study=study.name,
        size=found.size,
        cost=found.cost,
        warnings=(*found.warnings, *funds),
    )
