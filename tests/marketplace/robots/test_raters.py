from __future__ import annotations

import random

from marketplace.robots import AlwaysYes, Careful, Hasty, StimulusFacts, TooSlow

FACTS = StimulusFacts("cat", b"", "http://127.0.0.1/x")


def _answers(rater: Careful | Hasty | AlwaysYes | TooSlow, n: int = 2000) -> dict[str, int]:
    chance = random.Random(7)
    found = [rater.answer(FACTS, chance=chance) for _ in range(n)]
    return {answer: found.count(answer) for answer in ("yes", "no", "unsure")}


def test_the_careful_err_at_their_rate() -> None:
    assert _answers(Careful(lambda _facts: "yes")) == {"yes": 2000, "no": 0, "unsure": 0}
    found = _answers(Careful(lambda _facts: "no", error_rate=0.1))
    # Two thousand draws at 0.1: five standard deviations are 67.
    assert abs(found["yes"] - 200) < 67
    assert found["unsure"] == 0
    assert _answers(Careful(lambda _facts: "unsure", error_rate=1.0))["unsure"] == 2000


def test_the_others() -> None:
    assert min(_answers(Hasty()).values()) > 500
    assert _answers(AlwaysYes())["yes"] == 2000
    slow = TooSlow(lambda _facts: "no", delay_s=3.0)
    assert _answers(slow)["no"] == 2000
    assert [rater.kind for rater in (slow, Hasty(), AlwaysYes())] == [
        "too_slow",
        "hasty",
        "always_yes",
    ]
