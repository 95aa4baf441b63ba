from __future__ import annotations

from django.urls import path

from studyapp.web import (
    cross_check,
    design_page,
    monitor_page,
    report_analyses,
    report_comparison,
    report_files,
    report_gallery,
    report_list,
    report_page,
    report_pictures,
    report_raters,
    report_votes,
)

urlpatterns = [
    path("", report_list.study_list, name="study-list"),
    path("<slug:name>/", report_page.report_page, name="study-report"),
    path("<slug:name>/report.json", report_page.report_json, name="study-report-json"),
    path("<slug:name>/models/", report_comparison.comparison_page, name="study-comparison"),
    path("<slug:name>/gallery/", report_gallery.gallery, name="study-gallery"),
    path("<slug:name>/pictures/", report_pictures.pictures_page, name="study-pictures"),
    path("<slug:name>/analyses/", report_analyses.analyses_page, name="study-analyses"),
    path("<slug:name>/analyses/name/", report_analyses.name_here, name="study-name-analysis"),
    path("<slug:name>/design/", design_page.design_page, name="study-design"),
    path("<slug:name>/design/design.json", design_page.design_json, name="study-design-json"),
    path(
        "<slug:name>/design/design.pdf",
        design_page.design_file,
        {"suffix": "pdf"},
        name="study-design-pdf",
    ),
    path(
        "<slug:name>/design/design.png",
        design_page.design_file,
        {"suffix": "png"},
        name="study-design-png",
    ),
    path("<slug:name>/cross-check/", cross_check.overview, name="study-cross-check"),
    path("<slug:name>/cross-check/draw/", cross_check.draw, name="cross-check-draw"),
    path("<slug:name>/cross-check/answer/", cross_check.look, name="cross-check-look"),
    path("<slug:name>/cross-check/save/", cross_check.save, name="cross-check-save"),
    path("<slug:name>/cross-check/events/", cross_check.events, name="cross-check-events"),
    path("<slug:name>/live/", monitor_page.monitor_page, name="study-monitor"),
    path("<slug:name>/votes/", report_votes.votes_page, name="study-votes"),
    path("<slug:name>/raters/", report_raters.raters_page, name="study-raters"),
    path("<slug:name>/raters.csv", report_raters.raters_csv, name="study-raters-csv"),
    path("<slug:name>/export.zip", report_files.export_zip, name="study-export"),
    path(
        "<slug:name>/figures/<slug:figure>.<slug:suffix>",
        report_files.figure_file,
        name="study-figure",
    ),
]
