"""Publish and collect many HITs over boto3 and real HTTP: calls a second, memory, waiting.

Run: DATABASE_URL=postgres://root@127.0.0.1:5432/postgres python bench/recruit.py
[--hits 200] [--calls-per-second 0] [--raters 2]. The whole measurement is `--hits 500
--calls-per-second 3` and `--hits 10000`. It makes a database of its own, serves the marketplace by
gunicorn, publishes a study of that many HITs, has every place handed in (straight into the
marketplace's tables: raters over HTTP are bench/crowd.py), collects, pays, and removes it all.

Expected: at 3 calls a second nearly all time is waiting for the limit; without a limit two cores
that also serve take 60 calls a second or more; memory does not grow with the HITs.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from machine import other_load
from own_site import own_surroundings, served

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from studyapp.models import Study


class Meter:
    """Calls made and seconds waited for the limit, from the wire itself."""

    def __init__(self) -> None:
        self.calls, self.waited = 0, 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        from studyapp.recruiters.mturk.throttle import Throttle

        wait = Throttle.wait

        def timed(throttle: Throttle) -> None:
            began = time.perf_counter()
            wait(throttle)
            self.waited += time.perf_counter() - began
            self.calls += 1

        Throttle.wait = timed  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            Throttle.wait = wait  # type: ignore[method-assign]


def megabytes() -> float:
    """Memory of this process now, where Linux tells; else the most it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(what: str, work: object, *, n_hits: int) -> None:
    """Run `work(progress)` and print its line; memory is looked at on the way."""
    meter, sizes, marks = Meter(), [], {n_hits * part // 4 for part in (1, 2, 3, 4)}

    def progress(done: int, _total: int | None = None, _message: str = "") -> None:
        if done in marks:
            marks.discard(done)
            sizes.append(megabytes())

    began = time.perf_counter()
    with meter.watching():
        work(progress)  # type: ignore[operator]
    wall = time.perf_counter() - began
    print(
        f"{what:<10}{n_hits:>8} HITs{wall:>9.1f} s{meter.calls:>8} calls"
        f"{meter.calls / wall:>8.1f} a second{meter.waited / wall:>8.0%} waiting for the limit"
        f"   MB at each quarter: {' '.join(f'{size:.0f}' for size in sizes)}"
    )


def a_study(n_hits: int, *, raters: int) -> Study:
    """A live study whose every HIT has one trial; all show the one picture that is there."""
    from studyapp.models import Question, Trial
    from studyapp.pipeline.launch_study import launch_study
    from tests.factories.dataset import label_class
    from tests.factories.study import StimulusFactory, WordingFactory
    from tests.recruiting import a_draft

    study = a_draft(name="bench", images=1, trials_per_hit=1, raters_per_trial=raters, accept_at=1)
    label_class(study.image_set, index=1)
    classes = study.image_set.class_list.classes
    known = classes.count()
    classes.bulk_create(
        classes.model(
            class_list=study.image_set.class_list, index=n, wnid=f"b{n}", name=f"b{n}",
            prompt_name=f"b{n}",
        )
        for n in range(known, n_hits + known)
    )  # fmt: skip
    launch_study(study, check_funds=False)
    study.refresh_from_db()
    stimulus = StimulusFactory.create(image=study.image_set.images.get())
    wording = WordingFactory.create()
    questions = Question.objects.bulk_create(
        Question(stimulus=stimulus, label_class=one, wording=wording)
        for one in classes.order_by("-index")[:n_hits]
    )
    condition = study.conditions.get()
    Trial.objects.bulk_create(Trial(condition=condition, question=one) for one in questions)
    return study


def hand_in(n_raters: int) -> int:
    """Every place of every HIT is taken and handed in; each worker does one of each HIT."""
    from marketplace import models as offers
    from marketplace.actions.accept import accept
    from marketplace.actions.submit import submit
    from studyapp.models import HIT
    from tests.recruiting import new_workers, take_here

    workers, handed_in = new_workers(n_raters), 0
    by_id = {hit.hit_id: hit for hit in offers.HIT.objects.all()}
    for hit in HIT.objects.order_by("lot"):
        for worker in workers:
            taken = accept(worker, hit=by_id[str(hit.hit_id)])
            ours = take_here(hit, worker_id=worker.worker_id, assignment_id=taken.assignment_id)
            submit(taken.assignment_id, fields={"nonce": ours.nonce.hex})
            handed_in += 1
    return handed_in


def bench(folder: Path, *, port: int, n_hits: int, raters: int) -> None:
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings

    from marketplace.actions.enrol import deposit, find_or_create_requester
    from marketplace.credentials import write_profile
    from studyapp.models import HIT, Assignment
    from studyapp.pipeline.collect_votes import collect_votes
    from studyapp.pipeline.publish import publish
    from studyapp.vocabulary import AssignmentState, HITState

    requester = find_or_create_requester("bench")
    deposit(requester, amount=Decimal("1000000"), reference="bench")
    write_profile(settings.MARKETPLACE_CREDENTIALS, requester=requester)
    study = a_study(n_hits, raters=raters)
    limit = os.environ.get("MTURK_CALLS_PER_SECOND") or "no"
    print(f"{connection.vendor}, {n_hits} HITs for {raters} raters, {limit} calls a second at most")
    with served(folder, port=port), other_load("all of it"):
        measured("publish", lambda progress: publish(study, progress=progress), n_hits=n_hits)
        n_open = HIT.objects.filter(state=HITState.OPEN).count()
        handed_in = hand_in(raters)
        measured("collect", lambda progress: collect_votes(study, progress=progress), n_hits=n_hits)
        paid = Assignment.objects.filter(state=AssignmentState.APPROVED).count()
    print(f"HITs open {n_open} of {n_hits}; assignments paid {paid} of {handed_in}")
    if n_open != n_hits or paid != handed_in:
        raise SystemExit("HITs or assignments were lost or doubled")
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--hits", type=int, default=200)
    parser.add_argument("--raters", type=int, default=2, help="places of each HIT")
    parser.add_argument("--calls-per-second", type=float, default=0, help="0: no limit")
    given = parser.parse_args()
    with own_surroundings() as (folder, port):
        if given.calls_per_second:
            os.environ["MTURK_CALLS_PER_SECOND"] = str(given.calls_per_second)
        bench(folder, port=port, n_hits=given.hits, raters=given.raters)


if __name__ == "__main__":
    main()
