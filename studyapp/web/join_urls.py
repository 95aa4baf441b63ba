"""Addresses of taking part by link, all below join/<public id of a study's link>/."""

from __future__ import annotations

from django.urls import path

from studyapp.web import join_pages

urlpatterns = [
    path("<uuid:public_id>/", join_pages.arrive, name="join"),
    path("<uuid:public_id>/begin/", join_pages.begin, name="join-begin"),
    path("<uuid:public_id>/hand-in/", join_pages.hand_in, name="join-hand-in"),
    path("<uuid:public_id>/done/<str:token>/", join_pages.done, name="join-done"),
]
