"""A simulated rater who comes by a study's own link instead of a marketplace's board."""

from __future__ import annotations

import time

from marketplace.errors import RobotError
from marketplace.robots.pages import Form, Page
from marketplace.robots.raters import Rater
from marketplace.robots.robot import Robot, RobotResult


class LinkRobot(Robot):
    """Opens the address it was sent, does the one task there and keeps the code it is shown.

    No cookie is sent or kept: the pages have to do without, as with any visitor.
    """

    def __init__(
        self, name: str, *, address: str, rater: Rater, seed: int = 0, tells_time: bool = False
    ) -> None:
        super().__init__(
            name, password="", marketplace_url="", rater=rater, seed=seed, tells_time=tells_time
        )
        self._address = address
        self.code = ""

    def run(self) -> RobotResult:
        """Take part once. Whatever keeps the robot out is a problem of its result."""
        began = time.monotonic()
        try:
            self._do(self._address)
            self.result.n_submitted += 1
        except RobotError as error:
            self.result.problems.append(str(error))
        self.result.seconds = time.monotonic() - began
        return self.result

    def _hand_in(self, form: Form, *, page: Page) -> None:
        after = self._frame.submit(form, values={}, referer=page.url)
        self.code = after.marks.get("code", "").strip()
        if not self.code:
            raise RobotError(f"{after.url:.120} showed no completion code (status {after.status}).")
