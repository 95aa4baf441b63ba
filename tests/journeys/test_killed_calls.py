"""kill -9 in every call about pay and the end of lots; a day later the same is given again."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from marketplace import ledger
from marketplace import models as offers
from studyapp.models import HIT, IntendedCall
from studyapp.vocabulary import CallState, HITState
from tests.faulty_proxy import Answer, FaultyProxy
from tests.journeys.test_fault_matrix import (
    Matrix,
    a_study,
    assert_money_adds_up,
    handed_in,
    matrix,
)
from tests.processes import Process, started
from tests.recruiting import Site

__all__ = ["matrix"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = [
    ("SendBonus", ["bonus", "killed", "{work}", "0.50", "--reason", "Thank you."]),
    ("ApproveAssignment", ["review", "killed", "--approve", "{work}"]),
    (
        "RejectAssignment",
        ["review", "killed", "--reject", "{work}", "--reason", "No.", "--by", "ada", "--confirm"],
    ),
    ("CreateAdditionalAssignmentsForHIT", ["extend", "killed", "--raters", "4"]),
]


@pytest.mark.parametrize(("operation", "command"), KILLS, ids=[kill[0] for kill in KILLS])
def test_killed_in_the_call(
    operation: str, command: list[str], site: Site, matrix: Matrix, proxy: FaultyProxy
) -> None:
    study = a_study(raters_per_trial=3, name="killed")
    User.objects.create(username="ada")
    work = str(handed_in(study, n=1)[0])
    command = [word.format(work=work) for word in command]
    _killed_and_given_again(operation, command, matrix=matrix, proxy=proxy)
    (offered,) = site.offered()
    assert offered.max_assignments == (4 if command[0] == "extend" else 3)
    assert offers.BonusPayment.objects.count() == (command[0] == "bonus")
    status = {"ApproveAssignment": "approved", "RejectAssignment": "rejected"}
    assert offers.Assignment.objects.get().status == status.get(operation, "submitted")
    assert_money_adds_up(site, study)
    if operation == "RejectAssignment":
        back = ["review", "killed", "--approve", work, "--override"]
        _killed_and_given_again("ApproveAssignment", back, matrix=matrix, proxy=proxy)
        assert offers.Assignment.objects.get().status == "approved"
        assert_money_adds_up(site, study)


def test_killed_where_lots_end(site: Site, matrix: Matrix, proxy: FaultyProxy) -> None:
    study = a_study(raters_per_trial=2, name="killed")
    until = "UpdateExpirationForHIT"
    steps = [
        (until, ["stop", "killed"], 0),
        (until, ["extend", "killed", "--days", "60"], 24),
        (until, ["close", "killed"], 0),
        ("DeleteHIT", ["dispose", "killed"], 0),
    ]
    for operation, command, held in steps:
        _killed_and_given_again(operation, command, matrix=matrix, proxy=proxy)
        assert_money_adds_up(site, study)
        assert ledger.balance(site.requester).on_hold == held
    assert HIT.objects.get().state == HITState.DISPOSED
    assert len(site.offered()) == 1


def _killed_and_given_again(
    operation: str, command: list[str], *, matrix: Matrix, proxy: FaultyProxy
) -> None:
    """Killed before the work, and again after it; then, a day and an hour later, run twice."""
    calls = IntendedCall.objects.count()
    for after in (False, True):
        _kill(proxy, operation, command, after=after)
    matrix.moves_clock()
    call_command(*command, stdout=StringIO())
    assert IntendedCall.objects.count() == calls + 1
    # So many days from now are a little more the next time; nothing else is a call of its own.
    call_command(*command, stdout=StringIO())
    assert IntendedCall.objects.count() == calls + 1 + ("--days" in command)
    assert set(IntendedCall.objects.values_list("state", flat=True)) == {CallState.DONE}


def _kill(proxy: FaultyProxy, operation: str, command: list[str], *, after: bool) -> None:
    """Run the command and kill it in the call, before or after its work."""
    victim: list[Process] = []

    def kill(forward: Callable[[], Answer]) -> None:
        if after:
            forward()
        victim[0].kill()
        victim[0].wait()

    proxy.plan(operation, kill)
    with started(*command) as process:
        victim.append(process)
        process.wait(timeout=120)
        assert process.returncode == -9
