"""Addresses of the rater pages, all below rate/<public id of a HIT>/."""

from __future__ import annotations

from django.urls import path

from studyapp.web import rate_pages, rate_saving

urlpatterns = [
    path("<uuid:public_id>/", rate_pages.enter, name="rate"),
    path("<uuid:public_id>/begin/", rate_saving.begin_task, name="rate-begin"),
    path("<uuid:public_id>/work/<str:token>/", rate_pages.work, name="rate-work"),
    path("<uuid:public_id>/answer/", rate_saving.save_answer, name="rate-answer"),
    path("<uuid:public_id>/undo/", rate_saving.undo_answer, name="rate-undo"),
    path("<uuid:public_id>/events/", rate_saving.save_events, name="rate-events"),
]
