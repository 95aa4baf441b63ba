"""What it does to a report that lost votes were asked for again of undecided questions alone."""

from __future__ import annotations

import numpy as np

from studyapp.analytics import Verdict, agreement_by_coding
from studyapp.plurals import counted
from studyapp.reports.analysis import Analysis
from studyapp.reports.study_report import AskedAgain
from studyapp.selectors.turns import asked_while_undecided


def asked_again_of(analysis: Analysis) -> AskedAgain | None:
    """The questions it was done with; None without any.

    Of a question that may be closed early anyhow nothing is read but its verdict, which it leaves
    as it is; so complete questions are counted alone.
    """
    again = asked_while_undecided(analysis.study, analysis.questions.question) & analysis.complete
    if not again.any():
        return None
    counts, code = analysis.valid.counts3(), analysis.verdicts.code
    lacking = analysis.complete & (counts.sum(axis=1) < analysis.rule.n)
    full = analysis.complete & ~lacking
    return AskedAgain(
        n_questions=int(np.count_nonzero(again)),
        n_accepted=int(np.count_nonzero(code[again] == Verdict.ACCEPTED)),
        n_rejected=int(np.count_nonzero(code[again] == Verdict.REJECTED)),
        n_undecided=int(np.count_nonzero(code[again] == Verdict.UNDECIDED)),
        n_left=int(np.count_nonzero(lacking & ~again & (code != Verdict.UNDECIDED))),
        n_full=int(np.count_nonzero(full)),
        n_full_again=int(np.count_nonzero(full & again)),
        full_agreement=agreement_by_coding(counts[full])[0].percent_agreement,
        full_agreement_without=agreement_by_coding(counts[full & ~again])[0].percent_agreement,
    )


def asked_again_in_words(again: AskedAgain | None) -> str:
    """How many, what came of them, and what leans because of it; empty without any."""
    if again is None:
        return ""
    told = (
        f"{counted(again.n_questions, 'question')} that lacked votes were asked again because they "
        f"were undecided (now {again.n_accepted:,} accepted, {again.n_rejected:,} rejected, "
        f"{again.n_undecided:,} undecided); decided ones that lack votes were not "
        f"({again.n_left:,}). That changes no verdict and no error, but questions with all their "
        "votes are contested more often than the others: the counts of yes votes, their mean share "
        "and agreement lean that way."
    )
    shares = again.full_agreement, again.full_agreement_without
    if None in shares:
        return told
    with_them, without = (f"{share:.1%}" for share in shares if share is not None)
    return (
        f"{told} Of the {again.n_full:,} questions with all their votes, {again.n_full_again:,} "
        f"got them so: {with_them} of pairs of votes agree over all of them, {without} over the "
        "others."
    )
