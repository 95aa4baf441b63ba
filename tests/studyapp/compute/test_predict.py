from __future__ import annotations

import io
import random
import time
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image as PILImage

from studyapp import storage
from studyapp.compute.predict import predict
from studyapp.errors import InputError
from studyapp.models import Image, ImageSet, LabelClass, Prediction, VisionModel
from tests.factories.dataset import ImageFactory, ImageSetFactory
from tests.processes import finish, started

COLOURS = {0: (200, 30, 40), 1: (30, 200, 40), 2: (30, 40, 200)}
SIX = "tests.studyapp.compute.colour_model:six_classes"
SEVEN = "tests.studyapp.compute.colour_model:seven_classes"


def image_of_colour(image_set: ImageSet, *, shown: int, label: int, name: str) -> Image:
    picture = io.BytesIO()
    PILImage.new("RGB", (20, 16), COLOURS[shown]).save(picture, format="PNG")
    file, content_hash = storage.store(picture.getvalue(), folder="images", suffix=".png")
    return ImageFactory.create(
        image_set=image_set,
        image_id=name,
        label=LabelClass.objects.get(class_list=image_set.class_list, index=label),
        file=file,
        content_hash=content_hash,
        width=20,
        height=16,
    )


@pytest.fixture
def image_set(transactional_db: None) -> ImageSet:
    image_set = ImageSetFactory.create(name="colours")
    for number, (shown, label) in enumerate([(0, 0), (1, 1), (2, 2), (0, 1)]):
        image_of_colour(image_set, shown=shown, label=label, name=f"image-{number}")
    return image_set


def test_the_five_most_probable_classes_are_kept(image_set: ImageSet) -> None:
    summary = predict(image_set, model=SIX, name="colour")
    assert (summary.n_new, summary.n_labelled, summary.n_errors) == (4, 4, 1)
    row = Prediction.objects.get(image__image_id="image-1")
    assert row.top1.index == 1
    logits = np.array([30, 200, 40, -127.5, -127.5, -127.5]) / 25.5
    expected = np.exp(logits) / np.exp(logits).sum()
    assert row.classes == [1, 2, 0, 3, 4]
    assert row.probabilities == pytest.approx(expected[row.classes].tolist(), rel=1e-5)


def test_again_is_nothing_new_and_new_images_are_added(image_set: ImageSet) -> None:
    predict(image_set, model=SIX, name="colour")
    before = list(Prediction.objects.values())
    assert predict(image_set, model=SIX, name="colour").n_new == 0
    assert list(Prediction.objects.values()) == before
    image_of_colour(image_set, shown=2, label=2, name="late")
    assert predict(image_set, model=SIX, name="colour").n_new == 1


def test_an_image_without_a_file_is_left_out_and_counted(image_set: ImageSet) -> None:
    ImageFactory.create(image_set=image_set, image_id="known-by-id")
    summary = predict(image_set, model=SIX, name="colour")
    assert (summary.n_new, summary.n_without_file) == (4, 1)
    assert any("known by id only" in line for line in summary.lines())
    assert summary.lines()[-1].startswith("Next: manage.py new_study")


def test_a_broken_image_is_named_and_does_not_stop_the_rest(image_set: ImageSet) -> None:
    broken = Image.objects.get(image_id="image-2")
    with default_storage.open(str(broken.file), "wb") as stream:
        stream.write(b"not a picture")
    summary = predict(image_set, model=SIX, name="colour")
    assert (summary.n_new, summary.n_failures) == (3, 1)


def test_a_model_of_another_class_count_is_refused(image_set: ImageSet) -> None:
    with pytest.raises(InputError, match=r"tells 7 classes apart.*has 6"):
        predict(image_set, model=SEVEN)
    assert not VisionModel.objects.exists()


def test_a_name_stands_for_one_model_only(image_set: ImageSet) -> None:
    VisionModel.objects.create(
        name="colour", class_list=image_set.class_list, source="imported", weights_hash=""
    )
    with pytest.raises(InputError, match=r"exists with other weights.*--name"):
        predict(image_set, model=SIX, name="colour")


def test_the_command_says_what_was_done(
    image_set: ImageSet, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("predict", set="colours", model=SIX, name="colour")
    out = capsys.readouterr().out
    assert "colour: 4 images predicted" in out
    assert "1 of 4 labelled images are top-1 errors (25.00%)" in out


def test_a_model_that_is_wrong_nearly_everywhere_is_doubted(image_set: ImageSet) -> None:
    for number in range(10):
        image_of_colour(image_set, shown=0, label=2, name=f"swapped-{number}")
    Image.objects.filter(image_id__startswith="image-").delete()
    lines = predict(image_set, model=SIX, name="colour").lines()
    assert any(line.startswith("Mind: colour is wrong on 10 of 10") for line in lines)


@pytest.mark.django_db
def test_the_command_names_the_sets_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    ImageSetFactory.create(name="birds")
    with pytest.raises(CommandError, match=r"no such image set.*birds"):
        call_command("predict", set="brids", model=SIX)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_from_there(image_set: ImageSet) -> None:
    for number in range(600):
        image_of_colour(image_set, shown=number % 3, label=0, name=f"more-{number:04d}")
    command = ["predict", "--set", "colours", "--model", SIX]
    command += ["--name", "colour", "--batch-size", "8"]
    draw = random.Random(7)
    for _ in range(3):
        with started(*command):
            time.sleep(draw.uniform(3.0, 5.0))
    finish(*command)
    assert Prediction.objects.count() == 604
    shown = {row.image.image_id: row.top1.index for row in Prediction.objects.select_related()}
    assert all(shown[f"more-{number:04d}"] == number % 3 for number in range(600))


@pytest.mark.slow
def test_real_photographs_and_a_real_network(shared_data: Path, transactional_db: None) -> None:
    """MobileNet v2 on 77 photographs of the ImageNet validation set: 49 top-1, 65 top-5 right."""
    folder = shared_data / "val_photos"
    call_command(
        "import_images",
        str(folder),
        set="photos",
        labels=folder / "images.csv",
        classes=shared_data / "imagenet_classes" / "classes.csv",
        boxes=folder / "boxes.csv",
    )
    summary = predict(
        ImageSet.objects.get(name="photos"),
        model="tests.explain.shared_models:mobilenet_v2",
        weights=shared_data / "weights" / "mobilenet_v2_1.0_224.safetensors",
    )
    assert (summary.n_labelled, summary.n_errors) == (77, 28)
    rows = Prediction.objects.select_related("image__label")
    right = [row for row in rows if row.image.label and row.image.label.index in row.classes]
    assert len(right) == 65
