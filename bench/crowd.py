"""A crowd over real HTTP, some of it odd: every submission must be accounted for.

Run: DATABASE_URL=postgres://root@127.0.0.1:5432/postgres python bench/crowd.py
[--hits 20] [--raters 5] [--at-once 8] [--trials 2]. The whole measurement is `--hits 1000` and
`--hits 1 --raters 250`. It makes a database of its own and serves marketplace and rater pages by
gunicorn. Simulated raters sign in, accept, answer and hand in; of their tasks 10 % are given back
after an answer, 5 % are handed in after the deadline, 3 % twice, the second time with other fields,
and 2 % with a proof that is none. Then everything is collected, and what the marketplace took,
what the raters did and what the study's tables say are compared, one by one.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from machine import other_load
from own_site import own_surroundings, served

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from marketplace.errors import RobotError
from marketplace.robots.crowd import run_crowd
from marketplace.robots.pages import Form, Page
from marketplace.robots.raters import Hasty
from marketplace.robots.robot import NotForMeError, Robot, RobotResult

if TYPE_CHECKING:
    from studyapp.models import Study

PASSWORD = "correct-horse-battery"  # noqa: S105 - of accounts that live for minutes
ODD = (("returned", 0.10), ("late", 0.05), ("doubled", 0.03), ("forged", 0.02))
#: As many as the model takes; a HIT for more is extended after it is out.
MOST_AT_FIRST = 99


class Tally:
    """What the raters did, as they know it themselves."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, what: str) -> None:
        with self._lock:
            self.done[what] += 1


def draw(chance: random.Random) -> str:
    """How a rater treats one task."""
    at = chance.random()
    for what, share in ODD:
        if at < share:
            return what
        at -= share
    return "plain"


class Odd(Robot):
    """Mostly plain; what it does otherwise it tells the tally."""

    def __init__(self, tally: Tally, *, number: int, url: str, most_hits: int) -> None:
        super().__init__(
            f"odd-{number}", password=PASSWORD, marketplace_url=url, rater=Hasty(), seed=number
        )
        self._tally, self._most = tally, most_hits
        self._how, self._answered = "plain", 0

    def _wants_more(self) -> bool:
        taken = self.result.n_submitted + self.result.n_returned
        return not self.result.problems and taken < self._most

    def _do(self, frame_url: str) -> None:
        self._how, self._answered = draw(self._chance), 0
        super()._do(frame_url)

    def _send_answer(self, trial: Form, *, page: Page) -> Page:
        if self._how == "returned" and self._answered == 1:
            # A page that says so is how a robot comes to return a task.
            raise NotForMeError("had enough")
        self._answered += 1
        return super()._send_answer(trial, page=page)

    def _hand_in(self, form: Form, *, page: Page) -> None:
        if self._how == "returned":
            raise NotForMeError("had enough")
        if self._how == "late":
            self._hand_in_late(form, page=page)
        if self._how == "forged":
            forged = [(n, "0" * 32 if n == "nonce" else v) for n, v in form.fields]
            form = Form(form.action, form.method, form.kind, forged, form.buttons)
        super()._hand_in(form, page=page)
        if self._how == "doubled":
            again = [*form.fields, ("more", "words")]
            other = Form(form.action, form.method, form.kind, again, form.buttons)
            if "submitted" in self._frame.submit(other, values={}, referer=page.url).marks:
                raise RobotError("the marketplace took other answers to the same task")
        self._tally.add(self._how)

    def _hand_in_late(self, form: Form, *, page: Page) -> NoReturn:
        from marketplace.models import Assignment

        held = Assignment.objects.get(assignment_id=dict(form.fields)["assignmentId"])
        held.deadline = held.accepted_at + timedelta(milliseconds=1)
        held.save(update_fields=["deadline"])
        try:
            super()._hand_in(form, page=page)
        except RobotError:
            self._tally.add("late")
            raise NotForMeError("too late") from None
        raise RobotError("the marketplace took a submission after its deadline")

    def _give_back(self, page: Page) -> bool:
        if self._how == "returned":
            self._tally.add("returned")
        super()._give_back(page)
        return True


