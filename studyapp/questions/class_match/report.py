"""Success at finding the target's group as a part of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studyapp.analytics.results import JSONValue
from studyapp.analytics.windows import Window
from studyapp.plurals import counted
from studyapp.questions.class_match import GROUPS
from studyapp.questions.class_match.figures import Matches, Named, Versus, matches
from studyapp.reports.analysis import Analysis
from studyapp.reports.apart_words import apart_in_words
from studyapp.reports.parts import Part, PartExport, PartMark, PartShelf, PartTable
from studyapp.reports.sentences import interval, percent
from studyapp.vocabulary import QuestionKind

_COLUMNS = """
    condition string Condition of the study
    window_low number Fastest answer that counts, in seconds; null where open
    window_high number Slowest answer that counts; null where open
    planned boolean The study's own window
    n integer Answers inside the window, of each question the first, as many as the study asks for
    n_raters integer Raters who gave them
    successes integer Those that name the target's group
    mean share successes / n
    sd number Standard deviation of a single answer
    se number sd / sqrt(n), as if the answers were independent: what the paper's table calls Std
    ci_low share Lower end of the interval of mean (Wilson, 95 %)
    ci_high share Upper end of it
    chance share What guessing gives
    n_below integer Answers that were faster
    n_above integer Answers that were slower
    n_all integer All answers
    mean_all share Their success
"""


#: Groups of a condition's shelf: the answers that count on a round are all right, or some, or none.
_FOUND_BY = ("Found by everybody", "Found by some", "Found by nobody")


def match_part(analysis: Analysis) -> Part:
    found = matches(analysis)
    tests: list[JSONValue] = [
        {
            "first": versus.first,
            "second": versus.second,
            **versus.independent.to_dict(),
            "p_holm": versus.p_holm,
            "clustered": versus.clustered.to_dict() if versus.clustered else None,
        }
        for versus in found.contrasts
    ]
    rows: list[JSONValue] = [
        {**named.row.to_dict(), "condition": named.condition}
        for named in (*found.own, *found.others)
    ]
    return Part(
        kind=QuestionKind.CLASS_MATCH,
        headline=_headline(analysis, found),
        tables=tuple(_tables(found)),
        methods=(_method(analysis),),
        values={
            "conditions": rows,
            "contrasts": tests,
            "homogeneity": found.homogeneity.to_dict() if found.homogeneity else None,
        },
        exports=(_export(found),),
        shelves=tuple(
            PartShelf(name, tuple(zip(_FOUND_BY, groups, strict=True)))
            for name, groups in found.found_by.items()
        ),
        marks_title="Share of right answers in each condition",
        marks=_marks(found),
        ruled=False,
    )


def _marks(found: Matches) -> tuple[PartMark, ...]:
    """Guessing first, then the conditions in the study's order."""
    chance = 1 / GROUPS
    lines = tuple(
        PartMark(
            named.condition,
            named.row.mean,
            named.row.ci.low,
            named.row.ci.high,
            shelf=named.condition,
        )
        for named in found.own
        if named.row.mean is not None and named.row.ci is not None
    )
    return (PartMark("Guessing", chance, chance, chance, is_base=True), *lines) if lines else ()


def _headline(analysis: Analysis, found: Matches) -> str:
    told = [named for named in found.own if named.row.mean is not None]
    if not told:
        return f"{analysis.study.name}: no round has an answer that counts yet."
    best = max(told, key=lambda named: (named.row.mean or 0, named.condition))
    row = best.row
    n = sum(named.row.n for named in told)
    several = len(told) > 1
    most = " most often" if several else ""
    test = found.homogeneity
    beside = (
        f"; whether the {len(told)} conditions differ at all: p {_p(test.p)}"
        if several and test
        else ""
    )
    ends = row.ci and interval(row.ci.low, row.ci.high)
    return (
        f"Raters found the target’s group{most} with {best.condition}: {percent(row.mean)} % "
        f"{ends} of {counted(row.n, 'answer')}, where guessing gives "
        f"{percent(row.chance)} %; {counted(n, 'answer')} in all{beside}."
    )


