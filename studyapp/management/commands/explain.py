"""manage.py explain"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.explain_in_shards import explain_in_shards
from studyapp.explanation import AMONG, OF, PRECISIONS, ExplainRequest, make_request, settings_of
from studyapp.management.shared_work import add_queue_options, asked_for
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.selectors.explanations import attack_named
from studyapp.selectors.image_sets import image_set_by_name
from studyapp.vocabulary import ExplanationKind

#: What a kind of explanation can be told; each kind refuses what it does not know.
SETTINGS: dict[str, dict[str, Any]] = {
    "method": {
        "help": "attention: lime_v1 (default), lasso_ols. saliency: grad_cam_pp (default), "
        "smooth_grad_cam_pp, score_cam. adversarial: ifgsm."
    },
    "n-samples": {
        "type": int,
        "help": "attention: perturbed images per image (1000). smooth_grad_cam_pp: noisy copies "
        "(25).",
    },
    "seed": {"type": int, "help": "attention, smooth_grad_cam_pp: of every random draw (0)."},
    "top-k": {"type": int, "help": "attention: superpixels that are shown at most (8)."},
    "sigma": {"type": float, "help": "attention: width of the kernel (0.25)."},
    "background": {"help": "attention: black (default), gray or blurred."},
    "engine": {"help": "attention: quorum (default), or lime, the package it is checked against."},
    "step": {"type": float, "help": "adversarial: length of a step (0.001)."},
    "max-steps": {"type": int, "help": "adversarial: steps at most (10)."},
    "norm": {"help": "adversarial: linf (default) or l2."},
    "pixel-scale": {
        "help": "adversarial: unit (default, pixels in [0, 1]) or normalised, as the network "
        "sees them."
    },
    "quantised": {
        "action": "store_const",
        "const": True,
        "help": "adversarial: keep to pixels that 8 bits hold.",
    },
    "leave-at-flip": {
        "action": "store_const",
        "const": False,
        "dest": "keep_going",
        "help": "adversarial: stop at the first flip; faster, and no image of the last step.",
    },
    "variant": {"help": "score_cam: paper (default), official, pgc or szyc."},
    "compat": {"help": "grad_cam_pp: pgc, szyc or torchcam. smooth_grad_cam_pp: szyc."},
    "spread": {"type": float, "help": "smooth_grad_cam_pp: noise, as a share of the range (0.15)."},
    "attack": {
        "dest": "of_attack",
        "metavar": "HASH",
        "help": "attention --among attacked: which attack, by the beginning of its settings' hash "
        "(default: the only one there is).",
    },
    "precision": {"choices": PRECISIONS, "help": "bf16 is faster and close; fp32 for publication."},
}


class Command(BaseCommand):
    help = (
        "Make attention images, adversarial images or saliency maps for the images of a set, with "
        "a model whose predictions are there. Without --among and --of: attention images of the "
        "class the model wrongly predicts, adversarial images of what it gets right, saliency "
        "maps of the label of every labelled image. Stopped or run again, it makes only what is "
        "missing. With --queue the compute workers share the work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = ExplanationKind.values
        parser.add_argument("--kind", required=True, choices=kinds, help="What is made.")
        parser.add_argument("--set", required=True, metavar="NAME", help="Name of the image set.")
        parser.add_argument(
            "--model", required=True, metavar="NAME", help="Name of the model, as predict said it."
        )
        parser.add_argument("--of", choices=OF, help="The class that is explained.")
        parser.add_argument("--among", choices=AMONG, help="The labelled images that are meant.")
        parser.add_argument(
            "--class",
            dest="classes",
            type=int,
            action="append",
            default=[],
            metavar="INDEX",
            help="Only images labelled with this class; may be given again.",
        )
        parser.add_argument(
            "--weights",
            metavar="FILE",
            help="The model's weights on this machine, where they are not at predict's path. "
            "Another file than predict's is refused.",
        )
        parser.add_argument("--device", help="cuda, mps or cpu (default: the best there is).")
        add_queue_options(parser)
        group = parser.add_argument_group("settings of the kinds")
        for name, options in SETTINGS.items():
            group.add_argument(f"--{name}", **options)

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            request = _request(options)
        if options["queue"]:
            self._enqueue(request, size=options["shard_size"], wait=options["wait"])
            return
        # Here, because a machine that only asks for work need not have torch.
        from studyapp.compute.explain import explain

        with readable_errors(), progress_bar("explain", unit="images") as progress:
            summary = explain(request, progress=progress)
        self.stdout.write("\n".join(summary.lines()))

    def _enqueue(self, request: ExplainRequest, *, size: int | None, wait: bool) -> None:
        with readable_errors():
            job = explain_in_shards(request, size=size)
        if job is None:
            self.stdout.write("Nothing is missing: all of it was made before.")
            return
        self.stdout.write(asked_for(job, wait=wait))


def _request(options: dict[str, Any]) -> ExplainRequest:
    names = [each.get("dest", name.replace("-", "_")) for name, each in SETTINGS.items()]
    image_set = image_set_by_name(options["set"]).name
    if options["among"] == "attacked":
        options["of_attack"] = attack_named(
            options["of_attack"], image_set=image_set, model=options["model"]
        )
    settings = settings_of(options["kind"], options={name: options[name] for name in names})
    return make_request(
        image_set,
        model=options["model"],
        settings=settings,
        of=options["of"],
        among=options["among"],
        weights=options["weights"],
        device=options["device"],
        classes=options["classes"],
    )
