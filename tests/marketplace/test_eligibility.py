from __future__ import annotations

import pytest

from marketplace import builtin
from marketplace.actions.accept import accept
from marketplace.actions.block import block, lift_block
from marketplace.actions.grant import grant, revoke
from marketplace.actions.review import approve, reject
from marketplace.eligibility import may_accept, may_discover, may_preview, shown
from marketplace.errors import WorkRefusedError
from marketplace.models import HITType, Requester, Requirement, Worker
from marketplace.standing import Standing, meets
from tests.marketplace.factories import (
    a_hit,
    a_qualification_type,
    a_requester,
    a_submitted,
    a_worker,
    asking,
    at_once,
)

DE, US, CA, NY = ("DE", ""), ("US", ""), ("US", "CA"), ("US", "NY")


@pytest.fixture
def hit_type(requester: Requester) -> HITType:
    return a_hit(requester).hit_type


def _meets(type_id: str, comparator: str, *values: object, worker: Worker) -> bool:
    need = Requirement(
        qualification_type_id=type_id,
        comparator=comparator,
        integer_values=[value for value in values if isinstance(value, int)],
        locale_values=[value for value in values if isinstance(value, tuple)],
    )
    return meets(need, standing=Standing(worker))


@pytest.mark.parametrize(
    ("comparator", "values", "met"),
    [
        ("LessThan", (5,), False),
        ("LessThan", (6,), True),
        ("LessThanOrEqualTo", (5,), True),
        ("LessThanOrEqualTo", (4,), False),
        ("GreaterThan", (5,), False),
        ("GreaterThan", (4,), True),
        ("GreaterThanOrEqualTo", (5,), True),
        ("GreaterThanOrEqualTo", (6,), False),
        ("EqualTo", (5,), True),
        ("EqualTo", (4,), False),
        ("NotEqualTo", (5,), False),
        ("NotEqualTo", (4,), True),
        ("In", (4, 5), True),
        ("In", (4, 6), False),
        ("NotIn", (4, 5), False),
        ("NotIn", (4, 6), True),
        ("Exists", (), True),
        ("DoesNotExist", (), False),
    ],
)
def test_a_value_of_five_and_none(
    requester: Requester, comparator: str, values: tuple[int, ...], met: bool
) -> None:
    kind, worker = a_qualification_type(requester), a_worker()
    type_id = kind.qualification_type_id
    # Without the qualification nothing is met but its absence.
    assert _meets(type_id, comparator, *values, worker=worker) is (comparator == "DoesNotExist")
    grant(kind, worker=worker, value=5, notify=False)
    assert _meets(type_id, comparator, *values, worker=worker) is met
    revoke(kind, worker=worker, reason="")
    assert _meets(type_id, comparator, *values, worker=worker) is (comparator == "DoesNotExist")


@pytest.mark.parametrize(
    ("comparator", "locales", "german", "californian", "unknown"),
    [
        ("EqualTo", (DE,), True, False, False),
        ("NotEqualTo", (DE,), False, True, False),
        ("In", (DE, NY), True, False, False),
        ("In", (US,), False, True, False),
        ("In", (CA,), False, True, False),
        ("NotIn", (CA,), True, False, False),
        ("NotIn", (NY,), True, True, False),
        ("Exists", (), True, True, False),
        ("DoesNotExist", (), False, False, True),
    ],
)
def test_places(
    comparator: str,
    locales: tuple[tuple[str, str], ...],
    german: bool,
    californian: bool,
    unknown: bool,
) -> None:
    people = (Worker(country="DE"), Worker(country="US", subdivision="CA"), Worker())
    assert [_meets(builtin.LOCALE, comparator, *locales, worker=one) for one in people] == [
        german,
        californian,
        unknown,
    ]


def test_built_in_marks(db: None) -> None:
    worker = a_worker()
    for type_id, field in (
        (builtin.MASTERS_PRODUCTION, "masters"),
        (builtin.MASTERS_SANDBOX, "masters"),
        (builtin.ADULT, "adult_content"),
    ):
        setattr(worker, field, False)
        assert not _meets(type_id, "Exists", worker=worker)
        setattr(worker, field, True)
        assert _meets(type_id, "EqualTo", 1, worker=worker)


