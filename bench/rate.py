"""Page render and vote save under load: 50 raters at once walk whole HITs over real HTTP.

Run: DATABASE_URL=postgres://root@127.0.0.1:5432/postgres python bench/rate.py [--raters 50]
[--trials 20] [--think 0 2]. It makes a database of its own beside the one named (a file of its own
on SQLite), starts gunicorn (gthread, 2 workers of 8 threads) and removes both at the end.

The first round presses without pausing, which keeps the server busy all the time and finds how many
votes a second it can take; the second takes two seconds for each answer, as quick people do, and
finds how long a rater waits. Expected on PostgreSQL with two otherwise idle cores, shared with the
50 raters themselves: at least 60 votes a second in the first round, half of the saves within 50 ms
in the second, and in both no vote lost or doubled.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from own_site import THREADS, WORKERS, own_database, served

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


@dataclass
class Measured:
    """Milliseconds by kind of request, gathered from all raters."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, *, ms: float) -> None:
        with self.lock:
            self.ms.setdefault(kind, []).append(ms)


class Rater:
    """Presses through one HIT as the page's script does: pages by GET, answers by POST."""

    def __init__(self, port: int, *, number: int, measured: Measured, think: float) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.number, self.measured, self.think = number, measured, think

    def walk(self, *, public_id: str, hit_id: str) -> int:
        """Do the whole HIT and return how many votes were taken."""
        visit = {
            "assignmentId": f"3BENCH{self.number:06d}",
            "hitId": hit_id,
            "workerId": f"ABENCH{self.number:06d}",
        }
        welcome = self._get("welcome page", f"/rate/{public_id}/?{urlencode(visit)}")
        begin = {"token": _hidden(welcome, name="token")}
        _, address = self._post("begin", f"/rate/{public_id}/begin/", begin)
        page = self._get("trial page", address)
        data = json.loads(unescape(_between(page, 'type="application/json">', "</script>")))
        first = data["trials"][0]
        self._events(data, [["shown", first["trial"], 0.0]])
        for at, trial in enumerate(data["trials"]):
            self._get("picture", trial["image"])
            time.sleep(self.think)
            self._answer(data, at=at)
        end = self._get("end page", data["workUrl"])
        return int(_hidden(end, name="answers"))

    def _answer(self, data: dict, *, at: int) -> None:  # type: ignore[type-arg]
        trial = data["trials"][at]["trial"]
        after = data["trials"][at + 1 : at + 2]
        events = [[kind, trial, at * 10.0] for kind in ("loaded", "first_input", "answered")]
        events += [["shown", following["trial"], at * 10.0 + 1] for following in after]
        fields = {
            "token": data["token"],
            "via": "script",
            "trial": trial,
            "sequence": 0,
            "answer": ("yes", "no", "unsure")[(self.number + at) % 3],
            "events": json.dumps(events),
            "active_ms": 5,
        }
        self._post("vote", data["answerUrl"], fields)
        if at % 7 == 0:  # now and then the answer got lost and the page sends it again
            self._post("vote again", data["answerUrl"], fields)

    def _events(self, data: dict, events: list) -> None:  # type: ignore[type-arg]
        fields = {"token": data["token"], "via": "script", "events": json.dumps(events)}
        self._post("events", data["eventsUrl"], fields)

    def _get(self, kind: str, address: str) -> str:
        return self._timed(kind, "GET", address)[0]

    def _post(self, kind: str, address: str, fields: dict) -> tuple[str, str]:  # type: ignore[type-arg]
        return self._timed(kind, "POST", address, body=urlencode(fields))

    def _timed(
        self, kind: str, method: str, address: str, *, body: str | None = None
    ) -> tuple[str, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        began = time.perf_counter()
        self.connection.request(method, address, body=body, headers=headers)
        response = self.connection.getresponse()
        content = response.read()
        self.measured.add(kind, ms=(time.perf_counter() - began) * 1000)
        if response.status not in (200, 303):
            raise SystemExit(f"{method} {urlsplit(address).path} answered {response.status}")
        return content.decode(errors="replace"), response.headers.get("Location", "")


def _between(text: str, start: str, stop: str) -> str:
    return text.split(start, 1)[1].split(stop, 1)[0]


def _hidden(page: str, *, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise SystemExit(f"the page has no field {name}: {page[-600:]}")
    return unescape(found[1])


def make_hits(*, n_hits: int, n_trials: int) -> list[tuple[str, str]]:
    """Open HITs of a live study: (public id, HIT id) of each."""
    from studyapp.vocabulary import HITState, StudyState
    from tests.factories.crowd import HITFactory
    from tests.factories.study import StudyFactory

    study = StudyFactory.create(state=StudyState.LIVE, trials_per_hit=n_trials)
    hits = [
        HITFactory.create(
            study=study, with_trials=n_trials, state=HITState.OPEN, hit_id=f"3BENCH{study.pk}X{lot}"
        )
        for lot in range(n_hits)
    ]
    return [(str(hit.public_id), str(hit.hit_id)) for hit in hits]


def report(measured: Measured, *, seconds: float, n_votes: int) -> None:
    print(f"{'request':<14}{'count':>7}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}  ms")
    for kind, values in measured.ms.items():
        cuts = statistics.quantiles(values, n=100) if len(values) > 1 else values * 99
        figures = "".join(f"{value:8.1f}" for value in (cuts[49], cuts[89], cuts[98], max(values)))
        print(f"{kind:<14}{len(values):>7}{figures}")
    requests = sum(len(values) for values in measured.ms.values())
    print(
        f"{n_votes} votes in {seconds:.1f} s: {n_votes / seconds:.0f} votes/s, "
        f"{requests / seconds:.0f} requests/s"
    )


def check(*, expected: int, said: int, before: int) -> None:
    """No vote lost, none doubled, as the tables see it."""
    from django.db.models import Count

    from studyapp.models import Assignment, Vote

    stored = Vote.objects.count() - before
    doubled = Vote.objects.values("assignment", "trial").annotate(n=Count("pk")).filter(n__gt=1)
    unfinished = Assignment.objects.exclude(state="finished").count()
    print(
        f"votes expected {expected}, stored {stored}, doubled {doubled.count()}, "
        f"counted on the end pages {said}, unfinished assignments {unfinished}"
    )
    if not (stored == expected == said) or doubled.exists() or unfinished:
        raise SystemExit("votes were lost or doubled")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--raters", type=int, default=50)
    parser.add_argument("--trials", type=int, default=20, help="trials of each HIT")
    parser.add_argument(
        "--think", type=float, nargs="+", default=[0.0, 2.0], help="seconds per answer, per round"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quorum-bench-") as name:
        folder = Path(name)
        with own_database(folder) as address:
            os.environ.update(
                DATABASE_URL=address,
                QUORUM_VAR=str(folder),
                JOB_SEND="0",
                DJANGO_SETTINGS_MODULE="studyapp.settings",
            )
            bench(folder, n_raters=given.raters, n_trials=given.trials, think=given.think)


def bench(folder: Path, *, n_raters: int, n_trials: int, think: list[float]) -> None:
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    print(
        f"{connection.vendor}: {n_raters} raters at once, {n_trials} trials each, "
        f"gunicorn {WORKERS} x {THREADS} threads"
    )
    with served(folder) as port:
        for pause in think:
            print(f"\n{pause:g} s before each answer")
            run_round(port, n_raters=n_raters, n_trials=n_trials, think=pause)
    connection.close()


def run_round(port: int, *, n_raters: int, n_trials: int, think: float) -> None:
    """Every rater does one HIT, five raters on each; then figures and the check."""
    from studyapp.models import Vote

    before = Vote.objects.count()
    hits = make_hits(n_hits=-(-n_raters // 5), n_trials=n_trials)
    measured = Measured()
    raters = [Rater(port, number=n, measured=measured, think=think) for n in range(n_raters)]
    began = time.perf_counter()
    with ThreadPoolExecutor(n_raters) as pool:
        walks = []
        for at, rater in enumerate(raters):
            public_id, hit_id = hits[at % len(hits)]
            walks.append(pool.submit(rater.walk, public_id=public_id, hit_id=hit_id))
        said = sum(walk.result() for walk in walks)
    seconds = time.perf_counter() - began
    report(measured, seconds=seconds, n_votes=n_raters * n_trials)
    check(expected=n_raters * n_trials, said=said, before=before)


if __name__ == "__main__":
    main()
