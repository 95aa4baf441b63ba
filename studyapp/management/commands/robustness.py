"""manage.py robustness"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.errors import InputError
from studyapp.explanation import make_request, settings_of
from studyapp.exports.whole_file import write_text
from studyapp.management.commands.explain import SETTINGS
from studyapp.management.shared_work import add_queue_options, asked_for
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.robustness_in_shards import robustness_in_shards
from studyapp.selectors.image_sets import image_set_by_name

if TYPE_CHECKING:
    from studyapp.compute.robustness import RobustnessSummary

#: What tells one run of explain --kind saliency from another.
KNOWN = ("method", "variant", "compat", "n-samples", "spread", "seed", "precision")
COLUMNS = ("crs", "crs_correct", "n_images", "n_scored", "top1", "top5", "area")


class Command(BaseCommand):
    help = (
        "Score the saliency maps of a set with the boxes of its objects: rs, the share of a map "
        "inside the boxes, and crs, the mean of a class. Maps come from explain --kind saliency; "
        "the settings must be the same. Run again, it scores only what is new. With --queue the "
        "compute workers share the work; run without it afterwards, it writes the class scores."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", required=True, metavar="NAME", help="Name of the image set.")
        parser.add_argument("--model", required=True, metavar="NAME", help="Name of the model.")
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="Write the class scores there, lowest first."
        )
        add_queue_options(parser)
        for name in KNOWN:
            parser.add_argument(f"--{name}", **SETTINGS[name])

    def handle(self, *args: Any, **options: Any) -> None:
        names = [name.replace("-", "_") for name in KNOWN]
        with readable_errors():
            settings = settings_of("saliency", options={name: options[name] for name in names})
            request = make_request(
                image_set_by_name(options["set"]).name, model=options["model"], settings=settings
            )
            if options["queue"]:
                if options["csv"]:
                    raise InputError(
                        "workers elsewhere cannot write it",
                        item="--csv",
                        remedy="Leave it out, and run without --queue when they are done",
                    )
                job = robustness_in_shards(request, size=options["shard_size"])
                self.stdout.write(asked_for(job, wait=options["wait"]))
                return
        # Here, because a machine that only asks for work need not have torch.
        from studyapp.compute.robustness import robustness

        with readable_errors(), progress_bar("robustness", unit="maps") as progress:
            summary = robustness(request, progress=progress)
        self.stdout.write("\n".join(summary.lines()))
        if options["csv"]:
            with readable_errors():
                write_text(options["csv"], _table(summary))
            self.stdout.write(f"Class scores: {options['csv']}")


def _table(summary: RobustnessSummary) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["class_index", "wnid", "name", *COLUMNS])
    for label, score in summary.classes:
        values = [getattr(score, column) for column in COLUMNS]
        out.writerow([label.index, label.wnid, label.name, *values])
    return text.getvalue()
