"""People who come by a study's link, without script and without cookies."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.test import Client

from studyapp.models import StudyLink
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_link import set_link
from studyapp.study_link import link_of
from studyapp.vocabulary import Environment
from tests.recruiting import a_draft, a_live_study
from tests.studyapp.web.rate_walk import Page, Walker

SMALL = {"images": 4, "trials_per_hit": 2, "raters_per_trial": 2, "accept_at": 1}


def a_link(*, kind: str = "prolific", live: bool = True, **fields: Any) -> StudyLink:
    """The link of a study with two lots of two trials for two raters each."""
    values = {"completion_code": "DONE42", "screen_out_code": "OUT42", "full_code": "FULL42"}
    own = {name: fields.pop(name) for name in [*fields] if hasattr(StudyLink, name)}
    make = a_live_study if live else a_draft
    study = make(environment=Environment.LINK, **SMALL | fields)
    link_of(study)
    set_link(study, kind=kind, values=values | own)
    if live:
        publish(study)
    return link_of(study)


class Person(Walker):
    """Opens the link under an id, as a panel would make it."""

    def __init__(self, link: StudyLink, participant: str, *, session: str = "s1") -> None:
        self.link, self.client = link, Client()
        self.query = {link.participant_field: participant}
        if link.session_field:
            self.query[link.session_field] = session

    def enter(self) -> Page:
        return self.get(f"/join/{self.link.public_id}/?{urlencode(self.query)}")

    def work_through(self, *, answer: str = "yes") -> Page:
        """From the link to the last page with its hand-in button."""
        return self.answer_all(self.begin(), answer=answer)

    def do_all(self, *, answer: str = "yes") -> Page:
        """The same, and hands it in."""
        return self.press(self.work_through(answer=answer).forms["submit"])
