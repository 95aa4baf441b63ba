"""The report of a study: a frozen value, the same for the terminal, the page and the exports."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from studyapp.analytics import Agreement, Contrast, RectifiedBootstrap
from studyapp.analytics.results import JSONValue, plain
from studyapp.reports.cross_check_values import CrossCheckReport
from studyapp.reports.parts import Part
from studyapp.reports.plan_values import Plan, UnplannedAnalysis

#: Raised when a key changes its name or its meaning.
SCHEMA_VERSION = 1

#: Name of the study's own timing window among the choices.
PLANNED_WINDOW = "planned"
#: Names of sets of raters among the choices: everybody, and without those flagged `disagrees`.
ALL_RATERS, WITHOUT_DISAGREEING = "all", "without_disagreeing"


@dataclass(frozen=True)
class ModelReport:
    """One model. Shares are fractions; None where there is nothing to divide by.

    docs/reference/figures.md defines every field, with its denominator.
    """

    model: str
    #: Whether the plan names the model and the report follows the plan.
    planned: bool
    n_images: int
    n_without_prediction: int
    n_errors: int
    n_asked: int
    n_accepted: int
    n_rejected: int
    n_undecided: int
    n_unasked: int
    top1_error: float | None
    rectified_top1_error: float | None
    ci_low: float | None
    ci_high: float | None
    ci_method: str
    ci_level: float
    bound_low: float | None
    bound_high: float | None
    accepted_share: float | None
    mean_yes_share: float | None
    by_yes: tuple[int, ...]
    by_yes_incomplete: int
    real_accuracy: float | None
    n_real: int
    n_real_correct: int
    #: None where there is no image, and where votes are asked for in groups.
    resampled: RectifiedBootstrap | None


@dataclass(frozen=True)
class Choice:
    """One model under one choice of everything; `planned` is the rule and window of the report.

    window: its name; window_low and window_high in seconds, None where open. extra: `first` counts
    the first n votes, `fraction` the share of yes among all of them. raters: name of the set whose
    votes count.
    """

    model: str
    planned: bool
    accept_at: int
    unsure: str
    extra: str
    window: str
    window_low: float | None
    window_high: float | None
    raters: str
    n_raters: int
    n_votes: int
    n_images: int
    n_accepted: int
    n_undecided: int
    rectified_top1_error: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class PairReport:
    """Two models on the same images: the share `first` gets right less the share `second` does.

    standard: by the annotated class. rectified: accepted predictions are right too. The p values
    are adjusted by Holm over n_family pairs: planned contrasts among themselves, any other pair
    over all pairs of the study.
    """

    first: str
    second: str
    planned: bool
    n_family: int
    n_images: int
    standard: Contrast
    standard_p_holm: float
    rectified: Contrast
    rectified_p_holm: float


@dataclass(frozen=True)
class ExcludedVotes:
    reason: str
    label: str
    n_votes: int


@dataclass(frozen=True)
class VoteReport:
    """Where the votes went. n_votes = n_valid + n_excluded."""

    n_votes: int
    n_valid: int
    n_excluded: int
    excluded: tuple[ExcludedVotes, ...]
    #: Valid votes by raw answer.
    n_yes: int
    n_no: int
    n_unsure: int
    last_vote_at: str | None


@dataclass(frozen=True)
class RaterReport:
    """Counts only: nobody is told apart. Votes per rater are valid votes of raters with any."""

    n_raters: int
    n_raters_valid: int
    votes_per_rater_min: int | None
    votes_per_rater_median: float | None
    votes_per_rater_max: int | None


@dataclass(frozen=True)
class DataReport:
    """What the figures were generated from."""

    image_set: str
    n_images: int
    n_labelled: int
    n_real_labelled: int
    n_questions: int
    n_questions_with_valid_votes: int
    #: Those asked of all raters whatever the first ones said.
    n_questions_complete: int
    n_questions_of_models: int


@dataclass(frozen=True)
class AskedAgain:
    """Complete questions that lacked votes and were offered again only for being undecided.

    n_accepted, n_rejected, n_undecided: what they are now. n_left: decided ones that lack votes.
    n_full: questions with all their votes, n_full_again of them so. full_agreement: share of
    agreeing pairs of votes over n_full, and without n_full_again; None without a question.
    """

    n_questions: int
    n_accepted: int
    n_rejected: int
    n_undecided: int
    n_left: int
    n_full: int
    n_full_again: int
    full_agreement: float | None
    full_agreement_without: float | None


@dataclass(frozen=True)
class Protocol:
    """How the votes were asked for, and the rule of this report."""

    question: str
    wording_version: str
    population: str
    rendering: str
    raters_per_trial: int
    accept_at: int
    unsure: str
    #: Sizes of the groups votes are asked for in, and the share that gets all; none is all at once.
    vote_groups: tuple[int, ...]
    complete_share: float | None
    seconds_min: float | None
    seconds_max: float | None
    #: The rule set in the study; a report under another one is a look around, not the plan.
    planned_accept_at: int
    planned_unsure: str
    planned_seconds_min: float | None
    planned_seconds_max: float | None
    imported: bool
    state: str
    protocol_hash: str
    #: Of the resampling: the same votes give the same intervals every time.
    seed: int

    @property
    def as_planned(self) -> bool:
        """Whether rule and window are those set in the study."""
        return (self.accept_at, self.unsure, self.seconds_min, self.seconds_max) == (
            self.planned_accept_at,
            self.planned_unsure,
            self.planned_seconds_min,
            self.planned_seconds_max,
        )


@dataclass(frozen=True)
class SliceReport:
    """The part of the study a report tells about; what is null is not narrowed.

    n_labelled_of, n_votes_of: labelled images and votes of the whole study.
    """

    model: str | None
    class_index: int | None
    class_name: str | None
    condition: str | None
    without_rater: str | None
    n_labelled_of: int
    n_votes_of: int

    @property
    def recounts(self) -> bool:
        """Whether figures are over fewer images or votes than the study's."""
        return any(
            part is not None for part in (self.class_index, self.condition, self.without_rater)
        )


