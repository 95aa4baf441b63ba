from __future__ import annotations

from django.contrib.admin import AdminSite


class QuorumAdminSite(AdminSite):
    site_header = "Quorum"
    site_title = "Quorum"
    index_title = "Studies, images and models"
