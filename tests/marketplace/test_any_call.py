"""Whatever a requester sends is answered in the protocol's words, and never breaks anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StructureShape
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace import ledger
from marketplace.actions.request_qualification import request_qualification
from marketplace.builtin import LOCALE, PERCENT_APPROVED
from marketplace.operations import OPERATIONS
from marketplace.protocol.service_model import service_model
from marketplace.protocol.shapes import checked_parameters
from tests.marketplace.conftest import Wire
from tests.marketplace.exams import a_form, a_key
from tests.marketplace.factories import (
    a_hit,
    a_qualification_type,
    a_question,
    a_requester,
    a_submitted,
    a_worker,
    an_accepted,
)

_WORDS = st.text(max_size=12) | st.sampled_from(["", " ", "0.05", "2014-08-15", "x" * 2_100])


def _strings(name: str, shape: Shape, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    if "enum" in shape.metadata:
        return st.sampled_from([*shape.metadata["enum"], "Nothing"])
    if name in known:
        return st.sampled_from(known[name]) | st.just("3NOSUCH")
    if name in {"Reward", "BonusAmount"}:
        return st.sampled_from(["0.01", "0.10", "5", "99999", "0"])
    return _WORDS


def _of(name: str, shape: Shape, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Values of a shape, mostly of its type and sometimes within its rules."""
    if isinstance(shape, StructureShape):
        members = {key: _of(key, one, known) for key, one in shape.members.items()}
        needed = {key: members.pop(key) for key in list(members) if key in shape.required_members}
        return st.fixed_dictionaries(needed, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(_of(name.removesuffix("s"), shape.member, known), max_size=3)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.sampled_from([0, 1, 2, 9, 100, -1, 2**31 - 1, 2**31]),
        "long": st.sampled_from([0, 30, 60, 3600, -1, 2**31, 2**62]),
        "boolean": st.booleans(),
        "timestamp": st.sampled_from([0, 1e9, 4e9, 1e300, -1]),
    }
    if shape.type_name in kinds:
        return kinds[shape.type_name]
    return _strings(name, shape, known)


@pytest.fixture
def known(wire: Wire) -> dict[str, list[str]]:
    """Values that name something of the requester's, or of somebody else's."""
    requester = wire.requester
    hits = [a_hit(requester, max_assignments=3, duration_s=60 + n) for n in range(4)]
    done, held = [a_submitted(hit) for hit in hits], an_accepted(hits[0])
    kind = a_qualification_type(requester)
    request = request_qualification(kind, worker=a_worker())
    return {
        "HITId": [*(hit.hit_id for hit in hits), a_hit(a_requester()).hit_id],
        "HITTypeId": [hit.hit_type.hit_type_id for hit in hits],
        "AssignmentId": [one.assignment_id for one in (*done, held)],
        "WorkerId": [done[0].worker.worker_id, "ANOBODY"],
        "QualificationTypeId": [kind.qualification_type_id, LOCALE, PERCENT_APPROVED],
        "QualificationRequestId": [request.request_id],
        "Question": [a_question(), a_form()],
        "Test": [a_form()],
        "AnswerKey": [a_key()],
        "Country": ["DE", "US", "de"],
        "Destination": ["http://127.0.0.1:9/", "https://evil.example/", "arn:aws:sns:x"],
        "UniqueRequestToken": ["t1", "t2"],
    }


@pytest.mark.slow
@settings(
    max_examples=250,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), operation=st.sampled_from(sorted(OPERATIONS)))
def test_it_is_answered(
    wire: Wire, known: dict[str, list[str]], operation: str, data: st.DataObject
) -> None:
    model = service_model().operation_model(operation)
    assert model.input_shape is not None
    parameters = data.draw(_of("", model.input_shape, known))
    with override_settings(MARKETPLACE_SINK_HOSTS=["127.0.0.1:9"]):
        status, answer = wire.call(operation, **parameters)
    if status == 200:
        if model.output_shape is not None:
            checked_parameters(answer, shape=model.output_shape)
    else:
        assert status == 400, (answer, json.dumps(parameters)[:500])
        assert answer["__type"] in {"RequestError", "SerializationException"}
    now = ledger.balance(wire.requester)
    assert now.deposited == now.available + now.on_hold + now.paid