@dataclass(frozen=True)
class StudyReport:
    study: str
    title: str
    protocol: Protocol
    data: DataReport
    votes: VoteReport
    raters: RaterReport
    models: tuple[ModelReport, ...]
    agreement: tuple[Agreement, ...]
    sensitivity: tuple[Choice, ...]
    comparisons: tuple[PairReport, ...]
    #: None where nothing was stamped: votes gathered elsewhere, or a launch before plans were.
    plan: Plan | None
    analyses: tuple[UnplannedAnalysis, ...]

    @property
    def planned(self) -> bool:
        """Whether the report follows a plan that was stamped at launch."""
        recounts = self.slice is not None and self.slice.recounts
        return self.plan is not None and self.protocol.as_planned and not recounts

    #: What the question type has to tell in place of models; None for the top-1 error.
    part: Part | None = None
    #: A researcher's own look at a sample of verdicts; None where none was drawn.
    cross_check: CrossCheckReport | None = None
    #: None of a report about the whole study.
    slice: SliceReport | None = None
    #: None where no votes were asked for again of undecided questions alone.
    asked_again: AskedAgain | None = None

    @property
    def part_alone(self) -> Part | None:
        """The part that takes the place of the figures of the models, if there is one."""
        return None if self.part is None or self.part.beside else self.part

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe, with the keys of the fields."""
        return {
            "schema_version": SCHEMA_VERSION,
            "study": self.study,
            "title": self.title,
            "protocol": plain(asdict(self.protocol) | {"as_planned": self.protocol.as_planned}),
            "data": plain(asdict(self.data)),
            "votes": plain(asdict(self.votes)),
            "raters": plain(asdict(self.raters)),
            "models": [plain(asdict(model)) for model in self.models],
            "agreement": [
                {key: value for key, value in row.to_dict().items() if key != "schema_version"}
                for row in self.agreement
            ],
            "sensitivity": [plain(asdict(choice)) for choice in self.sensitivity],
            "comparisons": [plain(asdict(pair)) for pair in self.comparisons],
            "plan": plain(asdict(self.plan)) if self.plan else None,
            "planned": self.planned,
            "analyses": [plain(asdict(one)) for one in self.analyses],
            "cross_check": plain(asdict(self.cross_check)) if self.cross_check else None,
            "slice": plain(asdict(self.slice)) if self.slice else None,
            "asked_again": plain(asdict(self.asked_again)) if self.asked_again else None,
            "part": plain({"kind": self.part.kind, **self.part.values}) if self.part else None,
        }
