from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register

from studyapp.checks import check_settings


class StudyappConfig(AppConfig):
    name = "studyapp"
    verbose_name = "Quorum"

    def ready(self) -> None:
        # Their folders read the models, which are there only now.
        from studyapp.questions.registry import install

        register(check_settings)
        install()


class QuorumAdminConfig(AdminConfig):
    """Django's admin with our own site object.

    It stands outside the admin package, which registers with it while it is being imported.
    """

    default_site = "studyapp.admin_site.QuorumAdminSite"
