from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError
from django.db import connections

from marketplace.actions import qualification_types
from marketplace.actions.accept import accept
from marketplace.actions.create_hit import (
    HITTypeValues,
    HITValues,
    create_hit,
    find_or_create_hit_type,
)
from marketplace.actions.enrol import create_worker, deposit, find_or_create_requester
from marketplace.actions.submit import submit
from marketplace.errors import MarketplaceError
from marketplace.models import (
    HIT,
    Assignment,
    HITType,
    QualificationType,
    Requester,
    Requirement,
    Worker,
)
from marketplace.operations.questions import NAMESPACE

PASSWORD = "correct-horse-battery"
_numbers = itertools.count()


def a_question(url: str = "https://lab.example/task?study=7", *, height: str = "600") -> str:
    return (
        f'<ExternalQuestion xmlns="{NAMESPACE}"><ExternalURL>{escape(url)}</ExternalURL>'
        f"<FrameHeight>{height}</FrameHeight></ExternalQuestion>"
    )


def a_requester(*, deposited: str = "100.00") -> Requester:
    requester = find_or_create_requester(f"lab {next(_numbers)}")
    deposit(requester, amount=Decimal(deposited), reference="start")
    return requester


def a_worker() -> Worker:
    return create_worker(f"worker-{next(_numbers)}", password=PASSWORD)


def a_hit(
    requester: Requester,
    *,
    reward: str = "0.10",
    max_assignments: int = 1,
    lifetime_s: int = 3600,
    duration_s: int = 600,
    auto_approval_delay_s: int = 86400,
    url: str = "https://lab.example/task?study=7",
    token: str = "",
) -> HIT:
    hit_type = find_or_create_hit_type(
        requester,
        values=HITTypeValues(
            title="Is it there?",
            description="Look at pictures and answer.",
            keywords="image",
            reward=Decimal(reward),
            assignment_duration_s=duration_s,
            auto_approval_delay_s=auto_approval_delay_s,
        ),
    )
    return create_hit(
        requester,
        hit_type=hit_type,
        values=HITValues(
            question=a_question(url),
            frame_url=url,
            frame_height=600,
            max_assignments=max_assignments,
            lifetime_s=lifetime_s,
            requester_annotation="",
        ),
        token=token,
    )


def an_accepted(hit: HIT, *, worker: Worker | None = None) -> Assignment:
    return accept(worker or a_worker(), hit=hit)


def a_submitted(hit: HIT, *, worker: Worker | None = None, answer: str = "yes") -> Assignment:
    assignment = an_accepted(hit, worker=worker)
    return submit(assignment.assignment_id, fields={"trial-1": answer})


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Start all tasks at the same moment in threads; results or errors, in order."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        barrier.wait(timeout=10)
        try:
            return task()
        except (MarketplaceError, ClientError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def a_qualification_type(requester: Requester, **terms: Any) -> QualificationType:
    values: dict[str, Any] = {
        "description": "Shown that they can tell cats from dogs.",
        "active": True,
        "retry_delay_s": None,
        "test": "",
        "answer_key": "",
        "test_duration_s": None,
        "auto_granted": False,
        "auto_granted_value": 1,
    }
    return qualification_types.create(
        requester,
        name=f"qualification {next(_numbers)}",
        keywords="",
        terms=qualification_types.Terms(**values | terms),
    )


def asking(
    hit_type: HITType,
    type_id: str,
    comparator: str,
    *values: object,
    guards: str = "Accept",
) -> Requirement:
    """Let the HIT type ask for one more thing."""
    locales = [value for value in values if isinstance(value, tuple)]
    return Requirement.objects.create(
        hit_type=hit_type,
        position=hit_type.requirements.count(),
        qualification_type_id=type_id,
        comparator=comparator,
        integer_values=[value for value in values if isinstance(value, int)],
        locale_values=locales,
        actions_guarded=guards,
    )
