"""The Celery application: web workers load studyapp.tasks, compute workers compute.tasks."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")
app = Celery("quorum")
app.config_from_object("django.conf:settings", namespace="CELERY")
