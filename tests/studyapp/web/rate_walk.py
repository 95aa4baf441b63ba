"""A rater without script and without cookies: reads forms, presses buttons, follows redirects."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.test import Client

from studyapp.models import HIT, Study, Vote
from studyapp.vocabulary import HITState, StudyState
from tests.factories.crowd import HITFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HOST = "http://127.0.0.1:8000"


def open_hit(*, n: int = 3, **hit: object) -> HIT:
    """An open HIT of a live study with `n` trials."""
    made = HITFactory.create(
        with_trials=n, state=HITState.OPEN, hit_id=f"3HIT{HIT.objects.count():026d}", **hit
    )
    Study.objects.filter(pk=made.study_id).update(state=StudyState.LIVE)
    return made


def votes(*order: str) -> list[Vote]:
    """The ledger, oldest first or in the order asked for."""
    return cast(list[Vote], list(Vote.objects.order_by(*(order or ("pk",)))))


def visit_query(
    hit: HIT, *, assignment: str = "3ASSIGNMENT1", worker: str = "A1WORKER", **more: str
) -> str:
    fields = {
        "assignmentId": assignment,
        "hitId": hit.hit_id or "",
        "workerId": worker,
        "turkSubmitTo": HOST,
    }
    return urlencode({**fields, **more})


def entry(hit: HIT, **visit: str) -> str:
    return f"/rate/{hit.public_id}/?{visit_query(hit, **visit)}"


@dataclass
class Form:
    kind: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The parts of a page that the plain contract names."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.images: list[str] = []
        self.class_name = ""
        self.problem = ""
        self.code = ""
        self.way_back = ""
        self._form: Form | None = None
        self._in_class = False
        self._in_code = False
        self.text = response.content.decode()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        kind = values.get("data-quorum", "")
        if tag == "form":
            self._form = Form(kind, values.get("action", ""))
            self.forms[kind] = self._form
        elif tag == "input" and self._form and values.get("type") != "radio":
            self._form.fields[values["name"]] = values.get("value", "")
        elif tag == "button" and self._form and values.get("name") == "answer":
            self._form.answers.append(values["value"])
        elif kind == "stimulus":
            self.images.append(values["src"])
        elif kind == "way-back":
            self.way_back = values["href"]
        self._in_class = tag == "strong" and kind == "class"
        self._in_code = tag == "strong" and kind == "code"
        self.problem = values.get("data-problem", self.problem)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        self._in_class = self._in_code = False

    def handle_data(self, data: str) -> None:
        if self._in_class:
            self.class_name += data
        if self._in_code:
            self.code += data


class Walker:
    """Goes where a browser without script would go."""

    def __init__(self, hit: HIT, **visit: str) -> None:
        self.hit, self.visit = hit, visit
        self.client = Client()
        self.response: Response

    def enter(self) -> Page:
        return self.get(entry(self.hit, **self.visit))

    def get(self, address: str) -> Page:
        self.response = self.client.get(address)
        return Page(self.response)

    def press(self, form: Form, **fields: str) -> Page:
        """Post the form; the answer must be a redirect, and the page after it is returned."""
        self.response = self.client.post(form.action, {**form.fields, **fields})
        if self.response.status_code == 303:
            return self.get(self.response.headers["Location"])
        return Page(self.response)

    def begin(self) -> Page:
        """Enter, and agree where that is asked."""
        page = self.enter()
        return self.press(page.forms["consent"]) if "consent" in page.forms else page

    def answer_all(self, page: Page, *, answer: str = "yes") -> Page:
        while "trial" in page.forms:
            page = self.press(page.forms["trial"], answer=answer)
        return page
