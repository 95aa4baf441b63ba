"""Votes with a given verdict for each question, for the tests of figures made of verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studyapp.analytics import Rule, Verdicts, Votes, verdicts


def votes_with(yes: Sequence[int], *, n: int = 5) -> Votes:
    """n votes on every question, `yes[q]` of them yes at random places."""
    rng = np.random.default_rng(1)
    answer = (np.arange(n) < np.asarray(yes)[:, None]).astype(np.int8)
    answer = rng.permuted(answer, axis=1)
    question, rater = np.divmod(np.arange(answer.size), n)
    return Votes.from_columns(
        question, rater=rater, answer=answer.ravel(), n_questions=len(yes), n_raters=n
    )


def verdicts_with(yes: Sequence[int], *, n: int = 5, rule: Rule | None = None) -> Verdicts:
    """Verdicts of those votes."""
    return verdicts(votes_with(yes, n=n), rule=rule or Rule(n=n))
