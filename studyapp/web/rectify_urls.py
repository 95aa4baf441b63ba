from __future__ import annotations

from django.urls import path

from studyapp.web import rectify_actions, rectify_page

urlpatterns = [
    path("", rectify_page.rectify_page, name="rectify"),
    path("predictions/", rectify_actions.upload_predictions, name="rectify-upload"),
    path("ask/", rectify_actions.ask, name="rectify-ask"),
]
