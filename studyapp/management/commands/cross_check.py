"""Draw the sample of a blind cross-check, or say what came out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.models import Study
from studyapp.pipeline.cross_check import draw_cross_check
from studyapp.reports import analyse_study
from studyapp.reports.cross_check import cross_check_of, decided_questions
from studyapp.reports.cross_check_words import cross_check_sentences
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Say what a researcher's own look at a random sample of verdicts found, or with --draw "
        "draw that sample, once for a study. It is answered on the study's page, blind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument("--draw", type=int, metavar="N", help="draw so many decided questions")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            if options["draw"] is not None:
                lines = _draw(study, size=options["draw"])
            else:
                found = cross_check_of(study)
                none = f"{study.name}: no sample was drawn; --draw N draws one."
                lines = cross_check_sentences(found) if found else [none]
        self.stdout.write("\n".join(lines))


def _draw(study: Study, *, size: int) -> list[str]:
    analysis = analyse_study(study)
    summary = draw_cross_check(
        study,
        decided=decided_questions(analysis),
        rule=analysis.rule,
        window=analysis.window,
        size=size,
    )
    return summary.lines()
