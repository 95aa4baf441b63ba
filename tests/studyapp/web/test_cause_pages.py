"""Pages of robustness and of probes, over rows whose figures are known by hand."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studyapp.models import ImageSet, LabelClass, ProbeResult, RobustnessScore, VisionModel
from studyapp.people import make_researcher
from studyapp.reports.insertion import insertions
from studyapp.reports.region_noise import region_noise
from tests.factories.artefacts import ProbeResultFactory, SaliencyMapFactory
from tests.factories.dataset import (
    ImageSetFactory,
    PredictionFactory,
    ShownImageFactory,
    VisionModelFactory,
    label_class,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def researcher(client: Client) -> Client:
    client.force_login(make_researcher("mara", password="x"))
    return client


def scored_set() -> ImageSet:
    """Two classes by two models: class 0 with rs 0.1 and 0.3, class 1 with 0.8 and none."""
    image_set = ImageSetFactory.create(name="birds")
    images = [
        ShownImageFactory.create(image_set=image_set, label=label_class(image_set, index=index))
        for index in (0, 0, 1, 1)
    ]
    for name in ("a", "b"):
        model = VisionModelFactory.create(name=name, class_list=image_set.class_list)
        for at, (image, score) in enumerate(zip(images, (0.1, 0.3, 0.8, None), strict=True)):
            row = SaliencyMapFactory.create(
                vision_model=model, image=image, parameters_hash="m" * 64
            )
            older = RobustnessScore.objects.create(
                saliency_map=row, boxes=[], parameters_hash="old", score=0.99, area=0.5
            )
            RobustnessScore.objects.create(
                saliency_map=row,
                boxes=[[0, 0, 8, 8]],
                parameters_hash="new",
                score=score,
                undefined="" if score is not None else "no box",
                area=0.25,
            )
            assert older.pk
            PredictionFactory.create(
                vision_model=model, image=image, classes=[1, 0] if at == 0 else [int(at > 1)]
            )
    return image_set


@pytest.mark.slow
def test_classes_are_ranked_with_their_accuracy_and_images(researcher: Client) -> None:
    image_set = scored_set()
    # Class 1 has a picture without a map, which is predicted wrong: it counts for the accuracy.
    PredictionFactory.create(
        vision_model=VisionModel.objects.get(name="a"),
        image=ShownImageFactory.create(image_set=image_set, label=label_class(image_set, index=1)),
        classes=[0, 1],
    )
    # Names that occur twice are told apart, as raters read them.
    LabelClass.objects.filter(index=0).update(prompt_name="crane (machine)")
    page = researcher.get(reverse("robustness"))
    text = page.content.decode()
    assert "crane (machine) (0.200)</option>" in text
    assert page.context["part"].tables[0].rows[0][0] == "crane (machine)"
    name = "birds: a grad_cam_pp mmmmmmmm"
    assert f"{name}</option>" in text
    class_list = image_set.class_list.pk
    got = researcher.get(reverse("robustness-csv", args=[class_list, "ranking"]), {"base": name})
    first, second = csv.DictReader(io.StringIO(got.content.decode()))
    assert (first["class_index"], float(first["crs"]), first["n_images"]) == ("0", 0.2, "2")
    assert (first["top1_accuracy"], first["top5_accuracy"]) == ("0.5", "1.0")
    assert (second["crs"], second["n_images"], second["n_undefined"]) == ("0.8", "1", "1")
    assert (float(second["top1_accuracy"]), second["n_predicted"]) == (2 / 3, "3")
    got = researcher.get(reverse("robustness-csv", args=[class_list, "comparisons"]))
    (other,) = csv.DictReader(io.StringIO(got.content.decode()))
    assert (other["k"], other["size"], other["n_tied_at_k"]) == ("1", "1", "0")
    assert first["tied"] == "false"
    assert float(other["spearman"]) == pytest.approx(1)
    # The same images and scores: every draw shares its lowest class.
    assert (other["size_low"], other["size_high"]) == ("1.0", "1.0")
    # Kept until something comes: the second look reads no score, a score that comes is seen.
    with CaptureQueriesContext(connection) as queries:
        researcher.get(reverse("robustness-csv", args=[class_list, "ranking"]))
    assert not [q for q in queries if '"studyapp_prediction"."classes"' in q["sql"]]
    newest = RobustnessScore.objects.filter(parameters_hash="new").first()
    assert newest is not None
    again = RobustnessScore.objects.create(
        saliency_map=newest.saliency_map, boxes=[], parameters_hash="again", score=0.9, area=0.25
    )
    got = researcher.get(reverse("robustness-csv", args=[class_list, "ranking"]), {"base": name})
    assert float(next(csv.DictReader(io.StringIO(got.content.decode())))["crs"]) == 0.6
    again.delete()
    # The lowest image of the lowest class comes first, with its map and what was said.
    shown = [picture for strip in page.context["part"].strips for picture in strip.pictures]
    assert [picture.caption.split(": ")[1] for picture in shown] == [
        "rs 0.100, not first", "rs 0.300, right",
    ]  # fmt: skip
    picture = reverse("artefact-picture", args=[shown[0].kind, shown[0].row, shown[0].name])
    assert picture in text
    assert researcher.get(picture)["Content-Type"] == "image/png"
    assert researcher.get(picture.replace("/map.png", "/nothing.png")).status_code == 404
    assert Client().get(picture).status_code == 302
    of_1 = researcher.get(reverse("robustness"), {"base": name, "class": "1"})
    assert len(of_1.context["part"].strips[0].pictures) == 1
    assert researcher.get(reverse("robustness"), {"class": "x"}).status_code == 400
    assert researcher.get(reverse("robustness"), {"base": "x"}).status_code == 404


def test_rankings_of_other_images_get_no_interval_of_the_common_ones(researcher: Client) -> None:
    image_set = scored_set()
    # Classes 2 and 3 have a picture of their own for each model: not the same images any more.
    for name, index in (("a", 2), ("b", 2), ("a", 3), ("b", 3)):
        row = SaliencyMapFactory.create(
            vision_model=VisionModel.objects.get(name=name),
            image=ShownImageFactory.create(
                image_set=image_set, label=label_class(image_set, index=index)
            ),
            parameters_hash="m" * 64,
        )
        RobustnessScore.objects.create(
            saliency_map=row, boxes=[], parameters_hash="new", score=0.5, area=0.25
        )
    got = researcher.get(reverse("robustness-csv", args=[image_set.class_list.pk, "comparisons"]))
    (other,) = csv.DictReader(io.StringIO(got.content.decode()))
    assert (other["n_classes"], other["size_low"]) == ("4", "")
    assert researcher.get(reverse("robustness"), {"class": "9" * 5_000}).status_code == 400


def test_noise_in_the_boxes_counts_what_was_right_before(researcher: Client) -> None:
    image_set = ImageSetFactory.create(name="birds")
    model = VisionModelFactory.create(class_list=image_set.class_list)

    def probed(after: int, **more: object) -> None:
        image = ShownImageFactory.create(image_set=image_set, label=label_class(image_set, index=0))
        ProbeResultFactory.create(
            vision_model=model,
            image=image,
            kind="region_noise",
            after={"classes": [after, 1 - after], "probabilities": [0.6, 0.4]},
            **more,
        )

    for after in (0, 0, 1):
        probed(after)
    probed(0, flags=["nothing_covered"], probability_after=0.75)
    probed(0, label_class=label_class(image_set, index=1))  # wrong before
    probed(0, parameters={"where": "outside"}, parameters_hash="o")
    # Another setting tried later on one image, which is counted with none of these.
    probed(0, parameters={"noise": "shuffled"}, parameters_hash="s", probability_after=0.7)
    found = region_noise(model, image_set="birds")[0]
    assert (found.n_images, found.n_unusable, found.n_right, found.n_still) == (5, 1, 3, 2)
    assert found.before == 0.75
    assert found.after == 0.375
    page = researcher.get(reverse("probe-figures", args=[image_set.pk, model.pk, "region_noise"]))
    (table,) = page.context["part"].tables
    assert [row[:4] for row in table.rows] == [
        ("usual", "5", "1", "1"), ("where outside", "1", "0", "0"),
        ("noise shuffled", "1", "0", "0"),
    ]  # fmt: skip
    # What keeps its probability because nothing was covered is no evidence, and is not shown.
    row = SaliencyMapFactory.create(
        vision_model=model,
        image=ShownImageFactory.create(image_set=image_set, label=label_class(image_set, index=0)),
    )
    RobustnessScore.objects.create(
        saliency_map=row, boxes=[], parameters_hash="p", score=0.5, area=0.25
    )
    part = researcher.get(reverse("robustness")).context["part"]
    strip = next(strip for strip in part.strips if "object covered" in strip.title)
    assert len(strip.pictures) == 3


def test_an_insertion_before_and_after(researcher: Client) -> None:
    image_set = ImageSetFactory.create(name="birds")
    model = VisionModelFactory.create(class_list=image_set.class_list)
    for at, after in enumerate((0, 1, 1, 1)):
        image = ShownImageFactory.create(image_set=image_set, label=label_class(image_set, index=0))
        ProbeResultFactory.create(
            vision_model=model,
            image=image,
            kind="insertion",
            parameters={"inserted": "f" * 64},
            after={"classes": [after, 1 - after], "probabilities": [0.6, 0.4]},
            flags=["not_confident"] if at == 3 else [],
        )
        ProbeResultFactory.create(
            vision_model=model, image=image, kind="tiles", part=0,
            after={"classes": [0], "probabilities": [1.0]},
        )  # fmt: skip
        ProbeResultFactory.create(vision_model=model, image=image, kind="tiles", part=1)
    (found,) = insertions(ProbeResult.objects.filter(kind="insertion"))
    assert (found.n_images, found.n_sure, found.n_flipped) == (4, 3, 2)
    assert (found.n_right_before, found.n_right_after, found.n_labelled) == (3, 1, 3)
    assert found.p == 0.5  # two of two one way
    assert found.change.estimate == -0.375
    # The same object in another size is a row of its own, told apart from the first.
    ProbeResultFactory.create(
        vision_model=model,
        image=image,
        kind="insertion",
        parameters={"inserted": "f" * 64, "scales": [0.4, 0.6]},
        parameters_hash="q",
    )
    ways = [image_set.pk, model.pk]
    got = researcher.get(reverse("probe-csv", args=[*ways, "insertion", "insertions"]))
    rows = list(csv.DictReader(io.StringIO(got.content.decode())))
    assert [row["settings"] for row in rows] == ["usual", "scales 0.4 to 0.6"]
    ProbeResult.objects.filter(parameters_hash="q").delete()
    assert "Object pasted in" in researcher.get(reverse("probes")).content.decode()
    page = researcher.get(reverse("probe-figures", args=[*ways, "insertion"])).content.decode()
    assert "into 3 images it is sure of changes the first class of 66.67 %" in page
    assert "cat 75% → dog 60%" in page
    tiles = researcher.get(reverse("probe-figures", args=[*ways, "tiles"])).content.decode()
    assert "of 4 images broken into 2 tiles, 0 have no tile" in tiles
    assert "(0.00 % [0.00, 48.99])" in tiles
    answers = researcher.get(reverse("probe-csv", args=[*ways, "insertion", "answers"]))
    assert len(answers.content.decode().splitlines()) == 5
    assert researcher.get(reverse("probe-figures", args=[*ways, "pairs"])).status_code == 404
    assert researcher.get(reverse("probe-csv", args=[*ways, "tiles", "x"])).status_code == 404
