"""Which trials of a study need more votes, by the votes that are in and the places that are out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from django.db.models import Count, F, Q

from studyapp import clock
from studyapp.analytics import Rule, next_group, stop_now
from studyapp.models import HIT, HITTrial, Question, Study, Trial
from studyapp.selectors.votes import exclude_votes, load_votes, valid_votes
from studyapp.time_allowed import time_allowed
from studyapp.turns import Turn, TurnsToAsk, gets_all_votes, read_groups
from studyapp.vocabulary import HANDED_IN_STATES, HITState, QuestionKind, StudyState

ROWS_PER_FETCH = 5_000
#: So long after its end Mechanical Turk gives a HIT up: nothing of it will be collected any more. A
#: recruiter may be gone as a whole, too, and be asked in vain.
FORGOTTEN_AFTER = timedelta(days=120)
_HANDED_IN = Count("assignments", filter=Q(assignments__state__in=HANDED_IN_STATES))
#: Of these every answer counts, and no number of yes decides anything.
WITHOUT_VERDICT = frozenset({QuestionKind.CLASS_MATCH, QuestionKind.ATTRIBUTE, QuestionKind.REASON})


@dataclass(frozen=True)
class _Offered:
    """A trial as far as it was offered."""

    question: int
    turns: int
    places_out: int


def turns_to_ask(study: Study, *, times: int = 0, undecided: bool = False) -> TurnsToAsk:
    """What publication goes on with: the next group, and votes that were lost.

    Only studies that ask in groups go on by themselves. `times` is how often a trial may be
    offered beyond that to make up for lost votes, `undecided` leaves those alone that are decided.
    A vote is lost when it does not count, or when its place was taken back with the lot.
    """
    if not study.vote_groups and not times:
        return TurnsToAsk()
    return _to_ask(study, _read(study), times=times, undecided=undecided)


@dataclass(frozen=True)
class _Read:
    """Trials that were offered, and the votes that count on each question: yes, no, unsure."""

    offered: Mapping[int, _Offered]
    questions: npt.NDArray[np.int64]
    counts: Mapping[int, tuple[int, ...]]
    rule: Rule
    decides: bool

    def step(self, question: int) -> str:
        """What the votes say: a verdict, `complete` where there is none to say, or `ask`."""
        yes, no, unsure = self.counts[question]
        if self.decides:
            return stop_now(yes, no=no, unsure=unsure, rule=self.rule)
        return "complete" if yes + no + unsure >= self.rule.n else "ask"


def _read(study: Study) -> _Read:
    offered = _offered(study)
    questions = np.array(sorted({one.question for one in offered.values()}), dtype=np.int64)
    counts = dict(zip(questions.tolist(), _counts(study, questions=questions), strict=True))
    rule = Rule(k=study.accept_at, n=study.raters_per_trial, unsure=study.unsure)
    decides = study.question_kind not in WITHOUT_VERDICT
    return _Read(offered, questions, counts, rule, decides)


def _to_ask(study: Study, read: _Read, *, times: int, undecided: bool) -> TurnsToAsk:
    found, rule, counts = TurnsToAsk(), read.rule, read.counts
    groups = read_groups(study.vote_groups, raters=study.raters_per_trial)
    complete = complete_questions(study, read.questions)
    whole = dict(zip(read.questions.tolist(), complete, strict=True))
    for trial, one in sorted(read.offered.items()):
        yes, no, unsure = counts[one.question]
        decided = read.step(one.question) != "ask"
        if whole[one.question]:
            missing = rule.n - (yes + no + unsure)
            done = missing <= 0 or (undecided and decided)
            raters = 0 if done else max(0, missing - one.places_out)
            most = 1 + times
        else:
            done = decided
            raters = next_group(
                yes,
                no=no,
                unsure=unsure,
                pending=one.places_out,
                rule=rule,
                groups=groups,
                asked=one.turns,
            )
            most = len(groups) + times
        found.settled += done
        waits = not done and one.places_out > 0
        found.waiting += waits
        found.may_follow += waits and one.turns < most
        if raters and one.turns < most:
            found.turns.append(Turn(trial=trial, number=one.turns, raters=raters))
        found.short += not done and not one.places_out and one.turns >= most
    return found


def complete_questions(study: Study, questions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """bool[Q]: whether each question is asked of all raters whatever the first ones say."""
    if not study.vote_groups:
        return np.ones(questions.size, dtype=np.bool_)
    rows = Question.objects.filter(trials__condition__study=study).values_list(
        "pk", "stimulus__stimulus_hash", "label_class__index", "subject_hash"
    )
    whole = {
        pk
        for pk, stimulus, index, subject in rows.iterator(chunk_size=ROWS_PER_FETCH)
        if gets_all_votes(
            seed=study.seed,
            share=study.complete_share,
            stimulus=stimulus,
            asked=subject or index,
        )
    }
    return np.array([pk in whole for pk in questions.tolist()], dtype=np.bool_)


def asked_while_undecided(study: Study, questions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """bool[Q]: whether each question lacked votes and got another turn only for being undecided."""
    rows = HITTrial.objects.filter(
        hit__study=study, hit__only_undecided=True, turn__gt=0, trial__known_answer=""
    )
    keys = rows.order_by().values_list("trial__question", flat=True).distinct()
    return np.isin(questions, np.array(list(keys), dtype=np.int64))


def places_out(study: Study) -> dict[int, int]:
    """Places of each HIT whose votes may still come; none of one that a closed study never sent.

    Who accepted just before a HIT ended may work until their time is over, unseen by us until they
    open the page; so its free places count as out until then, and until votes were collected since.
    """
    rows = HIT.objects.filter(study=study).annotate(handed_in=_HANDED_IN)
    allowed, forgotten = time_allowed(study), clock.now() - FORGOTTEN_AFTER
    found = {}
    for pk, state, raters, came, ends, asked in rows.values_list(
        "pk", "state", "raters", "handed_in", "expires_at", "asked_at"
    ):
        never = state == HITState.PLANNED and study.state == StudyState.CLOSED
        told = ends is not None and (
            ends <= forgotten or (asked is not None and asked >= ends + allowed)
        )
        past = state in (HITState.OPEN, HITState.EXPIRED) and told
        over = state == HITState.DISPOSED or never or past
        found[pk] = 0 if over else max(0, raters - came)
    return found


def uncollected(study: Study) -> int:
    """HITs that ended short, whose raters' time is over and about which nobody has asked since."""
    allowed = time_allowed(study)
    ended = HIT.objects.filter(
        study=study,
        state__in=[HITState.OPEN, HITState.EXPIRED],
        expires_at__lt=clock.now() - allowed,
        expires_at__gt=clock.now() - FORGOTTEN_AFTER,
    )
    short = ended.annotate(handed_in=_HANDED_IN).filter(handed_in__lt=F("raters"))
    return short.exclude(asked_at__gte=F("expires_at") + allowed).count()


