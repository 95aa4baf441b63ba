"""A design in words: for the page, and for a terminal."""

from __future__ import annotations

from studyapp.plurals import counted
from studyapp.reports.design_values import Design
from studyapp.reports.pilot import Pilot
from studyapp.reports.sentences import aligned, percent

#: People who would do are told where they are fewer by more than rounding makes them.
FEWER = 0.9


def verdict_sentence(design: Design) -> str:
    """The answer first: what to ask, of how many, for how much."""
    wish = design.wish
    wanted = f"± {100 * wish.halfwidth:g} points"
    if design.n_needed is not None:
        return (
            f"For {wanted}, ask about {design.n_needed:,} of the "
            f"{counted(wish.n_errors, 'mistake')}, {wish.raters_per_trial} raters each, with "
            f"{counted(wish.people, 'person', 'people')} in all: {design.cost:,.2f} USD, or "
            f"{design.stopped_cost:,.2f} USD with early stopping."
        )
    least = f"± {100 * design.halfwidth:.2f} points"
    if design.people_needed is not None:
        return (
            f"{wanted} is out of reach with {counted(wish.people, 'person', 'people')}: all "
            f"{counted(wish.n_errors, 'mistake')} give {least}, for who answers matters more than "
            f"how much is asked. It takes {design.people_needed:,} people and all mistakes."
        )
    return (
        f"{wanted} is out of reach: all {counted(wish.n_errors, 'mistake')} give {least}, and no "
        "number of people narrows it enough."
    )


def design_facts(design: Design) -> list[tuple[str, str]]:
    """Each figure of the design and what it is."""
    wish = design.wish
    expected = (
        f"{percent(design.rectified_top1_error)} %, from {percent(design.top1_error)} % with "
        f"{percent(design.accepted_share, digits=1)} % of the mistakes accepted"
    )
    interval = (
        f"± {100 * design.halfwidth:.2f} points; ± {100 * design.halfwidth_images:.2f} of it would "
        "be left with endlessly many people"
    )
    lost = (
        f"{percent(wish.lost, digits=1)} % are asked for again. Were they not, "
        f"{percent(design.lost.undecided, digits=1)} % of the questions would stay undecided"
    )
    published = (
        f"{counted(design.trials, 'trial')} in {counted(design.hits, 'HIT')}, "
        f"{counted(design.assignments, 'assignment')}: {design.cost:,.2f} USD"
    )
    return [
        ("Expected rectified error", expected),
        ("Interval", interval),
        ("People", _people(design)),
        ("Two models", _detectable(design)),
        ("Votes lost", lost),
        ("Published", published),
        ("Early stopping", _stopped(design)),
    ]


def pilot_sentence(pilot: Pilot) -> str:
    """What the pilot said and what it could not say."""
    found = [
        ("the yes rate", pilot.yes_rate),
        ("how much questions differ", pilot.icc),
        ("how much raters differ", pilot.spread),
        ("the votes lost", pilot.lost),
        ("how often two models differ", pilot.discordant),
    ]
    known = [name for name, value in found if value is not None]
    if not known:
        return f"{pilot.study} has no votes that could say anything yet: the numbers are guesses."
    told = f"From {pilot.study}: {', '.join(known)}"
    if pilot.model:
        told += (
            f"; {counted(pilot.n_questions, 'mistake')} of {pilot.model} with all their votes, "
            f"{counted(pilot.n_raters, 'rater')}"
        )
    unknown = [name for name, value in found if value is None]
    return f"{told}." + (f" It does not say {', '.join(unknown)}." if unknown else "")


def design_lines(design: Design, *, pilot: Pilot | None) -> list[str]:
    """The design for a terminal."""
    rows: list[tuple[str, ...]] = [
        ("asked", "± points", "half the people", "twice", "no limit", "USD")
    ]
    rows += [
        (
            f"{point.n_asked:,}",
            *(
                f"{100 * half:.2f}"
                for half in (
                    point.halfwidth,
                    point.halfwidth_half,
                    point.halfwidth_twice,
                    point.halfwidth_images,
                )
            ),
            f"{point.cost:,.2f}",
        )
        for point in design.curve
    ]
    return [
        verdict_sentence(design),
        *([pilot_sentence(pilot)] if pilot else []),
        "",
        *(f"{label}: {text}." for label, text in design_facts(design)),
        "",
        *aligned(rows),
    ]


def _people(design: Design) -> str:
    told = f"{design.wish.people:,}, with {design.votes_per_person:,.0f} votes each on average"
    if design.people_for_asked is None:
        return f"{told}; no number makes the interval as wanted with so few mistakes asked"
    if design.people_for_asked < FEWER * design.wish.people:
        return f"{told}; {design.people_for_asked:,} would do"
    return told


def _detectable(design: Design) -> str:
    wish = design.wish
    if design.detectable is None:
        return f"{counted(wish.n_images, 'image')} are too few to tell two models apart"
    return (
        f"A difference of {100 * design.detectable:.2f} points of their rectified errors is found "
        f"with a chance of {percent(wish.power, digits=0)} %, all mistakes of both asked, where "
        f"{percent(wish.discordant, digits=1)} % of the images are right with one of them only"
    )


def _stopped(design: Design) -> str:
    groups = " + ".join(str(part.raters) for part in design.stopped_rounds)
    rest = ", ".join(f"{part.questions:,.0f}" for part in design.stopped_rounds)
    return (
        f"Asking {groups} saves {percent(design.saved_votes, digits=1)} % of the votes without "
        f"changing a verdict ({rest} questions are open in each round): "
        f"{design.stopped_cost:,.2f} USD"
    )
