"""manage.py probe"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.shared_work import add_queue_options, asked_for
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pasted_object import keep_object
from studyapp.probe_in_shards import probe_in_shards
from studyapp.probing import ProbeRequest
from studyapp.selectors.image_sets import image_set_by_name
from studyapp.vocabulary import ProbeKind

OPTIONS: dict[str, dict[str, Any]] = {
    "noise": {"help": "region_noise: uniform (default), or shuffled: the region's own pixels."},
    "where": {"help": "region_noise: inside the boxes of the label (default), or outside."},
    "rows": {"type": int, "help": "tiles: rows (2)."},
    "columns": {"type": int, "help": "tiles: columns (2)."},
    "draws": {"type": int, "help": "insertion: places and sizes tried per image (1)."},
    "scales": {
        "type": float,
        "nargs": 2,
        "metavar": ("FROM", "TO"),
        "help": "insertion: the object's longer side, as a share of the picture's (0.2 0.4).",
    },
    "confident": {
        "type": float,
        "help": "insertion: probability from which an image is used (0.9). captions: from which "
        "a picture is not flagged (0).",
    },
    "n-pairs": {"type": int, "help": "pairs: how many, the nearest first (6)."},
    "class-index": {"type": int, "help": "pairs: one of each is predicted as this class."},
    "seed": {"type": int, "help": "region_noise, insertion: of every draw (0)."},
}


class Command(BaseCommand):
    help = (
        "Change the images of a set on purpose and ask the model again: its object drowned in "
        "noise, the picture broken into tiles, a thing pasted in, the nearest picture that is "
        "predicted differently; or give unlabelled pictures captions. Run again, it makes only "
        "what is missing. With --queue the compute workers share the images."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = ProbeKind.values
        parser.add_argument("--kind", required=True, choices=kinds, help="Which probe.")
        parser.add_argument("--set", required=True, metavar="NAME", help="Name of the image set.")
        parser.add_argument("--model", required=True, metavar="NAME", help="Name of the model.")
        parser.add_argument(
            "--class", dest="label", type=int, metavar="INDEX", help="Only images of this label."
        )
        parser.add_argument(
            "--object", type=Path, metavar="PNG", help="insertion: a picture with transparency."
        )
        parser.add_argument("--weights", metavar="FILE", help="The model's weights, if moved.")
        parser.add_argument("--device", help="cuda, mps or cpu (default: the best there is).")
        add_queue_options(parser)
        group = parser.add_argument_group("settings of the kinds")
        for name, settings in OPTIONS.items():
            group.add_argument(f"--{name}", **settings)

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            request = _request(options)
            if options["queue"]:
                job = probe_in_shards(request, size=options["shard_size"])
                self.stdout.write(asked_for(job, wait=options["wait"]))
                return
        # Here, because a machine that only asks for work need not have torch.
        from studyapp.compute.probe import probe

        with readable_errors(), progress_bar("probe", unit="images") as progress:
            summary = probe(request, progress=progress)
        self.stdout.write("\n".join(summary.lines()))


def _request(options: dict[str, Any]) -> ProbeRequest:
    names = [name.replace("-", "_") for name in OPTIONS]
    pasted, digest = keep_object(options["object"]) if options["object"] else (None, None)
    return ProbeRequest(
        image_set=image_set_by_name(options["set"]).name,
        model=options["model"],
        kind=ProbeKind(options["kind"]),
        options={name: options[name] for name in names},
        label=options["label"],
        pasted=pasted,
        pasted_hash=digest,
        weights=options["weights"],
        device=options["device"],
    )
