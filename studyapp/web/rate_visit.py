"""What the marketplace appends to a HIT's address, checked: all of it comes from the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import QueryDict

from studyapp.models import HIT
from studyapp.vocabulary import Environment
from studyapp.voting.errors import BadLinkError

PREVIEW_ID = "ASSIGNMENT_ID_NOT_AVAILABLE"
_ENTITY_ID = re.compile(r"[A-Z0-9]{1,64}")
_WORKER_ID = re.compile(r"A[A-Z0-9]{1,63}")
_REMEDY = "Open the task again from the marketplace's list"
_SUBMIT_HOSTS = {
    Environment.SANDBOX: "https://workersandbox.mturk.com",
    Environment.PRODUCTION: "https://www.mturk.com",
}


@dataclass(frozen=True)
class Visit:
    """Who comes, as the address says; both empty in a preview."""

    assignment_id: str
    worker_id: str

    @property
    def is_preview(self) -> bool:
        return not self.assignment_id


def submit_host(hit: HIT) -> str:
    """Scheme and host of the marketplace that takes the finished assignment."""
    return _SUBMIT_HOSTS.get(Environment(hit.environment)) or settings.MARKETPLACE_URL


def read_visit(query: QueryDict, *, hit: HIT) -> Visit:
    """The visit, or BadLinkError. Some workers arrive with names like "amp;hitId"."""
    given = {name.removeprefix("amp;"): str(value) for name, value in query.items()}
    assignment_id = given.get("assignmentId", "")
    if assignment_id in ("", PREVIEW_ID):
        return Visit("", "")
    worker_id = given.get("workerId", "")
    if not _ENTITY_ID.fullmatch(assignment_id) or not _WORKER_ID.fullmatch(worker_id):
        raise BadLinkError("the address does not say who takes which task", remedy=_REMEDY)
    hit_id = given.get("hitId", "")
    # While the answer to its publication is lost, we do not know the HIT's id ourselves.
    if not _ENTITY_ID.fullmatch(hit_id) or hit.hit_id not in (None, hit_id):
        raise BadLinkError("the address belongs to another task", remedy=_REMEDY)
    if _origin(given.get("turkSubmitTo", "")) not in ("", _origin(submit_host(hit))):
        raise BadLinkError("the answers would go to a site we do not know", remedy=_REMEDY)
    return Visit(assignment_id, worker_id)


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    # Whatever is not plainly an origin stays as it is and matches none.
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        return address
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else address
