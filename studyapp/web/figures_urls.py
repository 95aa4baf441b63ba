"""Addresses of figures that belong to no study."""

from __future__ import annotations

from django.urls import path

from studyapp.web import artefact_pictures, probes_page, robustness_page

_PROBE = "probes/<int:image_set>/<int:model>/<slug:kind>/"

urlpatterns = [
    path("robustness/", robustness_page.robustness_list, name="robustness"),
    path(
        "robustness/<int:class_list>/", robustness_page.robustness_page, name="robustness-ranking"
    ),
    path(
        "robustness/<int:class_list>/<slug:table>.csv",
        robustness_page.robustness_csv,
        name="robustness-csv",
    ),
    path("probes/", probes_page.probe_list, name="probes"),
    path(_PROBE, probes_page.probe_page, name="probe-figures"),
    path(f"{_PROBE}<slug:table>.csv", probes_page.probe_csv, name="probe-csv"),
    path(
        "artefacts/<slug:kind>/<int:pk>/<slug:name>.png",
        artefact_pictures.artefact_picture,
        name="artefact-picture",
    ),
]
