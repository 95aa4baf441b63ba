"""Pages by key: each begins after the last row of the one before, so nothing is told twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from studyapp.api.query import LARGEST, Whole, read_query

if TYPE_CHECKING:
    from rest_framework.views import APIView

DEFAULT_SIZE, LARGEST_SIZE = 100, 1000
T = TypeVar("T")


class PageQuery(serializers.Serializer[Any]):
    """Which page."""

    cursor = Whole(
        required=False,
        max_value=LARGEST,
        help_text="Where the page begins: take it from “next” of the page before.",
    )
    page_size = Whole(
        default=DEFAULT_SIZE, min_value=1, max_value=LARGEST_SIZE, help_text="Rows of a page."
    )


class KeyPagination(BasePagination):
    """Rising keys, or falling ones where the view says `newest_first`."""

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        if not isinstance(queryset, QuerySet):
            raise TypeError("rows that stand in no table are paged by paginate_rows")
        falling = getattr(view, "newest_first", False)
        self._begin(request)
        if self._cursor is not None:
            after = {"pk__lt" if falling else "pk__gt": self._cursor}
            queryset = queryset.filter(**after)
        rows = queryset.order_by("-pk" if falling else "pk")[: self._size + 1]
        page = self._cut(rows)
        self._last = page[-1].pk if page else None
        return page

    def paginate_rows(
        self, rows: Iterable[Mapping[str, Any]], request: Request, *, key: str
    ) -> list[Mapping[str, Any]]:
        """A page of rows that stand in no table of their own, by rising `key`."""
        self._begin(request)
        after = self._cursor if self._cursor is not None else -1
        page = self._cut(row for row in rows if row[key] > after)
        self._last = page[-1][key] if page else None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if self._more:
            here = self._request.build_absolute_uri()
            following = replace_query_param(here, "cursor", self._last)
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Address of the next page; null on the last one.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        numbers = {
            "cursor": {"type": "integer", "minimum": 0, "maximum": LARGEST},
            "page_size": {
                "type": "integer",
                "minimum": 1,
                "maximum": LARGEST_SIZE,
                "default": DEFAULT_SIZE,
            },
        }
        return [
            {
                "name": name,
                "required": False,
                "in": "query",
                "description": field.help_text,
                "schema": numbers[name],
            }
            for name, field in PageQuery().fields.items()
        ]

    def _begin(self, request: Request) -> None:
        wanted = read_query(request, query=PageQuery)
        self._request = request
        self._cursor: int | None = wanted.get("cursor")
        self._size: int = wanted["page_size"]

    def _cut(self, rows: Iterable[T]) -> list[T]:
        """The page, and whether there is another one after it."""
        page = list(islice(rows, self._size + 1))
        self._more = len(page) > self._size
        return page[: self._size]
