"""Compare rankings of classes by robustness score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.errors import InputError
from studyapp.exports.catalogue import part_table
from studyapp.exports.tables import csv_text
from studyapp.exports.whole_file import make_folder, write_text
from studyapp.management.terminal import readable_errors
from studyapp.reports.class_rankings import Ranking, ranked_lists, rankings
from studyapp.reports.robustness_sheet import robustness_sheet
from studyapp.reports.sentences import aligned


class Command(BaseCommand):
    help = (
        "Print which classes score lowest in one ranking of robustness scores, and how far others "
        "agree with it: our own (made by `robustness`) and published ones (`import_class_scores`)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base",
            metavar="NAME",
            help="The ranking others are held against (default: the first).",
        )
        parser.add_argument(
            "--out", type=Path, metavar="DIR", help="Write the tables there as CSV files too."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            base, found, others = _chosen(options["base"])
            sheet = robustness_sheet(base, found, shown=None)
            self.stdout.write(sheet.headline)
            for table in sheet.tables:
                self.stdout.write(f"\n{table.title}:")
                self.stdout.write("\n".join(aligned([table.header, *table.rows])))
            if others:
                self.stdout.write(
                    "\nNot compared, for they are of other class lists (--base NAME shows them; "
                    "import_class_scores --set NAME takes a set's own classes): "
                    f"{'; '.join(others)}."
                )
            if options["out"]:
                make_folder(options["out"])
                for export in sheet.exports:
                    file = options["out"] / f"{export.name}.csv"
                    write_text(file, csv_text(part_table(export)))
                self.stdout.write(f"\n{len(sheet.exports)} tables written to {options['out']}.")


def _chosen(name: str | None) -> tuple[Ranking, list[Ranking], list[str]]:
    """The base, every ranking of its classes, and the names of those of other classes."""
    of_lists = [rankings(class_list) for class_list in ranked_lists()]
    for found in of_lists:
        for base in found:
            if name in (None, base.name):
                others = [each.name for of in of_lists if of is not found for each in of]
                return base, found, others
    known = [each.name for found in of_lists for each in found]
    raise InputError(
        "there is no such ranking" if name else "there is no ranking",
        item=f"ranking {name!r}" if name else "rankings",
        remedy=f"Use one of: {', '.join(known)}"
        if known
        else "Run robustness, or import_class_scores",
    )
