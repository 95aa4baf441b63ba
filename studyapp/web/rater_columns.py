"""The columns of the table of raters: what each is called, means, shows and sorts by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studyapp.analytics import ExclusionReason
from studyapp.exports.kept_raters import NamedRaters
from studyapp.reports.rater_flags import FLAGS, Flag
from studyapp.reports.rater_rows import RaterQuality, RaterRow, ShareOf
from studyapp.reports.sentences import percent


@dataclass(frozen=True)
class Column:
    """slug: its name in the address. shown: what a cell says. value: what it sorts by."""

    slug: str
    label: str
    meaning: str
    shown: Callable[[RaterRow], str]
    value: Callable[[RaterRow], float | None]
    gold: bool = False
    known: bool = False


@dataclass(frozen=True)
class Heading:
    column: Column
    query: str
    #: `ascending` or `descending` where the table is sorted by it.
    sorted: str


@dataclass(frozen=True)
class Order:
    """The rows as the address sorts them, and how it says so."""

    rows: list[RaterRow]
    slug: str
    down: bool

    @property
    def query(self) -> str:
        return f"sort={self.slug}&down={int(self.down)}"


@dataclass(frozen=True)
class Line:
    """One rater as written. rater: key, which the page does not show."""

    rater: int
    name: str
    cells: tuple[str, ...]
    excluded: tuple[tuple[str, int], ...]
    flags: tuple[Flag, ...]


def ordered(found: NamedRaters, *, sort: str, down: str) -> Order:
    """By the column the address names, else by votes, most first; no figure comes last."""
    column = next((column for column in COLUMNS if column.slug == sort), COLUMNS[0])
    falls = down == "1" if sort == column.slug and down in ("0", "1") else True
    rows = sorted(found.quality.rows, key=lambda row: found.names[row.rater])
    known = [(value, row) for row in rows if (value := column.value(row)) is not None]
    known.sort(key=lambda pair: -pair[0] if falls else pair[0])
    unknown = [row for row in rows if column.value(row) is None]
    return Order([*(row for _, row in known), *unknown], slug=column.slug, down=falls)


def headings(quality: RaterQuality, *, order: Order, query: str) -> list[Heading]:
    """Every column that has a figure; pressed again, the sorted one turns round."""
    return [
        Heading(
            column=column,
            query="&".join(filter(None, (_sorting(column, order), query))),
            sorted=("descending" if order.down else "ascending")
            if column.slug == order.slug
            else "",
        )
        for column in shown_columns(quality)
    ]


def lines(rows: list[RaterRow], found: NamedRaters) -> list[Line]:
    """The rows in words."""
    columns = shown_columns(found.quality)
    labels = {reason.slug: reason.label.lower() for reason in ExclusionReason}
    return [
        Line(
            rater=row.rater,
            name=found.names[row.rater],
            cells=tuple(column.shown(row) for column in columns),
            excluded=tuple((labels[slug], n) for slug, n in row.excluded.items()),
            flags=tuple(flag for flag in FLAGS if flag.slug in row.flags),
        )
        for row in rows
    ]


def shown_columns(quality: RaterQuality) -> list[Column]:
    """Without those of known answers where none is known."""
    return [
        column
        for column in COLUMNS
        if (quality.n_gold or not column.gold) and (quality.n_known or not column.known)
    ]


def _sorting(column: Column, order: Order) -> str:
    down = not order.down if column.slug == order.slug else True
    return f"sort={column.slug}&down={int(down)}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{percent(share, digits=1)} %"


def _of(share: ShareOf) -> str:
    return "–" if share.share is None else f"{_percent(share.share)} of {share.n:,}"


def _with_interval(share: ShareOf) -> str:
    if share.low is None or share.high is None:
        return "–"
    ends = f"[{percent(share.low, digits=0)}, {percent(share.high, digits=0)}]"
    return f"{_percent(share.share)} {ends}"


COLUMNS = (
    Column("votes", "Votes", "Votes given, those that do not count among them.",
           lambda row: f"{row.n_votes:,}", lambda row: row.n_votes),
    Column("count", "Count", "Votes that count. Every share in this table is of these.",
           lambda row: f"{row.n_valid:,}", lambda row: row.n_valid),
    Column("excluded", "Do not", "Votes that do not count; press the number for the reasons.",
           lambda row: f"{row.n_excluded:,}", lambda row: row.n_excluded),
    Column("seconds", "Median s", "Median of the seconds an answer took, by the clock the timing "
           "window looks at.",
           lambda row: "–" if row.median_seconds is None else f"{row.median_seconds:.1f}",
           lambda row: row.median_seconds),
    Column("yes", "Yes", "Yes / (yes + no), with “cannot tell” as the rule reads it.",
           lambda row: _of(row.yes), lambda row: row.yes.share),
    Column("unsure", "Cannot tell", "“Cannot tell” / votes that count.",
           lambda row: _percent(row.unsure_share), lambda row: row.unsure_share),
    Column("run", "Longest run", "Most votes in a row with the same answer. Long runs mean little "
           "where nearly every answer is the same.",
           lambda row: "–" if row.longest_run is None else f"{row.longest_run:,}",
           lambda row: row.longest_run),
    Column("peers", "Agrees with others", "Mean, over the rater’s questions, of the share of the "
           "other raters’ votes that equal the rater’s; Wilson’s 95 % interval over questions.",
           lambda row: _with_interval(row.peers), lambda row: row.peers.share),
    Column("known", "Checks right", "Of the study’s own trials with a known answer, mixed in among "
           "the others, the share of yes and no answers that are right, the first answer to each; "
           "Wilson’s 95 % interval.",
           lambda row: _with_interval(row.known), lambda row: row.known.share, known=True),
    Column("gold", "Right where known", "Votes that equal what experts, or the reassessed labels, "
           "answer / votes on questions they answer; Wilson’s 95 % interval.",
           lambda row: _with_interval(row.gold), lambda row: row.gold.share, gold=True),
    Column("gold_yes", "Yes where yes", "Of the known answers yes, the share answered yes.",
           lambda row: _of(row.gold_sensitivity), lambda row: row.gold_sensitivity.share,
           gold=True),
    Column("gold_no", "No where no", "Of the known answers no, the share answered no.",
           lambda row: _of(row.gold_specificity), lambda row: row.gold_specificity.share,
           gold=True),
    Column("ds_yes", "DS yes", "Chance of a yes where the class is yes, by Dawid and Skene’s "
           "estimate from all votes together (sensitivity).",
           lambda row: _percent(row.ds_sensitivity), lambda row: row.ds_sensitivity),
    Column("ds_no", "DS no", "Chance of a no where the class is no, by the same estimate "
           "(specificity).",
           lambda row: _percent(row.ds_specificity), lambda row: row.ds_specificity),
)  # fmt: skip