def _tables(found: Matches) -> Iterator[PartTable]:
    if not found.own:
        return
    yield PartTable(
        title="Success in each condition",
        header=(
            "Condition", "Answers", "Raters", "Right", "Mean", "SE", "95 % interval",
            "Too fast", "Too slow",
        ),
        rows=tuple(_row(named) for named in found.own),
        shelves=tuple((named.condition,) for named in found.own),
        note=(
            f"Mean: answers that name the target’s group / answers that count. Guessing gives "
            f"{percent(1 / GROUPS)} %. SE takes the answers as independent, which those of one "
            "rater are not; the paper’s table prints it under the name Std."
            + _elsewhere(found.n_without_condition)
        ),
    )  # fmt: skip
    if found.contrasts:
        yield PartTable(
            title="Differences between conditions",
            header=("Conditions", "Difference", "95 % interval", "p", "p (Holm)", "By rater: p"),
            rows=tuple(_versus(versus) for versus in found.contrasts),
            note=(
                "Shares compared as independent answers (score test, Newcombe’s interval); by "
                "rater: with answers of one rater seen as belonging together."
            ),
        )
    yield PartTable(
        title="Under other timing windows",
        header=("Condition, window", "Answers", "Right", "Mean", "95 % interval"),
        rows=tuple(
            (
                f"{named.condition}, {_window(named.row.window)}",
                f"{named.row.n:,}",
                f"{named.row.successes:,}",
                _share(named.row.mean),
                _ends(named),
            )
            for named in found.others
        ),
        note="If the order of conditions changes with the window, the filter makes the result.",
    )


def _elsewhere(n: int) -> str:
    return f" Besides, {counted(n, 'vote')} of no condition: in no row." if n else ""


def _row(named: Named) -> tuple[str, ...]:
    row = named.row
    return (
        named.condition,
        f"{row.n:,}",
        f"{row.n_raters:,}",
        f"{row.successes:,}",
        _share(row.mean),
        percent(row.se),
        _ends(named),
        f"{row.n_below:,}",
        f"{row.n_above:,}",
    )


def _ends(named: Named) -> str:
    ci = named.row.ci
    return f"{interval(ci.low, ci.high)} %" if ci else "–"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{percent(share)} %"


def _versus(versus: Versus) -> tuple[str, ...]:
    found = versus.independent
    ends = (
        f"[{100 * found.low:+.2f}, {100 * found.high:+.2f}]"
        if found.low is not None and found.high is not None
        else "–"
    )
    return (
        f"{versus.first} less {versus.second}",
        f"{100 * found.estimate:+.2f} points",
        ends,
        _p(found.p),
        _p(versus.p_holm),
        _p(versus.clustered.p if versus.clustered else None),
    )


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def _window(window: Window | None) -> str:
    low, high = window or (None, None)
    if low is None and high is None:
        return "no window"
    if high is None:
        return f"{low:g} s and more"
    return f"{low or 0:g} to {high:g} s"


def _method(analysis: Analysis) -> str:
    apart = apart_in_words(analysis.study)
    return (
        f"The question was “{analysis.study.question}”. An answer is right when it names the group "
        "of the target’s class. The places of the groups were drawn for each rater, the pictures "
        f"of a group stand in a drawn order.{' ' * bool(apart)}{apart}"
    )


def _export(found: Matches) -> PartExport:
    names = [line.split()[0] for line in _COLUMNS.strip().splitlines()]
    rows = (*found.own, *found.others)
    return PartExport(
        name="matches",
        title="Success at finding the target's group, by condition and timing window",
        columns=_COLUMNS,
        rows=tuple(_cells(named, names) for named in rows),
        key=(),
        printed=("condition", "n", "mean", "se", "ci_low", "ci_high"),
    )


def _cells(named: Named, names: Sequence[str]) -> tuple[str | int | float | None, ...]:
    values = {**named.row.to_dict(), "condition": named.condition, "planned": named.planned}
    cells = (values[name] for name in names)
    return tuple(cell if isinstance(cell, str | int | float) else None for cell in cells)
