from __future__ import annotations

from explain.probes import captions
from tests.explain.probes.models import RED, filled, load


def test_a_caption_is_the_answer_in_words() -> None:
    (found,) = captions.probe(load(), filled(RED), k=2)
    assert found.caption(["ruby", "lime", "sea", "stone"]) == "ruby 99%, stone 1%"
