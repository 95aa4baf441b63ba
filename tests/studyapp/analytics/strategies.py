"""Random small panels of votes for the property tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from studyapp.analytics import Rule, Votes
from studyapp.analytics.columns import Int64


@dataclass(frozen=True)
class Panel:
    """Raw columns; `order` is distinct over all rows."""

    question: Int64
    rater: Int64
    answer: Int64
    order: Int64
    n_questions: int
    n_raters: int

    def votes(self) -> Votes:
        return Votes.from_columns(
            self.question,
            rater=self.rater,
            answer=self.answer,
            order=self.order,
            n_questions=self.n_questions,
            n_raters=self.n_raters,
        )


@st.composite
def panels(draw: st.DrawFn, *, second_votes: bool = False, max_raters: int = 8) -> Panel:
    """A panel; each rater answers a question at most once unless `second_votes`."""
    n_questions = draw(st.integers(1, 6))
    n_raters = draw(st.integers(1, max_raters))
    cells = st.tuples(st.integers(0, n_questions - 1), st.integers(0, n_raters - 1))
    pairs = draw(st.lists(cells, max_size=40, unique=not second_votes))
    answer = draw(st.lists(st.integers(-1, 1), min_size=len(pairs), max_size=len(pairs)))
    order = draw(st.permutations(range(len(pairs))))
    columns = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return Panel(
        question=columns[:, 0],
        rater=columns[:, 1],
        answer=np.array(answer, dtype=np.int64),
        order=np.array(order, dtype=np.int64),
        n_questions=n_questions,
        n_raters=n_raters,
    )


@st.composite
def rules(draw: st.DrawFn, *, extra: str | None = None) -> Rule:
    n = draw(st.integers(1, 7))
    return Rule(
        k=draw(st.integers(1, n)),
        n=n,
        unsure=draw(st.sampled_from(("missing", "no", "yes"))),
        extra=extra or draw(st.sampled_from(("first", "fraction"))),
        min_votes=draw(st.none() | st.integers(1, 8)),
    )
