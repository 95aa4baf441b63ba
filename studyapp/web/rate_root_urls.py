"""Addresses of the rater part outside rate/."""

from __future__ import annotations

from django.urls import path

from studyapp.web import rate_preview, rate_stimuli

urlpatterns = [
    path("stimuli/<str:stimulus_hash>.png", rate_stimuli.stimulus, name="stimulus"),
    path("studies/<slug:name>/preview/", rate_preview.preview_study, name="study-preview"),
]