def test_shares_and_numbers_of_approved_work(
    requester: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = a_worker()
    for number in range(4):
        done = a_submitted(a_hit(requester, duration_s=600 + number), worker=worker)
        if number < 2:
            approve(done, feedback="", override_rejection=False)
        elif number == 2:
            reject(done, feedback="-")
    standing = Standing(worker)
    assert (standing.number_approved, standing.percent_approved) == (2, 100)
    monkeypatch.setattr("marketplace.standing.FEW_SUBMISSIONS", 4)
    # Two of three reviewed; the one that waits says nothing yet.
    assert Standing(worker).percent_approved == 66
    assert Standing(a_worker()).percent_approved == 100


@pytest.mark.parametrize(
    ("guards", "discover", "preview"),
    [
        ("Accept", True, True),
        ("PreviewAndAccept", True, False),
        ("DiscoverPreviewAndAccept", False, False),
    ],
)
def test_what_is_guarded(hit_type: HITType, guards: str, discover: bool, preview: bool) -> None:
    asking(hit_type, builtin.ADULT, "EqualTo", 1, guards=guards)
    worker = a_worker()
    standing = Standing(worker)
    assert may_discover(hit_type, standing=standing) is discover
    assert may_preview(hit_type, standing=standing) is preview
    assert may_accept(hit_type, standing=standing) is False
    with pytest.raises(WorkRefusedError, match="adult content") as refused:
        accept(worker, hit=hit_type.hits.get())
    assert refused.value.reason == "unqualified"
    worker.adult_content = True
    assert all(
        may(hit_type, standing=Standing(worker)) for may in (may_discover, may_preview, may_accept)
    )
    assert accept(worker, hit=hit_type.hits.get()).worker == worker


def test_a_block_and_a_closed_account(hit_type: HITType) -> None:
    worker = a_worker()
    block(hit_type.requester, worker=worker, reason="-")
    assert not may_discover(hit_type, standing=Standing(worker))
    assert not may_preview(hit_type, standing=Standing(worker))
    with pytest.raises(WorkRefusedError) as refused:
        accept(worker, hit=hit_type.hits.get())
    assert refused.value.reason == "blocked"
    lift_block(hit_type.requester, worker=worker, reason="")
    assert may_accept(hit_type, standing=Standing(worker))
    worker.active = False
    with pytest.raises(WorkRefusedError) as refused:
        accept(worker, hit=hit_type.hits.get())
    assert refused.value.reason == "inactive"


def test_words_for_the_worker(hit_type: HITType) -> None:
    kind = a_qualification_type(hit_type.requester)
    asking(hit_type, kind.qualification_type_id, "GreaterThan", 80)
    asking(hit_type, builtin.LOCALE, "In", DE, CA)
    asking(hit_type, builtin.MASTERS_PRODUCTION, "DoesNotExist")
    lines = shown(hit_type, standing=Standing(a_worker()))
    assert [(line.name, line.wanted, line.met) for line in lines] == [
        (kind.name, "above 80", False),
        ("Where you are", "one of DE, US-CA", False),
        ("Masters", "only for those without it", True),
    ]
    assert lines[0].qualification_type == kind


@pytest.mark.django_db(transaction=True)
def test_a_grant_taken_back_and_an_acceptance_at_once() -> None:
    requester = a_requester()
    hit = a_hit(requester)
    kind, worker = a_qualification_type(requester), a_worker()
    asking(hit.hit_type, kind.qualification_type_id, "Exists")
    grant(kind, worker=worker, value=1, notify=False)
    results = at_once(
        lambda: accept(worker, hit=hit), lambda: revoke(kind, worker=worker, reason="")
    )
    assert results[1] is None
    # Whichever came first: afterwards nobody can accept.
    with pytest.raises(WorkRefusedError):
        accept(worker, hit=a_hit(requester))
