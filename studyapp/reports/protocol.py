"""How a study asked, in data and in the words of a methods section."""

from __future__ import annotations

from studyapp.analytics import Rule, Window
from studyapp.identity import wording_version
from studyapp.models import Study, VisionModel
from studyapp.plurals import counted
from studyapp.reports.asked_again import asked_again_in_words
from studyapp.reports.slice_words import slice_sentence
from studyapp.reports.study_report import Protocol, StudyReport
from studyapp.selectors.populations import population_of
from studyapp.turns import read_groups, told
from studyapp.vocabulary import PopulationKind

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

UNSURE_WORDS = {
    "missing": "is left out, and nobody is asked in its place",
    "no": "counts as “no”",
    "yes": "counts as “yes”",
}


def protocol_of(study: Study, *, rule: Rule, window: Window) -> Protocol:
    """The protocol of a report under `rule` and `window`."""
    return Protocol(
        question=study.question,
        wording_version=wording_version(study.question_kind, text=study.question),
        population=_population(study),
        rendering=_rendering(study),
        raters_per_trial=rule.n,
        accept_at=rule.k,
        unsure=rule.unsure,
        vote_groups=read_groups(study.vote_groups, raters=study.raters_per_trial),
        complete_share=float(study.complete_share) if study.vote_groups else None,
        seconds_min=window[0],
        seconds_max=window[1],
        planned_accept_at=study.accept_at,
        planned_unsure=study.unsure,
        planned_seconds_min=study.seconds_min,
        planned_seconds_max=study.seconds_max,
        imported=study.imported,
        state=study.state,
        protocol_hash=study.protocol_hash,
        seed=study.seed,
    )


def in_words(number: int) -> str:
    """Small numbers as words."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


def timing_in_words(protocol: Protocol) -> str:
    """The timing window, as a sentence."""
    low, high = protocol.seconds_min, protocol.seconds_max
    if low is None and high is None:
        return "Votes count however long they took."
    if high is None:
        return f"Votes given in less than {low:g} seconds do not count."
    if low is None:
        return f"Votes that took more than {high:g} seconds do not count."
    return f"Only votes that took {low:g} to {high:g} seconds count, both ends included."


def groups_in_words(report: StudyReport) -> str:
    """How votes were spent and what is read off which of them; empty where all came at once."""
    sizes, share = report.protocol.vote_groups, report.protocol.complete_share
    if not sizes or share is None:
        return ""
    data = report.data
    return (
        f"Votes were asked for in groups of {told(sizes)}: a question got the next group only "
        "where the votes so far left its verdict open, which changes no verdict. "
        f"{share:.1%} of the questions, drawn from the seed {report.protocol.seed}, got all votes "
        "whatever the first ones said. Agreement, the counts of yes votes and the mean share of "
        f"yes are over these alone, {data.n_questions_complete:,} of {data.n_questions:,} "
        "questions; a question closed early would make them look more united than people are."
    )


def resampling_in_words(report: StudyReport) -> str:
    """Where the intervals that hold the raters come from."""
    parts = [model.resampled for model in report.models if model.resampled]
    if not parts:
        return "They do not hold the uncertainty that comes from who the raters were."
    return (
        "They do not hold the uncertainty that comes from who the raters were; the intervals that "
        f"do are percentiles of {parts[0].both.n_draws:,} resamples of raters, or of images and "
        f"raters at once, drawn with replacement from the seed {report.protocol.seed}."
    )


def methods_text(report: StudyReport) -> list[str]:
    """The paragraphs a paper would say it in."""
    protocol, votes, raters = report.protocol, report.votes, report.raters
    needed, asked = in_words(protocol.accept_at), in_words(protocol.raters_per_trial)
    told = list(filter(None, [slice_sentence(report)]))
    if report.part_alone:
        return [*told, f"{protocol.population} {protocol.rendering}", *report.part_alone.methods]
    return [
        *told,
        (
            f"{protocol.population} {protocol.rendering} The question {_was(protocol)} "
            f"“{protocol.question}”, with the class the model predicted in place of "
            "{class} and the answers yes, no and cannot tell."
        ),
        (
            f"A prediction is accepted when at least {needed} of the first {asked} valid votes on "
            f"it say yes, and rejected when so many say no that {needed} can no longer be reached; "
            f"otherwise it is undecided. “Cannot tell” {UNSURE_WORDS[protocol.unsure]}. "
            f"{timing_in_words(protocol)}"
        ),
        (
            f"Of {counted(votes.n_votes, 'vote')} by {counted(raters.n_raters, 'rater')}, "
            f"{votes.n_valid:,} count. "
            "Only verdicts about mistakes enter, so a rectified error can only be lower than the "
            "standard error. Mistakes that are undecided or were not asked stay errors. "
            "Intervals are Wilson’s at 95 %, with the images seen as a sample. "
            f"{resampling_in_words(report)}"
        ),
        *filter(None, [groups_in_words(report), asked_again_in_words(report.asked_again)]),
        *(report.part.methods if report.part else ()),
    ]


def _population(study: Study) -> str:
    if study.imported:
        return (
            f"Votes about the image set {study.image_set.name} were gathered elsewhere and "
            "imported; verdicts are used where they are about a model’s mistake."
        )
    return population_of(study).in_words(study)


def _rendering(study: Study) -> str:
    if study.imported:
        return "How the images were shown is not known here."
    if study.population == PopulationKind.MAPPED:
        return (
            f"Square and map were each enlarged to {study.render_crop} × {study.render_crop} "
            "pixels and shown side by side."
        )
    if study.population == PopulationKind.FLIPPED:
        sides = sorted({side for side in map(_input_size, study.vision_models.all()) if side})
        of = f" of {' or '.join(f'{side} × {side}' for side in sides)} pixels" if sides else ""
        return f"Images were shown as the squares{of} that the model was given."
    return (
        f"Images were shown with their shorter side scaled to {study.render_resize} pixels and "
        f"the centre {study.render_crop} × {study.render_crop} pixels cut out."
    )


def _input_size(model: VisionModel) -> int | None:
    size = model.details.get("input_size")
    return size if isinstance(size, int) else None


def _was(protocol: Protocol) -> str:
    """Of votes gathered elsewhere we only know what the study says."""
    return "is recorded here as" if protocol.imported else "was"
