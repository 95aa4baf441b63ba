from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.models import ImageSet, Prediction, VisionModel
from studyapp.pipeline.import_images import import_images
from studyapp.pipeline.import_predictions import import_predictions
from tests.factories.dataset import ImageFactory, ImageSetFactory, VisionModelFactory
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def images() -> ImageSet:
    """Images a, b and c of class 0, x/d without a label; six classes."""
    image_set = ImageSetFactory.create()
    for name in "abc":
        ImageFactory.create(image_set=image_set, image_id=name)
    ImageFactory.create(image_set=image_set, image_id="x/d", label_index=None)
    return image_set


def _file(folder: Path, text: str) -> Path:
    path = folder / "p.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_column_per_model(images: ImageSet, tmp_path: Path) -> None:
    file = _file(tmp_path, "image_id,net one,net two\na,0,1\nb,5,\nd,2,2\n")
    summary = import_predictions(images, file=file)
    one, two = summary.models
    assert (one.model, one.added, one.missing, one.wrong) == ("net one", 3, 1, 1)
    assert (two.model, two.added, two.missing, two.wrong) == ("net two", 2, 2, 1)
    prediction = Prediction.objects.get(vision_model__name="net one", image__image_id="x/d")
    assert (prediction.classes, prediction.top1.index) == ([2], 2)
    assert prediction.probabilities is None
    model = VisionModel.objects.get(name="net one")
    assert (model.source, model.class_list) == ("imported", images.class_list)
    assert "none for 1 image;" in "\n".join(summary.lines())


def test_top_classes_with_probabilities(images: ImageSet, tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        "image_id,class_1,class_2,class_3,prob_1,prob_2,prob_3\n"
        "a,3,1,0,0.5,0.25,0.25\nb,1,,,1.0,,\nc,2,4,5,,,\n",
    )
    summary = import_predictions(images, file=file, name="net")
    assert summary.models[0].added == 3
    rows = {
        image_id: (classes, probabilities)
        for image_id, classes, probabilities in Prediction.objects.values_list(
            "image__image_id", "classes", "probabilities"
        )
    }
    assert rows == {
        "a": ([3, 1, 0], [0.5, 0.25, 0.25]),
        "b": ([1], [1.0]),
        "c": ([2, 4, 5], None),
    }


