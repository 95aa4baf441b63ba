"""The analyses that were named later, counted anew from the same tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Rule, Verdicts, Votes, Window, rectified_top1, verdicts

_COUNTED = (
    "n_images", "n_accepted", "n_undecided", "rectified_top1_error", "ci_low", "ci_high",
)  # fmt: skip

#: bool[L] correct and int64[L] question of a model's labelled images, by its name.
Asked = Mapping[str, tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]]


def recount_analyses(
    given: list[dict[str, Any]], *, n: int, valid_under: Callable[[Window], Votes], asked: Asked
) -> list[dict[str, Any]]:
    """The figures of each analysis that `given` names, in its order.

    n: votes of a question that count. valid_under: the votes that count within a timing window.
    """
    counted = []
    for one in given:
        valid = valid_under((one["seconds_min"], one["seconds_max"]))
        decided = verdicts(valid, rule=Rule(k=one["accept_at"], n=n, unsure=one["unsure"]))
        models = [_model(of["model"], asked, decided) for of in one["models"]]
        counted.append({"n_votes": len(valid), "models": models})
    return counted


def blanked_analyses(analyses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The analyses with a null for each figure that `recount_analyses` counts."""
    blank = dict.fromkeys(_COUNTED)
    return [
        one | {"n_votes": None, "models": [of | blank for of in one["models"]]} for one in analyses
    ]


def _model(name: str, asked: Asked, decided: Verdicts) -> dict[str, Any]:
    correct, question = asked[name]
    figures = rectified_top1(correct, question=question, verdicts=decided).to_dict()
    return {key: figures[key] for key in _COUNTED}
