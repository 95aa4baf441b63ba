"""Pages of a list, as the service gives them.

Ten results unless told otherwise, a hundred at most; every page that has results also has a
NextToken, so the last thing a client sees is an empty page without one. Tokens are opaque and
signed: they open the same list of the same requester only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.core import signing
from django.db.models import Model, QuerySet

from marketplace.errors import InvalidParameterError
from marketplace.models import Requester
from marketplace.operations.parameters import Parameters, text, whole

M = TypeVar("M", bound=Model)
DEFAULT_PAGE = 10
LARGEST_PAGE = 100
_signer = signing.Signer(salt="marketplace.paging")


def page_size(parameters: Parameters) -> int:
    """MaxResults, 10 when absent."""
    return whole(parameters, "MaxResults", low=1, high=LARGEST_PAGE, default=DEFAULT_PAGE)


def position(parameters: Parameters, *, requester: Requester, listing: str) -> list[int] | None:
    """Where the page starts: the sort key of the last result seen, None at the beginning."""
    token = text(parameters, "NextToken")
    if not token:
        return None
    try:
        owner, of, key = _opened(token)
    except (signing.BadSignature, ValueError):
        raise InvalidParameterError("NextToken is not one this marketplace gave out.") from None
    if (owner, of) != (requester.pk, listing):
        raise InvalidParameterError("NextToken belongs to another list: start without it.")
    return key


def _opened(token: str) -> tuple[int, str, list[int]]:
    """The content of a token, once its signature is found right."""
    owner, listing, key = _signer.unsign_object(token)
    return int(owner), str(listing), [int(part) for part in key]


def page(
    documents: Sequence[dict[str, object]],
    *,
    name: str,
    last_key: Sequence[int],
    requester: Requester,
    listing: str,
) -> dict[str, object]:
    """The response of a list operation; `last_key` is the sort key of the last document."""
    response: dict[str, object] = {"NumResults": len(documents), name: list(documents)}
    if documents:
        content = (requester.pk, listing, list(last_key))
        response["NextToken"] = _signer.sign_object(content)
    return response


def page_by_key(
    found: QuerySet[M],
    *,
    parameters: Parameters,
    name: str,
    requester: Requester,
    listing: str,
    documents: Callable[[list[M]], list[dict[str, object]]],
) -> dict[str, object]:
    """One page of rows in the order they were made; `documents` sees the page's rows at once."""
    start = position(parameters, requester=requester, listing=listing)
    if start is not None:
        found = found.filter(pk__gt=start[0])
    rows = list(found.order_by("pk")[: page_size(parameters)])
    return page(
        documents(rows),
        name=name,
        last_key=[rows[-1].pk] if rows else [],
        requester=requester,
        listing=listing,
    )
