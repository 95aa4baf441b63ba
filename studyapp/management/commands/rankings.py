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
            base, found = _chosen(options["base"])
            sheet = robustness_sheet(base, found, shown=None)
            self.stdout.write(sheet.headline)
            for table in sheet.tables:
                self.stdout.write(f"\n{table.title}:")
                self.stdout.write("\n".join(aligned([table.header, *table.rows])))
            if options["out"]:
                make_folder(options["out"])
                for export in sheet.exports:
                    file = options["out"] / f"{export.name}.csv"
                    write_text(file, csv_text(part_table(export)))
                self.stdout.write(f"\n{len(sheet.exports)} tables written to {options['out']}.")


def _chosen(name: str | None) -> tuple[Ranking, list[Ranking]]:
    for class_list in ranked_lists():
        found = rankings(class_list)
        for each in found:
            if name in (None, each.name):
                return each, found
    known = [each.name for class_list in ranked_lists() for each in rankings(class_list)]
    raise InputError(
        "there is no such ranking" if name else "there is no ranking",
        item=f"ranking {name!r}" if name else "rankings",
        remedy=f"Use one of: {', '.join(known)}"
        if known
        else "Run robustness, or import_class_scores",
    )
