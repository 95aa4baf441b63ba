"""From five yes-or-no answers on one page, one for each listed class, to one verdict on the list.

Two ways, which differ: different raters may back different classes of the list, and then `fold`
accepts what `accept_any_class` does not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Int16, Int64, frozen, id_column
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.verdicts import Verdict, Verdicts
from studyapp.analytics.votes import Answer, Votes


def fold(votes: Votes, *, lists: npt.ArrayLike) -> Votes:
    """One vote of each rater on each list, under "any": does any of its classes fit?

    lists: int32[L, W], the questions (image, class) of each list; W is five in the papers. A
    question may be in several lists, but only once in one.
    The folded vote is yes if the rater said yes to any class of the list, no if the rater said no
    to all W of them, and unsure otherwise: where no answer is yes and one is unsure or missing.
    Its time is the sum of the W times (not known if one is not), and it counts as given when the
    last of the answers was. Questions of the result are the rows of `lists`; raters keep numbers.
    Raises ColumnError for other shapes, unknown questions, or a question twice in a list.
    """
    table = _lists(lists, n_questions=votes.n_questions)
    row, of_list = _rows_of_lists(votes, table)
    # A pair of list and rater is one folded vote.
    pair = of_list * votes.n_raters + votes.rater[row]
    pairs, group = np.unique(pair, return_inverse=True)
    answer = votes.answer[row]
    n_yes = np.bincount(group[answer == Answer.YES], minlength=pairs.size)
    n_no = np.bincount(group[answer == Answer.NO], minlength=pairs.size)
    folded = np.full(pairs.size, Answer.UNSURE, dtype=np.int8)
    folded[n_no == table.shape[1]] = Answer.NO
    folded[n_yes > 0] = Answer.YES
    last = np.full(pairs.size, np.iinfo(np.int64).min)
    np.maximum.at(last, group, votes.order[row])
    order = np.empty(pairs.size, dtype=np.int64)
    # Orders are distinct inside a question only; across those of a list the rater breaks ties.
    order[np.lexsort((pairs, last))] = np.arange(pairs.size)
    seconds = None
    if votes.seconds is not None:
        seconds = np.bincount(group, weights=votes.seconds[row], minlength=pairs.size)
    of_pair, rater = np.divmod(pairs, max(1, votes.n_raters))
    return Votes.from_columns(
        of_pair,
        rater=rater,
        answer=folded,
        order=order,
        seconds=seconds,
        n_questions=table.shape[0],
        n_raters=votes.n_raters,
    )


def accept_any_class(verdicts: Verdicts, *, lists: npt.ArrayLike) -> Verdicts:
    """The verdict on each list: accepted when any of its classes is, rejected when all are.

    lists: as in `fold`; otherwise undecided. The votes that a row shows are those of the class
    that has the most yes (the first of several); `decided_at` is when the first class was accepted
    or the last one rejected, in votes on a class, 0 where undecided.
    """
    table = _lists(lists, n_questions=len(verdicts))
    code, at = verdicts.code[table], verdicts.decided_at[table]
    accepted, rejected = code == Verdict.ACCEPTED, code == Verdict.REJECTED
    merged = np.full(table.shape[0], Verdict.UNDECIDED, dtype=np.int8)
    merged[rejected.all(axis=1)] = Verdict.REJECTED
    merged[accepted.any(axis=1)] = Verdict.ACCEPTED
    latest = np.iinfo(np.int16).max
    first, last = np.where(accepted, at, latest).min(axis=1), at.max(axis=1)
    decided_at = np.select(
        [merged == Verdict.ACCEPTED, merged == Verdict.REJECTED], [first, last], default=0
    )
    best = verdicts.yes[table].argmax(axis=1)

    def of_best(column: Int16) -> Int16:
        return frozen(column[table[np.arange(table.shape[0]), best]])

    return Verdicts(
        rule=verdicts.rule,
        code=frozen(merged),
        yes=of_best(verdicts.yes),
        no=of_best(verdicts.no),
        unsure=of_best(verdicts.unsure),
        valid=of_best(verdicts.valid),
        decided_at=frozen(decided_at.astype(np.int16)),
    )


def _lists(values: npt.ArrayLike, *, n_questions: int) -> Int64:
    table = np.asarray(values)
    if table.ndim != 2 or table.shape[1] < 1:
        raise ColumnError(
            f"Lists have shape {table.shape}; give a row of questions for each list, all of one "
            "length."
        )
    ids, _ = id_column("lists", table.ravel(), size=n_questions)
    checked = ids.astype(np.int64).reshape(table.shape)
    in_order = np.sort(checked, axis=1)
    again = (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
    if again.any():
        raise ColumnError(
            f"List {int(again.argmax())} has a question twice; give each class of a list once."
        )
    return checked


def _rows_of_lists(votes: Votes, table: Int64) -> tuple[Int64, Int64]:
    """Row numbers of the votes on the questions of every list, and the list of each."""
    sizes = np.bincount(votes.question, minlength=votes.n_questions)
    starts = np.cumsum(sizes) - sizes
    wanted = sizes[table.ravel()]
    ends = np.cumsum(wanted)
    # Counting up from the start of each question's run, which by_question puts in one piece.
    step = np.arange(int(ends[-1]) if ends.size else 0) - np.repeat(ends - wanted, wanted)
    row = votes.by_question[np.repeat(starts[table.ravel()], wanted) + step]
    of_list = np.repeat(np.repeat(np.arange(table.shape[0]), table.shape[1]), wanted)
    return row, of_list
