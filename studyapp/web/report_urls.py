from __future__ import annotations

from django.urls import path

from studyapp.web import (
    report_comparison,
    report_files,
    report_gallery,
    report_list,
    report_page,
)

urlpatterns = [
    path("", report_list.study_list, name="study-list"),
    path("<slug:name>/", report_page.report_page, name="study-report"),
    path("<slug:name>/report.json", report_page.report_json, name="study-report-json"),
    path("<slug:name>/models/", report_comparison.comparison_page, name="study-comparison"),
    path("<slug:name>/gallery/", report_gallery.gallery, name="study-gallery"),
    path("<slug:name>/export.zip", report_files.export_zip, name="study-export"),
    path(
        "<slug:name>/figures/<slug:figure>.<slug:suffix>",
        report_files.figure_file,
        name="study-figure",
    ),
]
