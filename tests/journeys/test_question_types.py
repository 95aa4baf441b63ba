"""A top-5 study from preset to report over real HTTP, with raters who never err."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from django.core.management import call_command

from demo.coders import Coder, reasons_for
from demo.looker import Looker
from demo.oracle import Oracle
from demo.truth import Truth
from demo.world.write import WorldFiles
from marketplace.robots import Careful
from studyapp.models import Image, Prediction, Study, VisionModel, Vote
from studyapp.reports import build_report
from tests.journeys.steps import let_rate

pytestmark = [
    pytest.mark.slow,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
]


def test_people_who_never_err_leave_the_true_top5_error(
    world: WorldFiles, two_hosts: str, tmp_path: Path
) -> None:
    truth = Truth.load(world.truth)
    call_command("import_images", str(world.images), set="toy", labels=world.labels,
                 classes=world.classes)  # fmt: skip
    lists = _predict(truth)
    call_command("marketplace_requester", "quorum", deposit="100")
    file = tmp_path / "more.yaml"
    file.write_text("trials_per_hit: 12\ncontact: me\n", encoding="utf-8")
    call_command("new_study", str(file), preset="top5_five", name="t", set="toy", model=["m"])
    call_command("launch", "t")
    call_command("publish", "t")
    looker = Looker(Oracle(truth, folder=world.images))
    let_rate([Careful(looker)] * 5, site=two_hosts, tells_time=True)
    call_command("collect_votes", "t")
    call_command("filter_votes", "t")
    study = Study.objects.get(name="t")
    part = build_report(study).part
    assert part is not None
    rows = part.values["top5"]
    assert len(rows) == 4
    labels = {image_id: record["label"] for image_id, record in truth.images.items()}
    for row in rows:
        shown = [
            image_id
            for image_id, classes in lists.items()
            if (classes[0] if row["protocol"] == "A" else None) != labels[image_id]
            and (row["protocol"] == "A" or labels[image_id] not in classes)
        ]
        left = [i for i in shown if not truth.classes_in_view(i) & set(lists[i])]
        assert (row["n_shown"], row["n_asked"]) == (len(shown), len(shown))
        assert row["n_undecided"] == 0
        assert row["n_shown"] - row["n_accepted"] == len(left)
    assert Vote.objects.filter(study=study).exclude(active_seconds__gte=0).count() == 0
    out = tmp_path / "export"
    call_command("export", "t", out=out)
    assert len((out / "top5.csv").read_text().splitlines()) == 1 + len(rows)
    n_questions = len((out / "questions.csv").read_text().splitlines()) - 1
    assert len((out / "subjects.csv").read_text().splitlines()) == 1 + 5 * n_questions
    _reasons_are_those_of_the_drawings(truth, looker, site=two_hosts, tmp_path=tmp_path)


def _reasons_are_those_of_the_drawings(
    truth: Truth, looker: Looker, *, site: str, tmp_path: Path
) -> None:
    """A page with a part of radio buttons and one of ticks, in the plain form and by the script."""
    for name, by_script in (("plain", False), ("script", True)):
        file = tmp_path / f"{name}.yaml"
        file.write_text("contact: me\nselection: {sample: 8}\n", encoding="utf-8")
        call_command("new_study", str(file), preset="failure_reasons", name=name, set="toy",
                     model=["m"])  # fmt: skip
        call_command("launch", name)
        call_command("publish", name)
        coder = Looker(looker.oracle, Coder(looker.oracle, truth))
        let_rate([Careful(coder)] * 3, site=site, tells_time=by_script, named=name)
        call_command("collect_votes", name)
        part = build_report(Study.objects.get(name=name)).part
        assert part is not None
        coded = next(export for export in part.exports if export.name == "coded_mistakes")
        assert len(coded.rows) == 8
        index = {text: at for at, text in enumerate(truth.world["classes"])}
        for _, image_id, _, said, main, held in coded.rows:
            wanted = reasons_for(truth, str(image_id), index[str(said)])
            assert (main, set(str(held).split(";"))) == (wanted[0], set(wanted))


def _predict(truth: Truth) -> dict[str, list[int]]:
    """Five classes for every image, the first of them wrong on half."""
    draw = random.Random(5)
    n = len(truth.world["classes"])
    images = {image.image_id: image for image in Image.objects.all()}
    class_list = next(iter(images.values())).image_set.class_list
    classes = list(class_list.classes.order_by("index"))
    model = VisionModel.objects.create(name="m", class_list=class_list, source="imported")
    lists = {}
    for image_id, record in truth.images.items():
        others = [index for index in draw.sample(range(n), n) if index != record["label"]]
        place = draw.choice([0, 0, 3, 5])
        lists[image_id] = [*others[:place], record["label"], *others[place:]][:5]
    Prediction.objects.bulk_create(
        Prediction(
            vision_model=model,
            image=images[image_id],
            top1=classes[listed[0]],
            classes=listed,
        )
        for image_id, listed in lists.items()
    )
    return lists
