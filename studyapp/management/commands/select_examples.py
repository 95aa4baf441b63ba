"""manage.py select_examples"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.explanation import AdversarialSettings
from studyapp.management.shared_work import add_queue_options, asked_for
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.select_in_shards import select_in_shards
from studyapp.selection import CONDITIONS, SelectionRequest
from studyapp.selectors.image_sets import image_set_by_name

DEFAULTS = AdversarialSettings()


class Command(BaseCommand):
    help = (
        "Choose the pictures that stand for each class of a set: prototypes, and criticisms where "
        "the condition has them. adversarial needs `explain --kind adversarial` first; mmd and "
        "confidence ask the model; uniform draws. Run again, it makes only what is missing. With "
        "--queue the compute workers share the images."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", required=True, metavar="NAME", help="Name of the image set.")
        parser.add_argument(
            "--condition", required=True, choices=list(CONDITIONS), help="Method and roles."
        )
        parser.add_argument(
            "--model", metavar="NAME", help="Name of the model, as predict said it."
        )
        parser.add_argument("--prototypes", type=int, help="How many (default: the condition's).")
        parser.add_argument("--criticisms", type=int, help="How many (default: the condition's).")
        parser.add_argument(
            "--class",
            dest="classes",
            type=int,
            action="append",
            metavar="INDEX",
            help="Only this class; may be given again.",
        )
        parser.add_argument("--seed", type=int, default=0, help="Of every draw and tie (0).")
        parser.add_argument(
            "--regulariser",
            type=float,
            default=1e-5,
            help="mmd: weight of the criticisms' spread: 1e-5 (default), or 1 as Kim et al. 2016.",
        )
        parser.add_argument(
            "--step", type=float, default=DEFAULTS.step, help="adversarial: of the attack (0.001)."
        )
        parser.add_argument(
            "--max-steps",
            type=int,
            default=DEFAULTS.max_steps,
            help="adversarial: of the attack (10).",
        )
        parser.add_argument(
            "--leave-at-flip",
            action="store_true",
            help="adversarial: the attack was made with --leave-at-flip.",
        )
        parser.add_argument(
            "--avoid", metavar="STUDY", help="Leave out the pictures that this study asks about."
        )
        parser.add_argument("--weights", metavar="FILE", help="The model's weights, if moved.")
        parser.add_argument("--device", help="cuda, mps or cpu (default: the best there is).")
        add_queue_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            request = _request(options)
            if options["queue"]:
                job = select_in_shards(request, size=options["shard_size"])
                self.stdout.write(asked_for(job, wait=options["wait"]))
                return
        # Here, because a machine that only asks for work need not have torch.
        from studyapp.compute.select_examples import select_examples

        with readable_errors(), progress_bar("select", unit="classes") as progress:
            summary = select_examples(request, progress=progress)
        self.stdout.write("\n".join(summary.lines()))


def _request(options: dict[str, Any]) -> SelectionRequest:
    condition = CONDITIONS[options["condition"]]
    chosen = {
        role: getattr(condition, role) if options[role] is None else options[role]
        for role in ("prototypes", "criticisms")
    }
    return SelectionRequest(
        image_set=image_set_by_name(options["set"]).name,
        method=condition.method,
        model=None if condition.method == "uniform" else options["model"],
        **chosen,
        seed=options["seed"],
        regulariser=options["regulariser"],
        steps=AdversarialSettings(
            step=options["step"],
            max_steps=options["max_steps"],
            keep_going=not options["leave_at_flip"],
        ),
        classes=tuple(options["classes"]) if options["classes"] else None,
        avoid=options["avoid"],
        weights=options["weights"],
        device=options["device"],
    )
