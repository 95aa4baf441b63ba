"""Who takes part by link, by their place and state: no names, unless the list is asked for."""

from __future__ import annotations

import io

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.admin.visible import study_to_change
from studyapp.exports.panel_list import write_panel_list
from studyapp.models import HIT, LinkPlace
from studyapp.selectors.studies import visible_studies
from studyapp.vocabulary import Environment


@admin.register(LinkPlace)
class LinkPlaceAdmin(ReadOnlyAdmin[LinkPlace]):
    list_display = ["rater", "study", "lot", "state", "taken_at", "deadline", "handed_in_at"]
    list_filter = ["state"]
    list_select_related = ["rater"]
    # Neither the code nor what stands for the place: both are the participant's alone.
    fields = ["rater", "study", "lot", "state", "taken_at", "deadline", "handed_in_at", "reason"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkPlace]:
        hits = HIT.objects.filter(study__in=visible_studies(request.user))
        mine = hits.filter(request_token=OuterRef("lot__token"))
        rows = super().get_queryset(request).filter(lot__token__in=hits.values("request_token"))
        return rows.annotate(
            study_name=Subquery(mine.values("study__name")[:1]),
            lot_number=Subquery(mine.values("lot")[:1]),
        )

    @admin.display(ordering="study_name")
    def study(self, place: LinkPlace) -> str:
        return str(getattr(place, "study_name", ""))

    @admin.display(ordering="lot_number")
    def lot(self, place: LinkPlace) -> str:
        return str(getattr(place, "lot_number", ""))

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "list/<int:pk>/", self.admin_site.admin_view(panel_list), name="studyapp_panel_list"
        )
        return [own, *super().get_urls()]


@require_safe
def panel_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The list a panel is paid by; `?bonuses=1` the bonuses alone. It names people."""
    study, user = study_to_change(request, pk)
    if not user.has_perm("studyapp.view_rateridentity"):
        raise PermissionDenied
    if study.environment != Environment.LINK:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.name}-panel.csv"'
    response.headers["Cache-Control"] = "no-store"
    text = io.StringIO()
    bonuses = request.GET.get("bonuses") == "1"
    write_panel_list(study, file=text, bonuses=bonuses, actor=user)
    response.write(text.getvalue())
    return response
