"""Cut a study's trials into lots, each a stored row with its token before any call about it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.db.models import Max, QuerySet

from studyapp import clock
from studyapp.models import HIT, HITTrial, Study, Trial
from studyapp.recruiters.contract import Recruiter
from studyapp.vocabulary import Allocation, HITState

_ROWS_PER_STATEMENT = 500


@dataclass(frozen=True)
class PlannedLot:
    """Trials that will be taken together, in their order."""

    trials: tuple[int, ...]


def plan_lots(study: Study) -> list[PlannedLot]:
    """Lots for the trials that are in none yet, the same however often it is asked.

    The order within a condition is drawn from the study's seed and from what is asked, so that
    it depends neither on the order in which trials were built nor on their keys. Where a rater
    sees one condition only, a lot holds the trials of every condition about the same images.
    """
    rows = Trial.objects.filter(condition__study=study, hit_trials__isnull=True)
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
        (position, condition, _draw(study, stimulus=stimulus, asked=subject or index), trial)
        for trial, position, condition, stimulus, index, subject in found
    )
    by_condition: dict[str, list[int]] = {}
    for _, condition, _, trial in drawn:
        by_condition.setdefault(condition, []).append(trial)
    size = study.trials_per_hit
    return [
        PlannedLot(tuple(trials[start : start + size]))
        for trials in by_condition.values()
        for start in range(0, len(trials), size)
    ]


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
    return [
        PlannedLot(tuple(t for text in order[start : start + size] for t in together[text]))
        for start in range(0, len(order), size)
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


def store_lots(study: Study) -> int:
    """Write the plan down, all of it or nothing; returns how many lots are new.

    Two runs at once queue up behind the study's row, and the second finds nothing left to plan.
    """
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        lots = plan_lots(study)
        last = HIT.objects.filter(study=study).aggregate(last=Max("lot"))["last"]
        hits = [_row(study, lot=lot) for lot, _ in enumerate(lots, 0 if last is None else last + 1)]
        HIT.objects.bulk_create(hits, batch_size=_ROWS_PER_STATEMENT)
        HITTrial.objects.bulk_create(_places(hits, lots=lots), batch_size=_ROWS_PER_STATEMENT)
    return len(lots)


def open_found(hits: Iterable[HIT], *, recruiter: Recruiter) -> int:
    """Open those HITs of unknown outcome that the recruiter has; returns how many.

    Raters may be at work on them, so nobody waits for the publication to be run again.
    """
    found = recruiter.find([hit.request_token for hit in hits])
    opened = 0
    for token, published in found.items():
        row = HIT.objects.filter(request_token=token, state=HITState.SENDING)
        opened += row.update(
            state=HITState.OPEN,
            hit_id=published.lot_id,
            hit_type_id=published.group_id,
            opened_at=clock.now(),
            expires_at=published.expires_at,
        )
    return opened


def _row(study: Study, *, lot: int) -> HIT:
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
        raters=study.raters_per_hit,
    )


def _places(hits: list[HIT], *, lots: list[PlannedLot]) -> Iterator[HITTrial]:
    for hit, lot in zip(hits, lots, strict=True):
        for position, trial in enumerate(lot.trials):
            yield HITTrial(hit=hit, trial_id=trial, position=position)
