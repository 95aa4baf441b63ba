from __future__ import annotations

from django.urls import include, path

from studyapp.web import home, jobs, recruiter_events

urlpatterns = [
    path("", home.home, name="home"),
    path("jobs/<int:pk>/", jobs.job_state, name="job-state"),
    path("", include("studyapp.web.rate_root_urls")),
    path("", include("studyapp.web.figures_urls")),
    path("events/", recruiter_events.receive, name="recruiter-events"),
    path("rate/", include("studyapp.web.rate_urls")),
    path("join/", include("studyapp.web.join_urls")),
    path("rectify/", include("studyapp.web.rectify_urls")),
    path("design/", include("studyapp.web.design_urls")),
    path("studies/", include("studyapp.web.report_urls")),
]
