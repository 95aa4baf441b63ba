"""Addresses of the marketplace."""

from __future__ import annotations

from django.urls import path, register_converter

from marketplace.endpoint import endpoint
from marketplace.ids import ENTITY_ID
from marketplace.worker_site import (
    account,
    board,
    earnings,
    external_submit,
    personal,
    qualifications,
    questions,
    work,
)


class EntityIdConverter:
    """Ids of the protocol; other text is no address of ours."""

    regex = ENTITY_ID.pattern

    def to_python(self, value: str) -> str:
        """The id as it is."""
        return value

    def to_url(self, value: str) -> str:
        """The id as it is."""
        return value


register_converter(EntityIdConverter, "entity")

app_name = "marketplace"
urlpatterns = [
    # Clients differ in whether they keep the slash an endpoint address ends with.
    path("marketplace/api/", endpoint, name="api"),
    path("marketplace/api", endpoint),
    path("mturk/externalSubmit", external_submit.external_submit, name="external_submit"),
    path("marketplace/", board.board, name="board"),
    path("marketplace/history/", earnings.history, name="history"),
    path("marketplace/messages/", personal.inbox, name="messages"),
    path("marketplace/messages/read", personal.mark_read, name="mark_read"),
    path("marketplace/account/", personal.profile, name="profile"),
    path("marketplace/account/password", account.password, name="password"),
    path("marketplace/qualifications/", qualifications.held, name="qualifications"),
    path("marketplace/qualifications/<entity:type_id>/", qualifications.one, name="qualification"),
    path("marketplace/qualifications/<entity:type_id>/ask", qualifications.ask, name="ask"),
    path("marketplace/tests/<entity:request_id>/", qualifications.test, name="test"),
    path("marketplace/join/<str:code>/", account.join, name="join"),
    path("marketplace/question/<entity:hit_id>", questions.question, name="question"),
    path("marketplace/sign-in/", account.sign_in, name="sign_in"),
    path("marketplace/sign-up/", account.sign_up, name="sign_up"),
    path("marketplace/sign-out/", account.sign_out, name="sign_out"),
    path("marketplace/projects/<entity:hit_type_id>/tasks", board.preview, name="preview"),
    path("marketplace/projects/<entity:hit_type_id>/accept", board.accept_next, name="accept"),
    path("marketplace/work/<entity:assignment_id>/", work.work, name="work"),
    path("marketplace/work/<entity:assignment_id>/outcome", work.outcome, name="outcome"),
    path("marketplace/work/<entity:assignment_id>/return", work.return_task, name="return"),
    path("marketplace/work/<entity:assignment_id>/contest", work.contest_rejection, name="contest"),
]
