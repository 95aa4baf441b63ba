"""The rectified top-5 error from five answers on a page, read in two ways.

any_class: a list is accepted when one of its classes has enough yes. any_rater: when enough raters
said yes to some class of it. The second accepts at least as often, for raters may back different
classes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Answer, Verdicts, Votes, accept_any_class, verdicts
from studyapp.models import Vote
from studyapp.questions.five_relevance import FIVE_RELEVANCE, LISTED
from studyapp.questions.list_relevance.figures import model_lists, top5_rows
from studyapp.questions.list_relevance.report import top5_part
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import Part
from studyapp.vocabulary import QuestionKind

ROWS_PER_FETCH = 5_000
_CODES = {"yes": Answer.YES, "no": Answer.NO, "unsure": Answer.UNSURE}


def five_part(analysis: Analysis) -> Part:
    lists, of_classes = model_lists(analysis), class_verdicts(analysis)
    by_class = top5_rows(lists, analysis, verdicts=of_classes, form="five")
    by_rater = top5_rows(lists, analysis, verdicts=analysis.verdicts, form="five")
    return top5_part(
        analysis,
        kind=QuestionKind.FIVE_RELEVANCE,
        lists=lists,
        judged=[
            *(("any_class", row, of_classes) for row in by_class),
            *(("any_rater", row, analysis.verdicts) for row in by_rater),
        ],
        method=(
            "an answer for each of them: yes, no or cannot tell. A vote on the list is yes with "
            "any yes (any rater); and a list counts as accepted when one class of it is (any "
            "class), which is the headline"
        ),
    )


def class_verdicts(analysis: Analysis) -> Verdicts:
    """The verdict on each list from those on its five classes."""
    votes = analysis.valid
    answers = _answers(analysis)
    parts = np.arange(LISTED)
    question = (votes.question[:, None].astype(np.int64) * LISTED + parts).ravel()
    of_classes = Votes.from_columns(
        question,
        rater=np.repeat(votes.rater, LISTED),
        answer=answers.ravel(),
        order=np.repeat(votes.order, LISTED),
        n_questions=votes.n_questions * LISTED,
        n_raters=votes.n_raters,
    )
    lists = np.arange(votes.n_questions * LISTED).reshape(-1, LISTED)
    return accept_any_class(verdicts(of_classes, rule=analysis.rule), lists=lists)


def _answers(analysis: Analysis) -> npt.NDArray[np.int8]:
    """int8[V, 5]: the answers of each valid vote, by place in the subject."""
    kept = analysis.votes.vote[analysis.exclusion.keep]
    place = {int(key): at for at, key in enumerate(kept)}
    found = np.full((kept.size, LISTED), Answer.UNSURE, dtype=np.int8)
    rows = Vote.objects.filter(study=analysis.study).values_list("pk", "answer_raw")
    for pk, raw in rows.iterator(chunk_size=ROWS_PER_FETCH):
        at = place.get(pk)
        if at is not None:
            found[at] = [_CODES[part] for part in FIVE_RELEVANCE.split(raw)]
    return found
