"""Two processes do the same things to the same rows at once; the database decides who was first."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal

import pytest

from marketplace import ledger
from marketplace.models import HIT, Assignment, BonusPayment, Requester
from tests.conftest import REPOSITORY
from tests.marketplace.factories import a_hit, a_requester, a_submitted, a_worker
from tests.processes import environment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N = 15
PROGRAM = """
import json, sys
from decimal import Decimal
import django
django.setup()
from marketplace.actions.accept import accept
from marketplace.actions.extend_hit import extend_hit
from marketplace.actions.review import approve, reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.errors import MarketplaceError
from marketplace.models import HIT, Assignment, Worker

worker = Worker.objects.get(worker_id=sys.argv[1])
approves = sys.argv[2] == "approves"
free = list(HIT.objects.filter(requester__name="free").order_by("pk"))
done = list(Assignment.objects.filter(status="submitted").select_related("worker").order_by("pk"))
won = {"accept": 0, "extend": 0, "bonus": 0, "review": 0}

def attempt(name, action):
    try:
        action()
        won[name] += 1
    except MarketplaceError:
        pass

def review(one):
    if approves:
        approve(one, feedback="", override_rejection=False)
    else:
        reject(one, feedback="-")

print("ready", flush=True)
sys.stdin.readline()
for hit, one in zip(free, done, strict=True):
    attempt("accept", lambda: accept(worker, hit=hit))
    attempt("extend", lambda: extend_hit(one.hit, additional=1, token=str(hit.pk)))
    attempt("bonus", lambda: send_bonus(one, worker_id=one.worker.worker_id,
            amount=Decimal("0.05"), reason="-", token=str(one.pk)))
    attempt("review", lambda: review(one))
print(json.dumps(won), flush=True)
"""


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment(),
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_everything_is_won_once_and_the_money_adds_up() -> None:
    free, lab = a_requester(), a_requester()
    Requester.objects.filter(pk=free.pk).update(name="free")
    for number in range(N):
        a_hit(free, duration_s=600 + number)
        a_submitted(a_hit(lab, duration_s=600 + number))
    workers = [a_worker().worker_id for _ in range(2)]
    processes = [_start(workers[0], "approves"), _start(workers[1], "rejects")]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdin is not None
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], said
    won = [json.loads(out) for out, _ in said]
    for name in ("accept", "extend", "bonus", "review"):
        assert won[0][name] + won[1][name] == N, (name, won)
    assert set(HIT.objects.filter(requester=lab).values_list("max_assignments", flat=True)) == {2}
    assert BonusPayment.objects.count() == N
    approved = Assignment.objects.filter(status="approved").count()
    assert approved == won[0]["review"]
    now = ledger.balance(lab)
    assert now.paid == approved * 12 + N * 6
    assert now.on_hold == N * 12
    assert now.deposited == now.available + now.on_hold + now.paid == int(Decimal("100.00") * 100)
