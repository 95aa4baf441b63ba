"""The figures of a question type, counted anew from the table it is counted from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studyapp.recount.attacks import recount_attacks
from studyapp.recount.audits import recount_audit
from studyapp.recount.coded import recount_attributes, recount_reasons
from studyapp.recount.judged import recount_boxes, recount_maps
from studyapp.recount.ledger import Ledger
from studyapp.recount.lists import recount_lists
from studyapp.recount.matches import recount_matches

#: What a part tells besides what is counted: names that its rows go by, and what the votes do not
#: decide.
_TOLD = {
    "kind", "schema_version", "class_index", "crs", "n_not_attacked", "n_not_surviving",
    "window_low", "window_high",
}  # fmt: skip

Recount = Callable[[dict[str, Any], Ledger], dict[str, Any]]


def _recount_pairs(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    recount = recount_attacks if "adversarial" in given else recount_audit
    return recount(given, ledger)


#: A type that is not here is taken over from the report.
_OF_KIND: dict[str, Recount] = {
    "relevance": _recount_pairs,
    "list_relevance": recount_lists,
    "five_relevance": recount_lists,
    "class_match": recount_matches,
    "attribute": recount_attributes,
    "reason": recount_reasons,
    "wrong_reason": recount_maps,
    "box_meaning": recount_boxes,
}


def recount_part(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """The part with every figure counted; `given` has a null in the place of each."""
    recount = _OF_KIND.get(given["kind"])
    if recount is None:
        return given
    return {"kind": given["kind"], **recount(given, ledger)}


def blanked_part(part: dict[str, Any] | None) -> dict[str, Any] | None:
    """The part with a null for each figure that `recount_part` counts; words stay."""
    if part is None or part["kind"] not in _OF_KIND:
        return part
    return {key: value if key in _TOLD else _blank(value) for key, value in part.items()}


def _blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: one if key in _TOLD else _blank(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_blank(one) for one in value]
    return value if isinstance(value, str) else None
