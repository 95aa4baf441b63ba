from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StudyappConfig(AppConfig):
    name = "studyapp"
    verbose_name = "Quorum"


class QuorumAdminConfig(AdminConfig):
    """Django's admin with our own site object."""

    default_site = "studyapp.admin.site.QuorumAdminSite"
