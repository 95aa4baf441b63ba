"""One simulated worker at a browser of its own."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from marketplace.errors import RobotError
from marketplace.robots.browser import Browser
from marketplace.robots.pages import Form, Page, read_page
from marketplace.robots.raters import Rater, StimulusFacts


class NotForMeError(RobotError):
    """The task's page asks this worker to return it."""


MOST_PAGES = 2_000
MOST_PROBLEMS = 3


@dataclass
class RobotResult:
    """What one robot did."""

    name: str
    kind: str
    n_submitted: int = 0
    #: Taken and given back, because the task's page said that it is for others.
    n_returned: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def n_answers(self) -> int:
        """Trials answered."""
        return sum(self.answers.values())


class Robot:
    """Signs in at the marketplace and works until nothing is left for it.

    The marketplace is visited with cookies; the task in the frame without any, as browsers
    that block third-party cookies do. `tells_time` does what the page's script does: one page gives
    all trials, and each answer is sent with what happened when by the robot's own clock; without,
    every trial is a page, and the server's clock has to do, which takes in whatever the line and a
    busy server add. `pictures`: seen by robots that share them, by address; only where an address
    always shows the same, as those of stimuli do.
    """

    def __init__(
        self,
        name: str,
        *,
        password: str,
        marketplace_url: str,
        rater: Rater,
        seed: int = 0,
        hit_type_id: str | None = None,
        most_hits: int | None = None,
        tells_time: bool = False,
        pictures: dict[str, bytes] | None = None,
    ) -> None:
        self._name = name
        self._password = password
        self._home = marketplace_url.rstrip("/") + "/marketplace/"
        self._rater = rater
        self._chance = random.Random(seed)
        self._site = Browser(cookies=True, seed=seed)
        self._frame = Browser(cookies=False, seed=seed)
        self._hit_type_id = hit_type_id
        self._most_hits = most_hits
        self._tells_time = tells_time
        self._pictures = {} if pictures is None else pictures
        self._returned: set[str] = set()
        self.result = RobotResult(name, rater.kind)

    def run(self) -> RobotResult:
        """Work through the board. Problems end a HIT, or the robot after a few, never others."""
        began = time.monotonic()
        try:
            self._sign_in()
            while self._wants_more() and self._work_once():
                pass
        except RobotError as error:
            self.result.problems.append(str(error))
        self.result.seconds = time.monotonic() - began
        return self.result

    def _wants_more(self) -> bool:
        if len(self.result.problems) >= MOST_PROBLEMS:
            return False
        return self._most_hits is None or self.result.n_submitted < self._most_hits

    def _sign_in(self) -> None:
        page = self._site.get(self._home)
        form = next((form for form in page.forms if ("password", "") in form.fields), None)
        if form is None:
            raise RobotError(f"{self._home} shows no form to sign in (status {page.status}).")
        values = {"username": self._name, "password": self._password}
        after = self._site.submit(form, values=values, referer=page.url)
        if after.status != 200:
            raise RobotError(f"{self._name} could not sign in (status {after.status}).")

    def _offer(self, board: Page) -> Form | None:
        for form in board.forms:
            if form.kind == "accept" and (self._hit_type_id or "") in form.action:
                return form
        return None

    def _work_once(self) -> bool:
        """Accept one HIT and do it; False once the board offers nothing."""
        board = self._site.get(self._home)
        offer = self._offer(board)
        if offer is None:
            return False
        page = self._site.submit(offer, values={}, referer=board.url)
        if "task" not in page.frames:
            # Others were quicker; look at the board again after a moment.
            time.sleep(self._chance.uniform(0.02, 0.1))
            return True
        try:
            self._do(page.frames["task"])
            self.result.n_submitted += 1
        except NotForMeError:
            return self._give_back(page)
        except RobotError as error:
            self.result.problems.append(str(error))
            back = page.form("return")
            if back is not None:
                self._site.submit(back, values={}, referer=page.url)
        return True

    def _give_back(self, page: Page) -> bool:
        """Return a HIT whose page says that it is for others; False once that is all there is."""
        back = page.form("return")
        if back is None:
            raise RobotError("The work page has no form to return the task.")
        self._site.submit(back, values={}, referer=page.url)
        # The task's own address, which tells HITs apart; behind it stands who came.
        task = page.frames["task"].partition("?")[0]
        again = task in self._returned
        self._returned.add(task)
        self.result.n_returned += 1
        return not again

    def _do(self, frame_url: str) -> None:
        """Follow the task's own pages to its end."""
        page = self._frame.get(frame_url)
        for _ in range(MOST_PAGES):
            submission = page.form("submit")
            if submission is not None:
                self._hand_in(submission, page=page)
                return
            page = self._step(page)
        raise RobotError(f"The task never ended within {MOST_PAGES} pages.")

    def _step(self, page: Page) -> Page:
        consent, trial = page.form("consent"), page.form("trial")
        if trial is not None and self._tells_time and page.data:
            after = self._by_script(trial, page=page)
        elif trial is not None:
            after = self._send_answer(trial, page=page)
        elif consent is not None:
            pressed = {name: value for name, value in consent.buttons[:1] if name}
            after = self._frame.submit(consent, values=pressed, referer=page.url)
        elif "not-for-you" in page.marks:
            raise NotForMeError(page.marks["not-for-you"].strip()[:200])
        else:
            raise RobotError(f"{page.url:.120} is no page of a task (status {page.status}).")
        if after.status != 200 and "not-for-you" not in after.marks:
            raise RobotError(f"{after.url:.120} answered {after.status}.")
        return after

    def _send_answer(self, trial: Form, *, page: Page) -> Page:
        answer, seconds = self._answer(trial, page=page)
        values = _filled_in(trial, answer=answer)
        if ("answer", values["answer"]) not in trial.buttons:
            raise RobotError(f"{page.url:.120} has no button for the answer {answer!r}.")
        if self._tells_time:
            values |= {"via": "script", "active_ms": f"{1000 * seconds:.1f}"}
        after = self._frame.submit(trial, values=values, referer=page.url)
        if after.status != 200:
            return after
        self.result.answers[answer] += 1
        # A script is told that its answer is saved, and no next page.
        return self._frame.get(page.url) if self._tells_time else after

    def _by_script(self, first: Form, *, page: Page) -> Page:
        """Answer every trial that the page holds, then go on to what follows."""
        told = json.loads(page.data)
        trials: list[dict[str, Any]] = told["trials"]
        always = {"token": told["token"], "via": "script"}
        shown = _event("shown", trials[0])
        after = self._post(told["eventsUrl"], {**always, "events": json.dumps([shown])}, page=page)
        for trial, following in zip(trials, [*trials[1:], None], strict=True):
            if after.status != 200:
                return after
            html = f"{trial['question']}<form data-quorum='trial'>{trial['answers']}</form>"
            seen = read_page(html, url=page.url, status=200)
            seen.stimulus_url = urljoin(page.url, trial["image"])
            form = (trial["answers"] and seen.form("trial")) or first
            answer, seconds = self._answer(form, page=seen)
            events = [_event("loaded", trial, ago=seconds), _event("answered", trial)]
            if following is not None:
                events.append(_event("shown", following))
            sent = {
                "trial": str(trial["trial"]),
                "sequence": str(trial["sequence"]),
                "answer": _joined(form, answer=answer),
                "events": json.dumps(events),
                "active_ms": f"{1000 * seconds:.1f}",
            }
            after = self._post(told["answerUrl"], {**always, **sent}, page=page)
            self.result.answers[answer] += after.status == 200
        return after if after.status != 200 else self._frame.get(urljoin(page.url, told["workUrl"]))

    def _post(self, url: str, values: dict[str, str], *, page: Page) -> Page:
        form = Form(urljoin(page.url, url), "post", "")
        return self._frame.submit(form, values=values, referer=page.url)

    def _answer(self, trial: Form, *, page: Page) -> tuple[str, float]:
        """The answer and the seconds it took from when the picture was there."""
        if not page.stimulus_url:
            raise RobotError(f"{page.url:.120} shows no picture.")
        picture = self._picture(page.stimulus_url)
        facts = StimulusFacts(
            page.class_name,
            picture,
            page.stimulus_url,
            listed=tuple(page.listed),
            groups={
                value: tuple(map(self._picture, addresses))
                for value, addresses in page.groups.items()
            },
            choices=tuple(value for name, value in trial.buttons if name == "answer"),
            n_parts=len(trial.parts),
            options=tuple(map(tuple, trial.parts.values())),
        )
        shown = time.monotonic()
        answer = self._rater.answer(facts, chance=self._chance)
        if self._rater.delay_s:
            time.sleep(self._rater.delay_s)
        return answer, time.monotonic() - shown

    def _picture(self, address: str) -> bytes:
        """Which other trials and raters may see again; a browser keeps it as well."""
        if address not in self._pictures:
            self._pictures[address] = self._frame.get_bytes(address)
        return self._pictures[address]

    def _hand_in(self, form: Form, *, page: Page) -> None:
        pressed = {name: value for name, value in form.buttons[:1] if name}
        after = self._frame.submit(form, values=pressed, referer=page.url)
        if "submitted" not in after.marks:
            said = after.marks.get("refused", "").strip() or f"status {after.status}"
            raise RobotError(f"The marketplace did not take the submission: {said}")


def _joined(trial: Form, *, answer: str) -> str:
    """The words of an answer with parts in the order of their numbers, as the script joins them."""
    words = dict(zip(trial.parts, answer.split(), strict=True)) if trial.parts else {}
    ordered = sorted(words, key=lambda name: int(name.rpartition("-")[2]))
    return " ".join(words[name] for name in ordered) or answer


def _event(kind: str, trial: dict[str, Any], *, ago: float = 0.0) -> list[Any]:
    """What happened to a trial, by the robot's clock."""
    return [kind, trial["trial"], round(1000 * (time.monotonic() - ago), 1)]


def _filled_in(trial: Form, *, answer: str) -> dict[str, str]:
    """The fields of an answer: a button, and where the page has parts a word for each."""
    if not trial.parts:
        return {"answer": answer}
    words = answer.split()
    if len(words) != len(trial.parts):
        raise RobotError(f"A rater answered {answer!r} to {len(trial.parts)} questions.")
    pressed = next((value for name, value in trial.buttons if name == "answer"), "")
    return {"answer": pressed, **dict(zip(trial.parts, words, strict=True))}
