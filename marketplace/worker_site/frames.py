"""The address a task's frame is opened with."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from marketplace import conf
from marketplace.actions.submit import PREVIEW_ID
from marketplace.models import HIT, Assignment

# The task's own scripts and forms run; it cannot leave the frame unless the worker clicks.
SANDBOX = "allow-scripts allow-forms allow-same-origin allow-top-navigation-by-user-activation"
DEFAULT_HEIGHT = 720


def _with_parameters(url: str, *, added: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(added)) if part)
    return urlunsplit(parts._replace(query=query))


def preview_url(hit: HIT) -> str:
    """The task as shown before it is accepted: no worker, no assignment."""
    return _with_parameters(
        hit.frame_url,
        added={
            "assignmentId": PREVIEW_ID,
            "hitId": hit.hit_id,
            "turkSubmitTo": conf.base_url(),
        },
    )


def work_url(assignment: Assignment) -> str:
    """The task as shown to the worker who accepted it."""
    return _with_parameters(
        assignment.hit.frame_url,
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
