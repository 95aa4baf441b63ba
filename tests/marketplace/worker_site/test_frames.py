from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from pytest_django.fixtures import Settings

from marketplace.actions.submit import PREVIEW_ID
from marketplace.models import Requester
from marketplace.worker_site.frames import DEFAULT_HEIGHT, frame_height, preview_url, work_url
from tests.marketplace.factories import a_hit, an_accepted


def test_the_urls_own_query_stays_and_four_values_follow(
    requester: Requester, settings: Settings
) -> None:
    settings.MARKETPLACE_URL = "https://work.example/"
    hit = a_hit(requester, url="https://lab.example/t?a=1&b=%C3%A9+x&a=2#part")
    held = an_accepted(hit)
    assert work_url(held) == (
        f"https://lab.example/t?a=1&b=%C3%A9+x&a=2&assignmentId={held.assignment_id}"
        f"&hitId={hit.hit_id}&workerId={held.worker.worker_id}"
        "&turkSubmitTo=https%3A%2F%2Fwork.example#part"
    )


def test_a_preview_names_no_worker_and_no_assignment(requester: Requester) -> None:
    hit = a_hit(requester, url="https://lab.example/t")
    sent = dict(parse_qsl(urlsplit(preview_url(hit)).query))
    assert set(sent) == {"assignmentId", "hitId", "turkSubmitTo"}
    assert sent["assignmentId"] == PREVIEW_ID


def test_height(requester: Requester) -> None:
    hit = a_hit(requester)
    assert frame_height(hit) == 600
    hit.frame_height = 0
    assert frame_height(hit) == DEFAULT_HEIGHT
