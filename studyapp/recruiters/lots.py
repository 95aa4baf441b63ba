"""Cut a study's trials into lots, each a stored row with its token before any call about it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import uuid4

from django.db import transaction
from django.db.models import Max, QuerySet

from studyapp import clock
from studyapp.models import HIT, Bar, HITTrial, Study, Trial
from studyapp.recruiters.contract import Recruiter
from studyapp.row_locks import lock_study
from studyapp.turns import Turn, gets_all_votes, read_groups, split
from studyapp.vocabulary import Allocation, HITState

_ROWS_PER_STATEMENT = 500
T = TypeVar("T")


@dataclass(frozen=True)
class PlannedLot:
    """Trials that will be taken together, in their order, each by so many raters.

    turns: the how-manieth time each of them is offered. part: which of the lots that share the
    raters.
    """

    trials: tuple[int, ...]
    raters: int
    turns: tuple[int, ...] = ()
    part: int = 0


def plan_lots(study: Study, *, turns: Sequence[Turn] = (), short: bool = True) -> list[PlannedLot]:
    """Lots for the trials that are in none yet, then those of later turns.

    The same however often it is asked. The order within a condition is drawn from the study's seed
    and from what is asked, so that it depends neither on the order in which trials were built nor
    on their keys. Where a rater sees one condition only, a lot holds the trials of every condition
    about the same images. Without `short`, trials of later turns that fill no lot wait for others.
    """
    whole = _first_lots(study) + _later_lots(study, turns=turns, short=short)
    return [
        replace(lot, raters=raters, part=part)
        for lot in whole
        for part, raters in enumerate(split(lot.raters, most=study.most_raters_per_hit))
    ]


def _first_lots(study: Study) -> list[PlannedLot]:
    rows = Trial.objects.filter(condition__study=study, hit_trials__isnull=True, known_answer="")
    if study.allocation == Allocation.ONE:
        return _shared_lots(study, rows)
    found = rows.values_list(
        "pk",
        "condition__position",
        "condition__name",
        "question__stimulus__stimulus_hash",
        "question__label_class__index",
        "question__subject_hash",
    )
    drawn = sorted(
        (
            position,
            condition,
            _draw(study, stimulus=stimulus, asked=subject or index),
            trial,
            raters,
        )
        for trial, position, condition, stimulus, index, subject in found
        for raters in [_first_raters(study, stimulus=stimulus, asked=subject or index)]
    )
    together: dict[tuple[str, int], list[int]] = {}
    for _, condition, _, trial, raters in drawn:
        together.setdefault((condition, raters), []).append(trial)
    return [
        PlannedLot(trials, raters=raters, turns=(0,) * len(trials))
        for (_, raters), found_here in together.items()
        for trials in _cut(found_here, size=study.trials_per_hit)
    ]


def _first_raters(study: Study, *, stimulus: str, asked: int | str | None) -> int:
    """All of them at once, or the first group."""
    groups = read_groups(study.vote_groups, raters=study.raters_per_trial)
    if not groups or gets_all_votes(
        seed=study.seed, share=study.complete_share, stimulus=stimulus, asked=asked
    ):
        return study.raters_per_trial
    return groups[0]


def _later_lots(study: Study, *, turns: Sequence[Turn], short: bool) -> list[PlannedLot]:
    """Trials that were in a lot together stay together, so that few people are shut out of each.

    Nobody may judge a trial twice: whoever had one of the earlier lots cannot take this one.
    """
    if not turns:
        return []
    rows = HITTrial.objects.filter(trial__in=[turn.trial for turn in turns]).values_list(
        "trial_id", "hit__lot", "position", "trial__condition__position", "trial__condition__name"
    )
    first: dict[int, tuple[int, str, int, int]] = {}
    for trial, lot, position, condition, name in rows:
        place = (condition, name, lot, position)
        first[trial] = min(place, first.get(trial, place))
    together: dict[tuple[str, int], list[Turn]] = {}
    for turn in sorted(turns, key=lambda turn: first[turn.trial]):
        together.setdefault((first[turn.trial][1], turn.raters), []).append(turn)
    size = study.trials_per_hit
    return [
        PlannedLot(
            tuple(turn.trial for turn in cut),
            raters=raters,
            turns=tuple(turn.number for turn in cut),
        )
        for (_, raters), waiting in together.items()
        for cut in (_even(waiting, size=size) if short else _cut(waiting, size=size))
        if short or len(cut) == size
    ]


def _even(items: Sequence[T], *, size: int) -> Iterator[tuple[T, ...]]:
    """As few parts as can be, as equal as can be: each costs the same, whatever is in it."""
    ends = [0]
    for length in split(len(items), most=size):
        ends.append(ends[-1] + length)
        yield tuple(items[ends[-2] : ends[-1]])


def _cut(items: Sequence[T], *, size: int) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])


def _shared_lots(study: Study, trials: QuerySet[Trial]) -> list[PlannedLot]:
    """As many things asked in a lot as a rater is shown, each with its trial of every condition.

    A condition shows an image in a way of its own, so what belongs together is told by the image's
    content and by the class asked about; where a condition asks that twice, one is in each.
    """
    rows = trials.order_by("question__stimulus__stimulus_hash", "question__subject_hash", "pk")
    seen: Counter[tuple[object, ...]] = Counter()
    together: dict[str, list[int]] = {}
    for trial, condition, *asked in rows.values_list(
        "pk",
        "condition",
        "question__stimulus__image__content_hash",
        "question__label_class__index",
    ):
        content, index = asked
        at = seen[condition, content, index]
        seen[condition, content, index] += 1
        together.setdefault(f"{content}/{index}/{at}", []).append(trial)
    order = _spread(study, together)
    size = study.trials_per_hit
    lots = (tuple(t for text in cut for t in together[text]) for cut in _cut(order, size=size))
    return [
        PlannedLot(trials, raters=study.raters_per_hit, turns=(0,) * len(trials)) for trials in lots
    ]


def _spread(study: Study, together: Mapping[str, Sequence[int]]) -> list[str]:
    """In a drawn order; what a condition lacks lies spread, so that no lot has nothing for it."""
    drawn = sorted(together, key=lambda text: _draw(study, stimulus=text, asked=""))
    most = max(map(len, together.values()), default=0)
    whole = [text for text in drawn if len(together[text]) == most]
    partial = [text for text in drawn if len(together[text]) < most]
    places = {text: at / len(whole) for at, text in enumerate(whole, 1)}
    places |= {text: (at - 0.5) / len(partial) for at, text in enumerate(partial, 1)}
    return sorted(drawn, key=places.__getitem__)


def _draw(study: Study, *, stimulus: str, asked: int | str) -> str:
    return hashlib.sha256(f"{study.seed}/{stimulus}/{asked}".encode()).hexdigest()


def store_lots(
    study: Study, lots: Sequence[PlannedLot] | None = None, *, only_undecided: bool = False
) -> int:
    """Write the plan down, all of it or nothing; returns how many lots are new.

    Two runs at once queue up behind the study's row, and the second finds nothing left to plan.
    Who gives the lots has planned them under that lock. only_undecided: decided trials that lack
    votes were left out of the plan, which the report has to say.
    """
    with transaction.atomic():
        lock_study(study)
        lots = plan_lots(study) if lots is None else lots
        last = HIT.objects.filter(study=study).aggregate(last=Max("lot"))["last"]
        start = 0 if last is None else last + 1
        hits = [
            _row(study, lot=at, raters=lot.raters, only_undecided=only_undecided and any(lot.turns))
            for at, lot in enumerate(lots, start)
        ]
        HIT.objects.bulk_create(hits, batch_size=_ROWS_PER_STATEMENT)
        places = _places(study, hits, lots=lots)
        HITTrial.objects.bulk_create(places, batch_size=_ROWS_PER_STATEMENT)
    return len(lots)


def open_found(hits: Iterable[HIT], *, recruiter: Recruiter) -> int:
    """Open those HITs, sent and not known to be out, that the recruiter has; returns how many.

    Raters may be at work on them, so nobody waits for the publication to be run again.
    """
    hits = list(hits)
    found = recruiter.find([hit.request_token for hit in hits])
    opened = 0
    for token, published in found.items():
        row = HIT.objects.filter(
            request_token=token, state__in=[HITState.SENDING, HITState.PLANNED]
        )
        opened += row.update(
            state=HITState.OPEN,
            hit_id=published.lot_id,
            hit_type_id=published.group_id,
            opened_at=clock.now(),
            expires_at=published.expires_at,
        )
    if opened:
        offered_before(hit.study_id for hit in hits)
    return opened


def offered_before(studies: Iterable[int]) -> None:
    """Lots of these studies, by key, turned out to be on offer under the terms of an earlier try.

    Lists of people who are kept off may have come since: the next round closes the lots to them.
    """
    Bar.objects.filter(study__in=set(studies)).update(closes_all=False)


def _row(study: Study, *, lot: int, raters: int, only_undecided: bool) -> HIT:
    public_id = uuid4()
    # The random public id keeps two sites with one account, or a database made afresh, apart.
    text = f"{study.protocol_hash}/{lot}/{public_id}"
    token = f"quorum-{hashlib.sha256(text.encode()).hexdigest()[:48]}"
    return HIT(
        study=study,
        lot=lot,
        environment=study.environment,
        request_token=token,
        public_id=public_id,
        raters=raters,
        only_undecided=only_undecided,
    )


def _places(study: Study, hits: list[HIT], *, lots: Sequence[PlannedLot]) -> Iterator[HITTrial]:
    known = _known_by_condition(study)
    condition_of = dict(
        Trial.objects.filter(condition__study=study).values_list("pk", "condition") if known else ()
    )
    for hit, lot in zip(hits, lots, strict=True):
        turns = lot.turns or (0,) * len(lot.trials)
        for position, (trial, turn) in enumerate(zip(lot.trials, turns, strict=True)):
            yield HITTrial(hit=hit, trial_id=trial, position=position, turn=turn, part=lot.part)
        gold = known.get(condition_of.get(lot.trials[0], 0), [])
        each = min(study.gold_per_hit, len(gold))
        for place in range(each):
            # In turn, so that one comes up again only after all others have.
            trial = gold[(hit.lot * each + place) % len(gold)]
            position = len(lot.trials) + place
            yield HITTrial(hit=hit, trial_id=trial, position=position, turn=hit.lot)


def _known_by_condition(study: Study) -> dict[int, list[int]]:
    """The trials with a known answer, in an order drawn from the seed, by their condition.

    A lot takes those of its own alone: its raters would else see another condition's trials.
    """
    rows = Trial.objects.filter(condition__study=study).exclude(known_answer="")
    found = rows.values_list(
        "condition", "pk", "question__stimulus__stimulus_hash", "question__label_class__index"
    )
    drawn = sorted(
        (condition, _draw(study, stimulus=shown, asked=index), pk)
        for condition, pk, shown, index in found
    )
    known: dict[int, list[int]] = {}
    for condition, _, pk in drawn:
        known.setdefault(condition, []).append(pk)
    return known
