"""What every view of the API shares: scopes, bounds, and no parameter it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from studyapp.api.pagination import KeyPagination, PageQuery
from studyapp.api.parsers import refuse_large
from studyapp.api.permissions import reading_as
from studyapp.api.query import refuse_unusable
from studyapp.models import Study
from studyapp.selectors.studies import get_study
from studyapp.vocabulary import Scope

READING: Mapping[str, Scope] = {"GET": Scope.READ}


class ApiView(GenericAPIView[Any]):
    """A view of the API. The keys of `scopes` are its methods."""

    scopes: ClassVar[Mapping[str, Scope]] = READING
    #: Methods that read or write a whole study.
    heavy: ClassVar[frozenset[str]] = frozenset()
    #: Parameters of the address besides filters and pages.
    parameters: ClassVar[tuple[str, ...]] = ()
    #: What a body has at most.
    most_bytes: ClassVar[str] = "API_MAX_JSON_BYTES"
    newest_first: ClassVar[bool] = False
    pagination_class: type[KeyPagination] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_large(request, most=getattr(settings, self.most_bytes))
        refuse_unusable(request, known=self._known())

    @property
    def allowed_methods(self) -> list[str]:
        """For the header Allow."""
        return sorted({*self.scopes, *({"HEAD"} if "GET" in self.scopes else ())})

    def study(self) -> Study:
        """The study of the address, or a 404 that does not tell whether it exists."""
        return get_study(self.request.user, name=self.kwargs["name"])

    def _known(self) -> set[str]:
        if reading_as(self.request.method) != "GET":
            return set()
        known = set(self.parameters)
        if self.pagination_class is not None:
            known |= set(PageQuery().fields)
        if filterset := getattr(self, "filterset_class", None):
            known |= set(filterset.base_filters)
        return known


class PagedView(ApiView):
    """A view whose GET is a list, a page at a time."""

    pagination_class = KeyPagination

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self._pages = KeyPagination()
        super().initial(request, *args, **kwargs)

    @property
    def pages(self) -> KeyPagination:
        """The pages of this request."""
        return self._pages
