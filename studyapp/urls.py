from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("studyapp.api.urls")),
    path("", include("studyapp.web.urls")),
    path("", include("marketplace.urls")),
]
