from __future__ import annotations

from django.urls import path

from studyapp.web import design_page

#: The desk without a study; that of a study stands with its report.
urlpatterns = [
    path("", design_page.design_page, name="design"),
    path("design.json", design_page.design_json, name="design-json"),
    path("design.pdf", design_page.design_file, {"suffix": "pdf"}, name="design-pdf"),
    path("design.png", design_page.design_file, {"suffix": "png"}, name="design-png"),
]
