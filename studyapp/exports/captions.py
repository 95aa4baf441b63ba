"""What stands above a printed table: what it shows, under which rule, which intervals."""

from __future__ import annotations

from studyapp.exports.columns import Table
from studyapp.plurals import counted
from studyapp.reports import StudyReport
from studyapp.reports.plan_words import window_words
from studyapp.reports.slice_words import slice_sentence

UNSURE_WORDS = {
    "missing": "unsure votes left out",
    "no": "unsure counted as no",
    "yes": "unsure counted as yes",
}
INTERVALS = {
    "analyses": "None of these was planned. Intervals are Wilson's at 95 %.",
    "models": "Intervals are Wilson's at 95 %, the images seen as a sample.",
    "sensitivity": "Intervals are Wilson's at 95 %, the images seen as a sample.",
    "conditions": "Intervals are Wilson's at 95 %, the votes seen as independent.",
    "contrasts": "Intervals are Tango's score intervals at 95 %; p by McNemar, adjusted by Holm.",
}


def caption_of(table: Table, report: StudyReport) -> str:
    """One paragraph; LaTeX's marks are not escaped in it."""
    return " ".join(filter(None, (f"{table.title}.", view_of(report), INTERVALS.get(table.name))))


def view_of(report: StudyReport) -> str:
    """Of which study and part of it figures are, under which rule, and whether that was planned."""
    protocol, votes = report.protocol, report.votes
    window = window_words(protocol.seconds_min, protocol.seconds_max)
    return " ".join(
        filter(
            None,
            (
                f"Study {report.study}, protocol {(protocol.protocol_hash or 'not locked')[:12]}:",
                f"accepted at {protocol.accept_at} yes of {protocol.raters_per_trial} votes,",
                f"{UNSURE_WORDS[protocol.unsure]}, {window};",
                f"{votes.n_valid:,} of {counted(votes.n_votes, 'vote')} count.",
                "" if protocol.as_planned else "This is not the rule or window the study planned.",
                slice_sentence(report),
            ),
        )
    )
