"""manage.py predict"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.compute.predict import predict
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.selectors.image_sets import image_set_by_name


class Command(BaseCommand):
    help = "Predict the five most probable classes of every image of a set. Stopped, it goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", required=True, help="Name of the image set.")
        parser.add_argument(
            "--model",
            required=True,
            help="A torchvision architecture such as resnet101, or module:callable, called with "
            "the weights path and returning a torch module on [0, 1] RGB with `input_size`.",
        )
        parser.add_argument(
            "--weights",
            help="Local file: safetensors, or .pth loaded as weights only. Without it an "
            "architecture takes torchvision's own weights.",
        )
        parser.add_argument("--name", help="What to call the model (default: from the others).")
        parser.add_argument("--device", help="cuda, mps or cpu (default: the best there is).")
        parser.add_argument("--batch-size", type=int, help="Images per forward pass.")

    def handle(self, **options: Any) -> None:
        with readable_errors(), progress_bar("predict", unit="images") as progress:
            summary = predict(
                image_set_by_name(options["set"]),
                model=options["model"],
                weights=options["weights"],
                name=options["name"],
                device=options["device"],
                batch_size=options["batch_size"],
                progress=progress,
            )
        for line in summary.lines():
            self.stdout.write(line)