def make_workers(n: int) -> None:
    """Accounts that share one hash of one password: hashing is not what is measured."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.utils import timezone

    from marketplace.models import Worker

    password = make_password(PASSWORD)
    for number in range(n):
        user = User.objects.create(username=f"odd-{number}", password=password)
        Worker.objects.create(user=user, created_at=timezone.now())


def accounted(tally: Tally, *, study: Study) -> dict[str, tuple[int, int, int]]:
    """For each kind: as the raters, the marketplace and the study have it."""
    from django.utils import timezone

    from marketplace import models as offers
    from marketplace.vocabulary import AssignmentStatus
    from studyapp.selectors.collection import collection

    over_there: Counter[str] = Counter(offers.Assignment.objects.values_list("status", flat=True))
    here = collection(study, now=timezone.now() + timedelta(days=1))
    done = tally.done
    proven = done["plain"] + done["doubled"]
    submitted = over_there[AssignmentStatus.APPROVED]
    return {
        "handed in with proof": (proven, submitted - here.unproven, here.paid),
        "forged": (done["forged"], submitted - proven, here.unproven),
        "after the deadline": (
            done["late"],
            over_there[AssignmentStatus.ABANDONED],
            here.never_confirmed,
        ),
        "given back": (done["returned"], over_there[AssignmentStatus.RETURNED], here.left),
    }


def a_published_study(given: argparse.Namespace) -> Study:
    from django.conf import settings

    from marketplace.actions.enrol import deposit, find_or_create_requester
    from marketplace.credentials import write_profile
    from studyapp.pipeline.extend_study import extend_study
    from studyapp.pipeline.publish import publish
    from tests.recruiting import a_live_study

    requester = find_or_create_requester("bench")
    deposit(requester, amount=Decimal("1000000"), reference="bench")
    write_profile(settings.MARKETPLACE_CREDENTIALS, requester=requester)
    first = min(given.raters, MOST_AT_FIRST)
    study = a_live_study(
        name="bench",
        images=given.hits * given.trials,
        trials_per_hit=given.trials,
        raters_per_trial=first,
        accept_at=1,
    )
    publish(study)
    if given.raters > first:
        extend_study(study, raters=given.raters)
    return study


def bench(folder: Path, *, port: int, given: argparse.Namespace) -> None:
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from studyapp.pipeline.collect_votes import collect_votes

    places = given.hits * given.raters
    # A place that is given back or runs late is taken by somebody else.
    n_robots = max(given.raters + given.raters // 2 + 3, given.at_once)
    make_workers(n_robots)
    tally = Tally()
    with served(folder, port=port), other_load("all of it"):
        study = a_published_study(given)
        url, most = f"http://127.0.0.1:{port}", -(-places * 2 // n_robots) + given.hits
        robots = [Odd(tally, number=n, url=url, most_hits=most) for n in range(n_robots)]
        began = time.perf_counter()
        results = run_crowd(robots, at_once=given.at_once)
        crowd_s = time.perf_counter() - began
        began = time.perf_counter()
        summary, again = collect_votes(study), collect_votes(study)
        collect_s = time.perf_counter() - began
    answers = sum(result.n_answers for result in results)
    print(
        f"{connection.vendor}: {given.hits} HITs for {given.raters} raters, {n_robots} robots, "
        f"{given.at_once} at once\nraters: {crowd_s:.1f} s, {answers / crowd_s:.1f} answers a "
        f"second\ncollected twice in {collect_s:.1f} s: {summary.submissions} submissions, "
        f"{summary.confirmed} confirmed, {summary.approved} paid; the second time "
        f"{again.confirmed} and {again.approved}"
    )
    compare(tally, study=study, results=results)
    connection.close()


def compare(tally: Tally, *, study: Study, results: list[RobotResult]) -> None:
    """Print the three sides; end with an error where they differ."""
    from studyapp.models import HIT

    table = accounted(tally, study=study)
    print(f"{'':<24}{'raters':>9}{'over there':>12}{'here':>9}")
    for name, row in table.items():
        print(f"{name:<24}{row[0]:>9}{row[1]:>12}{row[2]:>9}")
    problems = [problem for result in results for problem in result.problems]
    for problem in problems[:5]:
        print(f"problem: {problem}")
    handed_in = table["handed in with proof"][0] + table["forged"][0]
    places = sum(HIT.objects.values_list("raters", flat=True))
    print(f"places {places}, handed in {handed_in}, free {places - handed_in}")
    if problems or any(len(set(row)) != 1 for row in table.values()):
        raise SystemExit("something is not accounted for")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--hits", type=int, default=20)
    parser.add_argument("--raters", type=int, default=5, help="places of each HIT")
    parser.add_argument("--trials", type=int, default=2, help="trials of each HIT")
    parser.add_argument("--at-once", type=int, default=8, help="raters at work at a time")
    given = parser.parse_args()
    if given.trials < 2:
        parser.error("with one trial, work given back looks like work handed in late: give 2")
    with own_surroundings() as (folder, port):
        bench(folder, port=port, given=given)


if __name__ == "__main__":
    main()
