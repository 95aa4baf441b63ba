"""Import images into a set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.import_images import import_images
from studyapp.plurals import counted


class Command(BaseCommand):
    help = (
        "Import images, their labels and boxes into an image set: a folder per class, or a flat "
        "folder with a manifest, or a tar or zip of either. An image that cannot be used is named "
        "and left out. Run again, it adds only what is new. Every CSV may be gzipped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", required=True, metavar="NAME", help="name of the image set")
        parser.add_argument(
            "path",
            metavar="PATH",
            help="folder, .tar(.gz/.bz2/.xz) or .zip; - where images are known by id only",
        )
        parser.add_argument(
            "--labels",
            type=Path,
            metavar="CSV",
            help="manifest: image_id,file,label[,real_labels]; label is a class index or wnid",
        )
        parser.add_argument(
            "--classes",
            type=Path,
            metavar="CSV",
            help="class list: class_index,wnid,name[,all_names]",
        )
        parser.add_argument(
            "--boxes",
            type=Path,
            metavar="CSV|DIR",
            help="boxes: image_id,wnid,x0,y0,x1,y1 in pixels, half-open; or a folder of VOC XML",
        )
        parser.add_argument(
            "--strict", action="store_true", help="exit with status 1 if any image was refused"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = None if options["path"] == "-" else Path(options["path"])
        files = {name: options[name] for name in ("labels", "classes", "boxes")}
        with readable_errors(), progress_bar("Importing", unit="images") as progress:
            summary = import_images(options["set"], path=path, progress=progress, **files)
        self.stdout.write("\n".join(summary.lines()))
        if options["strict"] and summary.refused:
            refused = counted(summary.refused, "image")
            raise CommandError(f"{refused} could not be used; the others are in the set.")
