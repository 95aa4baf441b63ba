"""Pictures that people coded: attributes from data/sets.csv, reasons from data/mistakes.csv."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Answer,
    Verdict,
    agreement,
    attribute_shares,
    primary_reasons,
    reason_breakdown,
    set_agreement,
    verdicts,
)
from studyapp.analytics.coded import coder_votes
from studyapp.analytics.versus import coded_flags, each_versus
from studyapp.recount.ledger import Ledger
from studyapp.recount.tables import RecountError, rows_of

_CODES = {"yes": Answer.YES, "no": Answer.NO, "unsure": Answer.UNSURE}
#: Shares of main reasons that are no reason: nobody can tell, and coders who do not agree.
_BESIDE = 2


def recount_attributes(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Shares of each set with each attribute, the sets against each other, and agreement."""
    names = [of["attribute"] for of in given["agreement"]]
    keys: dict[str, list[str]] = {}
    for row in rows_of(ledger.folder, "sets"):
        keys.setdefault(row["set"], []).append(row["question_id"])
    asked = {name: ledger.places(of) for name, of in keys.items()}
    raws = ledger.raw_answers
    coded_rows = {row for of in asked.values() for row in of.tolist() if row in raws}
    order = sorted(coded_rows)
    if not order or not names:
        return {key: value for key, value in given.items() if key != "kind"}
    flags, coded = coded_flags([raws[row] for row in order], parse=_attributes, n_flags=len(names))
    rule = ledger.rule
    code = verdicts(coder_votes(flags, coded=coded), rule=rule).code.reshape(len(order), -1)
    place = {row: at for at, row in enumerate(order)}
    members = {
        name: [place[row] for row in of.tolist() if row in place] for name, of in asked.items()
    }
    told = [name for name, of in members.items() if of]
    items = np.array([at for name in told for at in members[name]], dtype=np.int64)
    shares = attribute_shares(
        flags[items],
        set_id=np.repeat(np.arange(len(told)), [len(members[name]) for name in told]),
        names=names,
        rule=rule,
        coded=coded[items],
    )
    everything = attribute_shares(
        flags, set_id=np.zeros(len(order), dtype=np.int64), names=names, rule=rule, coded=coded
    )
    accepted = code == Verdict.ACCEPTED
    tests = each_versus(
        {name: accepted[:, at] for at, name in enumerate(names)},
        groups={name: set(members[name]) for name in told},
        shared_in_first=True,
    )
    return {
        "sets": [
            {"set": name, "n_in_set": int(asked[name].size), **share.to_dict()}
            for name, of in zip(told, shares.sets, strict=True)
            for share in of
        ],
        "tests": [versus.values() for versus in tests],
        "agreement": [
            {"attribute": name, **agreed.to_dict()}
            for name, agreed in zip(names, everything.agreement or (), strict=False)
        ],
    }


def recount_reasons(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Shares of each model's mistakes with each reason, agreement, and the models compared."""
    if not given["models"]:
        return {key: value for key, value in given.items() if key != "kind"}
    labels = [of["label"] for of in given["models"][0]["main"]]
    names = labels[:-_BESIDE]
    keys: dict[str, list[str]] = {}
    for row in rows_of(ledger.folder, "mistakes"):
        keys.setdefault(row["model"], []).append(row["question_id"])
    asked = {name: ledger.places(of) for name, of in sorted(keys.items())}
    raws = ledger.raw_answers
    order = sorted({row for of in asked.values() for row in of.tolist() if row in raws})
    place = {row: at for at, row in enumerate(order)}
    flags, coded = coded_flags(
        [raws[row] for row in order],
        parse=lambda raw: _reasons(raw, n=len(names)),
        n_flags=len(names),
    )
    main = np.full(coded.shape, -1, dtype=np.int64)
    for item, row in enumerate(order):
        for coder, raw in enumerate(raws[row]):
            main[item, coder] = _main(raw, n=len(names))
    rule = ledger.rule
    code = verdicts(coder_votes(flags, coded=coded), rule=rule).code.reshape(len(order), -1)
    counts = np.stack([(main == at).sum(axis=1) for at in range(len(names) + 1)], axis=1)
    sure = 2 * counts.max(axis=1, initial=0) > counts.sum(axis=1)
    chosen = np.where(sure, counts.argmax(axis=1), -1)
    members = {
        name: sorted({place[row] for row in of.tolist() if row in place})
        for name, of in asked.items()
    }
    groups = {name: set(of) for name, of in members.items()}
    accepted = code == Verdict.ACCEPTED
    return {
        "models": [
            {
                "model": name,
                "n_mistakes": int(asked[name].size),
                "main": [share.to_dict() for share in primary_reasons(main[of], names=labels[:-1])],
                "holds": reason_breakdown(
                    flags[of], names=names, rule=rule, coded=coded[of]
                ).to_dict(),
            }
            for name, of in members.items()
            if of
        ],
        "main_agreement": agreement(counts, coding="main reason").to_dict(),
        "set_agreement": set_agreement(
            flags == Answer.YES, coded=coded & (main < len(names)), names=names
        ).to_dict(),
        "main_tests": _tests({name: chosen == at for at, name in enumerate(names)}, groups),
        "tests": _tests({name: accepted[:, at] for at, name in enumerate(names)}, groups),
    }


def _tests(
    holds: dict[str, npt.NDArray[np.bool_]], groups: dict[str, set[int]]
) -> list[dict[str, Any]]:
    return [dict(versus.values()) for versus in each_versus(holds, groups=groups)]


def _attributes(raw: str) -> list[int]:
    try:
        return [_CODES[part] for part in raw.split()]
    except KeyError:
        raise RecountError(f"Column answer_raw holds {raw!r}, no answer to attributes.") from None


def _main(raw: str, *, n: int) -> int:
    """Place of the main reason, n where it cannot be told."""
    main = raw.split()[0] if raw.split() else ""
    if main == "?":
        return n
    if len(main) != 1 or main not in ascii_lowercase[:n]:
        raise RecountError(f"Column answer_raw holds {raw!r}, which is no answer about reasons.")
    return ascii_lowercase.index(main)


def _reasons(raw: str, *, n: int) -> list[int]:
    """Which reasons hold, the main one among them; who cannot tell it rules out none."""
    main, others = _main(raw, n=n), raw.split()[-1]
    held = {ascii_lowercase.index(letter) for letter in others if letter in ascii_lowercase}
    other = Answer.UNSURE if main == n else Answer.NO
    return [Answer.YES if at == main or at in held else other for at in range(n)]
