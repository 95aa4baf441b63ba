"""What stands above a printed table: what it shows, under which rule, which intervals."""

from __future__ import annotations

from studyapp.exports.columns import Table
from studyapp.plurals import counted
from studyapp.reports import StudyReport

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
    protocol, votes = report.protocol, report.votes
    planned = "" if protocol.as_planned else " This is not the rule the study planned."
    return " ".join(
        filter(
            None,
            (
                f"{table.title}.",
                f"Study {report.study}, protocol {(protocol.protocol_hash or 'not locked')[:12]}:",
                f"accepted at {protocol.accept_at} yes of {protocol.raters_per_trial} votes,",
                f"{UNSURE_WORDS[protocol.unsure]};",
                f"{votes.n_valid:,} of {counted(votes.n_votes, 'vote')} count.{planned}",
                INTERVALS.get(table.name, ""),
            ),
        )
    )
