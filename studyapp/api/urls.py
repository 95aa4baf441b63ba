from __future__ import annotations

from django.urls import include, path, re_path

from studyapp.api import (
    export,
    image_sets,
    jobs,
    models,
    pages,
    questions,
    report,
    studies,
    votes,
)

version_1 = [
    path("studies", studies.Studies.as_view(), name="api-studies"),
    path("studies/<slug:name>", studies.OneStudy.as_view(), name="api-study"),
    path("studies/<slug:name>/report", report.Report.as_view(), name="api-report"),
    path("studies/<slug:name>/questions", questions.Questions.as_view(), name="api-questions"),
    path("studies/<slug:name>/votes", votes.Votes.as_view(), name="api-votes"),
    path("studies/<slug:name>/export", export.Export.as_view(), name="api-export"),
    path("models", models.Models.as_view(), name="api-models"),
    path("models/<int:pk>", models.OneModel.as_view(), name="api-model"),
    path("image-sets", image_sets.ImageSets.as_view(), name="api-image-sets"),
    path("image-sets/<slug:name>", image_sets.OneImageSet.as_view(), name="api-image-set"),
    path("image-sets/<slug:name>/images", image_sets.Images.as_view(), name="api-images"),
    path("image-sets/<slug:name>/classes", image_sets.Classes.as_view(), name="api-classes"),
    path("jobs", jobs.Jobs.as_view(), name="api-jobs"),
    path("jobs/<int:pk>", jobs.OneJob.as_view(), name="api-job"),
]
urlpatterns = [
    path("", pages.docs, name="api-docs"),
    path("openapi.json", pages.openapi, name="api-openapi"),
    path("v1/", include(version_1)),
    # Whatever else, line breaks too.
    re_path(r"[\s\S]", pages.nothing_here),
]
