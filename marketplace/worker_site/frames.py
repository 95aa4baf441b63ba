"""The address a task's frame is opened with."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.urls import reverse

from marketplace import conf
from marketplace.actions.submit import PREVIEW_ID
from marketplace.models import HIT, Assignment

# The task's own scripts and forms run; it cannot leave the frame unless the worker clicks.
SANDBOX = "allow-scripts allow-forms allow-same-origin allow-top-navigation-by-user-activation"
# What a requester wrote into the HIT itself is served by us: it gets an origin of its own.
SANDBOX_OF_OUR_OWN = "allow-scripts allow-forms allow-top-navigation-by-user-activation"
DEFAULT_HEIGHT = 720


def _address(hit: HIT) -> str:
    """The task's own page; a HIT that brings its page along is served by us."""
    if hit.frame_url:
        return hit.frame_url
    return conf.base_url() + reverse("marketplace:question", args=[hit.hit_id])


def sandbox(hit: HIT) -> str:
    """What the frame may do."""
    return SANDBOX if hit.frame_url else SANDBOX_OF_OUR_OWN


def _with_parameters(url: str, *, added: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(added)) if part)
    return urlunsplit(parts._replace(query=query))


def preview_url(hit: HIT) -> str:
    """The task as shown before it is accepted: no worker, no assignment."""
    return _with_parameters(
        _address(hit),
        added={
            "assignmentId": PREVIEW_ID,
            "hitId": hit.hit_id,
            "turkSubmitTo": conf.base_url(),
        },
    )


def work_url(assignment: Assignment) -> str:
    """The task as shown to the worker who accepted it."""
    return _with_parameters(
        _address(assignment.hit),
        added={
            "assignmentId": assignment.assignment_id,
            "hitId": assignment.hit.hit_id,
            "workerId": assignment.worker.worker_id,
            "turkSubmitTo": conf.base_url(),
        },
    )


def frame_height(hit: HIT) -> int:
    """Pixels; a HIT that leaves it to the window gets a height that holds a photograph."""
    return hit.frame_height or DEFAULT_HEIGHT