def _offered(study: Study) -> Mapping[int, _Offered]:
    """The trials that are in lots, by key; those with a known answer are no part of it."""
    out = places_out(study)
    question: dict[int, int] = {}
    turns: dict[int, int] = {}
    places: Counter[int] = Counter()
    rows = HITTrial.objects.filter(hit__study=study, trial__known_answer="").values_list(
        "trial_id", "trial__question_id", "hit_id", "turn"
    )
    for trial, asked, hit, turn in rows.iterator(chunk_size=ROWS_PER_FETCH):
        question[trial] = asked
        turns[trial] = max(turns.get(trial, 0), turn + 1)
        places[trial] += out[hit]
    return {
        trial: _Offered(question=asked, turns=turns[trial], places_out=places[trial])
        for trial, asked in question.items()
    }


def _counts(study: Study, *, questions: npt.NDArray[np.int64]) -> Iterable[tuple[int, ...]]:
    """Valid votes on each question, at most as many as the rule looks at: yes, no, unsure."""
    votes = load_votes(study)
    every = np.union1d(questions, votes.questions)
    valid = valid_votes(votes, keep=exclude_votes(votes, study=study).keep, questions=every)
    counts = valid.counts3()[np.searchsorted(every, questions)]
    return (tuple(row) for row in counts.tolist())


@dataclass(frozen=True)
class TrialStand:
    """The trials of a study by what is known of each; together they are all asked in earnest.

    accepted, rejected: certain under the rule. undecided: all votes are in and decide nothing.
    complete: all votes are in, where answers lead to no verdict.
    waiting: open, and votes are out. short: open, nothing is out, and the study asks no more by
    itself. next: open, and the next group can be asked. unpublished: in no lot yet.
    """

    accepted: int = 0
    rejected: int = 0
    undecided: int = 0
    complete: int = 0
    waiting: int = 0
    next: int = 0
    short: int = 0
    unpublished: int = 0

    @property
    def total(self) -> int:
        settled = self.accepted + self.rejected + self.undecided + self.complete
        return settled + self.open_ + self.unpublished

    @property
    def open_(self) -> int:
        return self.waiting + self.next + self.short


def trial_stand(study: Study) -> TrialStand:
    """How far the study's trials are, by the votes that count."""
    read = _read(study)
    ready: set[int] = set()
    if study.vote_groups:
        ready = {turn.trial for turn in _to_ask(study, read, times=0, undecided=False).turns}
    found: Counter[str] = Counter()
    for trial, one in read.offered.items():
        step = read.step(one.question)
        if step != "ask":
            found[step] += 1
        elif trial in ready:
            found["next"] += 1
        else:
            found["waiting" if one.places_out else "short"] += 1
    rows = Trial.objects.filter(condition__study=study, known_answer="")
    found["unpublished"] = rows.count() - len(read.offered)
    return TrialStand(**found)
