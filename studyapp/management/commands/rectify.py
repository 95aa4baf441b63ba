"""Rectify models with votes that are there already, from files alone."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.analytics import Rule, RuleError
from studyapp.errors import InputError
from studyapp.exports.uncovered import write_uncovered
from studyapp.exports.whole_file import write_text
from studyapp.management.terminal import readable_errors
from studyapp.management.vote_file_options import (
    VOTE_FILE_HELP,
    add_vote_file_options,
    vote_layout,
)
from studyapp.plurals import counted
from studyapp.reports.rectify import Offer
from studyapp.reports.rectify_files import rectify_files
from studyapp.reports.rectify_lines import rectify_lines
from studyapp.vocabulary import UnsureCoding


class Command(BaseCommand):
    help = (
        "Rectify models with votes that are there already: standard and rectified error, what the "
        "votes do not cover, and what asking about that would cost. Reads files and nothing else; "
        "nothing is stored."
    )
    # It works without a database.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--predictions",
            type=Path,
            required=True,
            metavar="FILE",
            help="CSV: image_id and one column of first classes per model, or class_1... of one",
        )
        parser.add_argument(
            "--votes",
            type=Path,
            required=True,
            action="append",
            metavar="FILE",
            help=f"{VOTE_FILE_HELP}. May be repeated: votes of the first file come first",
        )
        parser.add_argument(
            "--labels",
            type=Path,
            metavar="FILE",
            help="CSV: image_id,ground_truth[,real_labels]; not needed where the predictions' "
            "table has these columns",
        )
        parser.add_argument("--classes", type=Path, metavar="FILE", help="class list, CSV")
        parser.add_argument("--name", help="name of the model, where the table has only one")
        _add_rule(parser)
        _add_offer(parser)
        parser.add_argument(
            "--json", metavar="FILE", help="write every figure there; - prints nothing else"
        )
        parser.add_argument(
            "--uncovered", type=Path, metavar="FILE", help="write the pairs nobody judged, as CSV"
        )
        add_vote_file_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            found = rectify_files(
                options["predictions"],
                votes=options["votes"],
                labels=options["labels"],
                classes=options["classes"],
                name=options["name"],
                layout=vote_layout(options),
                rule=_rule(options),
                offer=_offer(options),
            )
            text = json.dumps(found.report.to_dict(), indent=2, ensure_ascii=False)
            lines = rectify_lines(found.report)
            lines += [f"  {sentence}" for sentence in found.left_out]
            if options["uncovered"]:
                n_pairs = write_uncovered(
                    options["uncovered"],
                    report=found.report,
                    image_ids=found.image_ids,
                    class_names=found.class_names,
                )
                lines.append(f"{counted(n_pairs, 'pair')} written to {options['uncovered']}.")
            if options["json"] and options["json"] != "-":
                write_text(Path(options["json"]), text + "\n")
                lines.append(f"Every figure is in {options['json']}.")
        self.stdout.write(text if options["json"] == "-" else "\n".join(lines))


def _add_rule(parser: CommandParser) -> None:
    parser.add_argument(
        "--accept", type=int, default=4, metavar="K", help="yes votes that accept (4)"
    )
    parser.add_argument(
        "--raters", type=int, default=5, metavar="N", help="votes of a question that count (5)"
    )
    parser.add_argument(
        "--unsure",
        choices=UnsureCoding.values,
        default=UnsureCoding.MISSING.value,
        help="how “cannot tell” counts (missing)",
    )


def _add_offer(parser: CommandParser) -> None:
    parser.add_argument(
        "--reward", default="0.10", metavar="USD", help="per HIT, to price what is left (0.10)"
    )
    parser.add_argument("--trials-per-hit", type=int, default=10, metavar="N", help="likewise (10)")


def _rule(options: dict[str, Any]) -> Rule:
    try:
        return Rule(k=options["accept"], n=options["raters"], unsure=options["unsure"])
    except RuleError as error:
        raise InputError(str(error), remedy="Correct --accept or --raters") from error


def _offer(options: dict[str, Any]) -> Offer:
    try:
        reward = Decimal(options["reward"])
    except InvalidOperation:
        reward = Decimal(-1)
    if not (reward.is_finite() and 0 <= reward <= 1000 and options["trials_per_hit"] >= 1):
        raise InputError(
            f"{options['reward']} USD for {options['trials_per_hit']} trials cannot be priced",
            remedy="Give --reward 0.10 and --trials-per-hit 10, for example",
        )
    return Offer(
        trials_per_hit=options["trials_per_hit"],
        raters_per_trial=options["raters"],
        reward=reward,
    )
