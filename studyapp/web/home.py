"""The front door."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    """Researchers go to their studies; everybody else learns what this is."""
    if getattr(request.user, "is_staff", False):
        return redirect("study-list")
    return render(request, "web/home.html")
