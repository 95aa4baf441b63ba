"""The steps of a whole study on a small toy world, for the journeys."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

from django.core.management import call_command

from demo.oracle import Oracle
from demo.truth import Truth
from demo.world.write import WorldFiles
from marketplace.actions.enrol import create_worker
from marketplace.robots import Careful, Rater, Robot, StimulusFacts, run_crowd

PASSWORD = "a long secret for robots"


def import_world(world: WorldFiles, folder: Path) -> dict[str, dict[str, int]]:
    """Import pictures and two models' predictions; returns the predictions by model."""
    truth = Truth.load(world.truth)
    draw = random.Random(11)
    predictions: dict[str, dict[str, int]] = {"first": {}, "second": {}}
    for image_id, record in truth.images.items():
        others = sorted(truth.classes_in_view(image_id) - {record["label"]})
        for model, share in (("first", 0.5), ("second", 0.3)):
            wrong = draw.choice([*others, draw.randrange(len(truth.world["classes"]))])
            predictions[model][image_id] = wrong if draw.random() < share else record["label"]
    path = folder / "predictions.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["image_id", "first", "second"])
        out.writerows(
            [image_id, predictions["first"][image_id], predictions["second"][image_id]]
            for image_id in truth.images
        )
    call_command(
        "import_images",
        str(world.images),
        set="toy",
        labels=world.labels,
        classes=world.classes,
        boxes=world.boxes,
    )
    call_command("import_predictions", str(path), set="toy")
    return predictions


def run_study(folder: Path, *, extra: str = "") -> None:
    """From the study's file to HITs on the marketplace."""
    file = folder / "study.yaml"
    file.write_text(
        "name: toy\ntitle: Does the word fit?\nset: toy\nmodels: [first, second]\n"
        f"trials_per_hit: 8\n{extra}",
        encoding="utf-8",
    )
    call_command("marketplace_requester", "quorum", deposit="100")
    call_command("new_study", str(file))
    call_command("build_trials", "toy")
    call_command("launch", "toy")
    call_command("publish", "toy")


def let_rate(
    raters: list[Rater], *, site: str, tells_time: bool = False, named: str = "robot"
) -> None:
    robots = []
    for number, rater in enumerate(raters):
        create_worker(f"{named}-{number}", password=PASSWORD)
        robots.append(
            Robot(
                f"{named}-{number}",
                password=PASSWORD,
                marketplace_url=site,
                rater=rater,
                seed=number,
                tells_time=tells_time,
            )
        )
    results = run_crowd(robots, at_once=3)
    assert [problem for result in results for problem in result.problems] == []


def analysed(folder: Path) -> dict[str, dict[str, object]]:
    call_command("collect_votes", "toy")
    call_command("filter_votes", "toy")
    call_command("analyse", "toy", json=str(folder / "report.json"))
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {model["model"]: model for model in report["models"]}


def careful(world: WorldFiles, *, delay_s: float = 0.0) -> Careful:
    oracle = Oracle(Truth.load(world.truth), folder=world.images)

    def look(facts: StimulusFacts) -> str:
        return oracle.answer(facts.image_bytes, class_name=facts.class_name)

    return Careful(look, delay_s=delay_s)