def test_importing_again_adds_only_what_is_new(images: ImageSet, tmp_path: Path) -> None:
    import_predictions(images, file=_file(tmp_path, "image_id,net\na,1\n"))
    again = import_predictions(images, file=_file(tmp_path, "image_id,net\na,1\nb,2\n"))
    assert (again.models[0].added, again.models[0].known) == (1, 1)
    with pytest.raises(InputError, match=r"line 3: model 'net' has classes \[2\] .* are \[3\]"):
        import_predictions(images, file=_file(tmp_path, "image_id,net\nc,1\nb,3\n"))
    assert Prediction.objects.count() == 2, "nothing of a contradicting file is stored"


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("image_id,net\na,6\n", None, "line 2: net is 6, but the class list ends at 5"),
        ("image_id,net\na,-1\n", None, "line 2: net is '-1'"),
        ("image_id,net\na,cat\n", None, "line 2: net is 'cat'"),
        ("image_id,net\nz,1\n", None, "line 2: the set has no image 'z'"),
        ("image_id,net\na.jpg,1\n", None, r"no image 'a\.jpg' .*without the suffix.* mean a\?"),
        ("image_id,net\nz,1\ny,1\n", None, "'z' .*, and none of the other 1 the table names"),
        ("image_id,net\na,1\na,1\n", None, "line 3: image_id 'a' occurred before"),
        ("image_id,net\nx/d,1\nd,1\n", None, "line 3: the same image as in line 2"),
        ("image_id,class_1\na,1\n", None, "Name the model with --name"),
        ("image_id,n1,n2\na,1,1\n", "m", r"it names 2 models itself \(n1, n2\)"),
        ("image_id\na\n", None, "no column of predictions"),
        ("image_id,class_1,class_2\na,,1\n", "m", "class_2 is given, but one before it is empty"),
        ("image_id,class_1,class_2\na,1,1\n", "m", "a class occurs twice"),
        ("image_id,class_1,prob_1\na,1,1.5\n", "m", "prob_1 is '1.5'"),
        ("image_id,class_1,prob_1\na,1,nan\n", "m", "prob_1 is 'nan'"),
        ("image_id,class_1,class_2,prob_1,prob_2\na,1,2,.1,.2\n", "m", "do not fall"),
        ("image_id,class_1,class_2,prob_1,prob_2\na,1,2,.9,.8\n", "m", "sum to more than 1"),
        ("image_id,class_1,class_2,prob_1,prob_2\na,1,2,.9,\n", "m", "1 probability for 2 classes"),
        ("image_id,class_1,class_2\na,1,6\n", "m", "class_2 is 6, but the class list ends at 5"),
    ],
)
def test_bad_tables_store_nothing(
    images: ImageSet, tmp_path: Path, text: str, name: str | None, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        import_predictions(images, file=_file(tmp_path, text), name=name)
    assert VisionModel.objects.count() == Prediction.objects.count() == 0


def test_a_set_without_classes_says_so(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create(class_list__n_classes=0)
    ImageFactory.create(image_set=image_set, image_id="a", label_index=None)
    with pytest.raises(InputError, match=r"set has no classes yet\. Import .* and --classes first"):
        import_predictions(image_set, file=_file(tmp_path, "image_id,net\na,0\n"))


def test_rows_about_images_of_a_larger_set_are_left_out_and_said(
    images: ImageSet, tmp_path: Path
) -> None:
    summary = import_predictions(images, file=_file(tmp_path, "image_id,net\na,1\nz,1\ny,2\n"))
    assert summary.models[0].added == Prediction.objects.count() == 1
    told = "  2 rows about 2 images that are not in the set were left out, the first in line 3: 'z'"
    assert told in summary.lines()


def test_a_model_that_is_wrong_nearly_everywhere_is_doubted(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create()
    for number in range(10):
        ImageFactory.create(image_set=image_set, image_id=f"i{number}")
    rows = "".join(f"i{number},1,{number % 2}\n" for number in range(10))
    summary = import_predictions(image_set, file=_file(tmp_path, "image_id,shifted,usual\n" + rows))
    doubts = [line for line in summary.lines() if line.startswith("Mind:")]
    assert len(doubts) == 1
    assert "shifted is wrong on 10 of 10 labelled images" in doubts[0]


def test_model_names_in_use_elsewhere_are_refused(images: ImageSet, tmp_path: Path) -> None:
    file = _file(tmp_path, "image_id,net\na,1\n")
    other = VisionModelFactory.create(name="net")
    with pytest.raises(InputError, match="net: this model uses"):
        import_predictions(images, file=file)
    other.class_list, other.source = images.class_list, "resnet18"
    other.save()
    with pytest.raises(InputError, match="net: a model of this name made its predictions here"):
        import_predictions(images, file=file)
    assert import_predictions(images, file=file, name="net-2").models[0].model == "net-2"


def test_imported_studies_of_the_set_count_the_model(images: ImageSet, tmp_path: Path) -> None:
    imported = StudyFactory.create(image_set=images, imported=True)
    own = StudyFactory.create(image_set=images)
    import_predictions(images, file=_file(tmp_path, "image_id,net\na,1\n"))
    assert [model.name for model in imported.vision_models.all()] == ["net"]
    assert own.vision_models.count() == 0


@pytest.mark.slow
def test_real_predictions(shared_data: Path) -> None:
    folder = shared_data / "reassessed_imagenet"
    import_images(
        "re",
        path=None,
        labels=folder / "labels.csv.gz",
        classes=shared_data / "imagenet_classes" / "classes.csv",
    )
    image_set = ImageSet.objects.get()
    summary = import_predictions(image_set, file=folder / "predictions.csv.gz")
    assert {counts.model: (counts.added, counts.wrong) for counts in summary.models} == {
        "resnet50-v1.5-tflite-fp32": (4964, 1209),
        "mobilenet-v2-1.0-224": (4964, 1420),
        "mobilenet-v1-1.0-224": (4964, 1421),
        "mobilenet-v1-0.25-128": (4964, 2754),
    }
    with gzip.open(folder / "labels.csv.gz", "rt") as file:
        for row in list(csv.DictReader(file))[::500]:
            image = image_set.images.get(image_id=row["image_id"])
            assert image.label is not None
            assert image.label.index == int(row["ground_truth"])
            reals = {real.label_class.index for real in image.real_labels.all()}
            assert reals == {int(index) for index in row["real_labels"].split()}
