from __future__ import annotations

import csv
import gzip
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from studyapp.errors import InputError
from studyapp.models import AuditEntry, Box, ClassList, Image, RealLabel
from studyapp.pipeline.import_images import import_images
from tests.factories.dataset import jpeg, png

pytestmark = pytest.mark.django_db

CLASSES = "class_index,wnid,name\n0,n0,cat\n1,n1,dog\n2,n2,crane\n"


def _folders(root: Path, images: dict[str, bytes] | None = None) -> Path:
    for name, content in (
        images or {"cat/1.jpg": jpeg(number=1), "cat/2.png": png(number=2), "dog/1.jpg": jpeg()}
    ).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def _csv(path: Path, text: str) -> Path:
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def _rows(name: str) -> list[tuple[object, ...]]:
    rows = Image.objects.filter(image_set__name=name).order_by("image_id")
    return list(rows.values_list("image_id", "label__wnid", "content_hash", "width", "height"))


def test_folder_per_class(tmp_path: Path) -> None:
    root = _folders(tmp_path / "in")
    (root / "README.md").write_text("no image")
    summary = import_images("pets", path=root)
    assert (summary.added, summary.in_set, summary.n_classes) == (3, 3, 2)
    assert [row[:2] for row in _rows("pets")] == [
        ("cat/1", "cat"),
        ("cat/2", "cat"),
        ("dog/1", "dog"),
    ]
    image = Image.objects.get(image_id="cat/1")
    assert (image.width, image.height) == (64, 48)
    with default_storage.open(image.file or "") as file:
        assert file.read() == jpeg(number=1), "the original bytes are kept"
    entry = AuditEntry.objects.get(verb="import_images")
    assert entry.summary["added"] == 3


def test_importing_again_changes_nothing_and_adds_what_is_new(tmp_path: Path) -> None:
    root = _folders(tmp_path / "in")
    import_images("pets", path=root)
    before = _rows("pets")
    again = import_images("pets", path=root)
    assert (again.added, again.known) == (0, 3)
    assert _rows("pets") == before
    _folders(root, {"dog/7.png": png(number=7)})
    more = import_images("pets", path=root)
    assert (more.added, more.known, more.in_set) == (1, 3, 4)
    assert ClassList.objects.count() == 1


def test_manifest_with_real_labels_and_images_without_files(tmp_path: Path) -> None:
    root = _folders(tmp_path / "in", {"x.jpg": jpeg(number=1), "images/y.jpg": jpeg(number=2)})
    _folders(root, {"left.jpg": jpeg(number=3)})
    manifest = _csv(
        tmp_path / "m.csv.gz",
        "image_id,file,ground_truth,real_labels,note\n"
        "one,x.jpg,1,1 n2,ignored\ntwo,y.jpg,n0,,\nthree,,2,2,\nfour,,,,\n",
    )
    classes = _csv(tmp_path / "c.csv", CLASSES)
    summary = import_images("pets", path=root, labels=manifest, classes=classes)
    assert [row[:2] for row in _rows("pets")] == [
        ("four", None),
        ("one", "n1"),
        ("three", "n2"),
        ("two", "n0"),
    ]
    assert sorted(RealLabel.objects.values_list("image__image_id", "label_class__wnid")) == [
        ("one", "n1"),
        ("one", "n2"),
        ("three", "n2"),
    ]
    assert (summary.by_id_only, summary.unlabelled, summary.left_out) == (2, 1, 1)
    told = "\n".join(summary.lines())
    assert "2 images of the set known by id only: analysed, never shown" in told
    assert "1 image of the source not in the manifest, left out" in told


@pytest.mark.parametrize("kind", ["w", "w:gz", "w:xz", "zip"])
@pytest.mark.parametrize("prefix", ["", "world/"])
def test_archives_give_the_same_rows_as_their_folder(
    tmp_path: Path, kind: str, prefix: str
) -> None:
    root = _folders(tmp_path / "in")
    archive = tmp_path / "archive"
    names = sorted(path.relative_to(root) for path in root.rglob("*.*"))
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for name in names:
                packed.write(root / name, prefix + str(name))
    else:
        with tarfile.open(archive, kind) as packed:  # type: ignore[call-overload]  # variable mode
            for name in names:
                packed.add(root / name, prefix + str(name))
    import_images("folder", path=root)
    import_images("archive", path=archive)
    assert _rows("archive") == _rows("folder")


def test_archive_with_manifest(tmp_path: Path) -> None:
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("photos/images/a.jpg", jpeg(number=1))
        packed.writestr("photos/images/b.jpg", jpeg(number=2))
    manifest = _csv(tmp_path / "m.csv", "image_id,file,label\nA,a.jpg,3\n")
    summary = import_images("zipped", path=archive, labels=manifest)
    assert (summary.added, summary.left_out, summary.n_classes) == (1, 1, 4)
    assert "made from the labels alone" in summary.warning


def test_flat_folder_is_unlabelled_and_classes_may_come_later(tmp_path: Path) -> None:
    root = _folders(tmp_path / "in", {"a.jpg": jpeg(number=1), "b.jpg": jpeg(number=2)})
    summary = import_images("probes", path=root)
    assert (summary.unlabelled, summary.n_classes) == (2, 0)
    assert "nothing can be predicted" in summary.warning
    assert summary.lines()[-1].startswith(
        "Next: manage.py import_images --set probes PATH --labels CSV --classes CSV"
    )
    later = import_images("probes", path=root, classes=_csv(tmp_path / "c.csv", CLASSES))
    assert (later.known, later.n_classes) == (2, 3)
    manifest = _csv(tmp_path / "m.csv", "image_id,file,label\na,a.jpg,dog\n")
    with pytest.raises(InputError, match="'dog' is no class index and no wnid"):
        import_images("probes", path=root, labels=manifest)
    manifest.write_text("image_id,file,label,real_labels\na,a.jpg,n1,1 2\n")
    import_images("probes", path=root, labels=manifest)
    assert [row[:2] for row in _rows("probes")] == [("a", "n1"), ("b", None)]
    assert RealLabel.objects.count() == 2


def test_images_known_by_id_get_their_file_later(tmp_path: Path) -> None:
    manifest = _csv(tmp_path / "m.csv", "image_id,label\nx,0\ny,1\n")
    ids = import_images("pets", path=None, labels=manifest)
    assert (ids.added, ids.by_id_only) == (2, 2)
    root = _folders(tmp_path / "in", {"x.jpg": jpeg(number=1)})
    filled = import_images("pets", path=root)
    assert (filled.added, filled.filled, filled.by_id_only) == (0, 1, 1)
    image = Image.objects.get(image_id="x")
    assert image.label is not None, "what was known stays"
    assert image.content_hash is not None


def test_equal_content_is_stored_once_and_counted(tmp_path: Path) -> None:
    same = jpeg(number=5)
    summary = import_images("twins", path=_folders(tmp_path, {"a/1.jpg": same, "b/2.jpg": same}))
    assert (summary.in_set, summary.duplicates) == (2, 1)
    assert len(set(Image.objects.values_list("file", flat=True))) == 1
    again = _csv(tmp_path / "m.csv", "image_id,file,label\np,a/1.jpg,0\nq,a/1.jpg,0\n")
    assert import_images("named", path=tmp_path, labels=again).in_set == 2


def test_a_file_lost_from_the_storage_comes_back(tmp_path: Path) -> None:
    root = _folders(tmp_path, {"cat/x.jpg": jpeg(number=77)})
    import_images("pets", path=root)
    name = Image.objects.get().file or ""
    default_storage.delete(name)
    import_images("pets", path=root)
    assert default_storage.size(name) == len(jpeg(number=77))


def test_sets_share_class_lists_and_files(tmp_path: Path) -> None:
    root = _folders(tmp_path)
    import_images("one", path=root)
    import_images("two", path=root)
    assert ClassList.objects.count() == 1
    assert Image.objects.count() == 6
    assert Image.objects.values("file").distinct().count() == 3


@pytest.mark.slow
def test_real_photographs_with_boxes(shared_data: Path) -> None:
    photos = shared_data / "val_photos"
    classes = shared_data / "imagenet_classes" / "classes.csv"
    summary = import_images(
        "val",
        path=photos,
        labels=photos / "images.csv",
        classes=classes,
        boxes=photos / "boxes.csv",
    )
    assert (summary.added, summary.refused, summary.boxes.added) == (77, 0, 110)
    with (photos / "images.csv").open(newline="") as file:
        told = {row["image_id"]: row for row in csv.DictReader(file)}
    for image in Image.objects.select_related("label"):
        row = told[image.image_id]
        assert image.label is not None
        assert (image.label.index, image.label.wnid) == (int(row["ground_truth"]), row["wnid"])
        assert (image.width, image.height) == (int(row["width"]), int(row["height"]))
    box = Box.objects.get(image__image_id="ILSVRC2012_val_00000043")
    assert (box.x0, box.y0, box.x1, box.y1) == (128, 43, 420, 378)
    again = import_images(
        "val", path=photos / "images", labels=photos / "images.csv", boxes=photos / "boxes.csv"
    )
    assert (again.known, again.boxes.known, again.boxes.added) == (77, 110, 0)


def test_real_voc_boxes(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "voc_boxes"
    classes = _csv(tmp_path / "c.csv", "class_index,wnid,name\n0,n02508021,raccoon\n1,n1,dog\n")
    summary = import_images(
        "voc", path=folder / "images", classes=classes, boxes=folder / "annotations"
    )
    assert (summary.added, summary.unlabelled, summary.boxes.added) == (12, 12, 15)
    box = Box.objects.get(image__image_id="raccoon-153")
    assert (box.x0, box.y0, box.x1, box.y1) == (9, 0, 612, 700), "1-based inclusive in the file"
    assert set(Box.objects.values_list("label_class__name", flat=True)) == {"raccoon"}


def _peak(name: str, root: Path) -> int:
    tracemalloc.start()
    try:
        import_images(name, path=root)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.one_database
def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path) -> None:
    content = [png(number=n, size=(16, 16)) for n in range(200)]
    for name, count in (("warm", 50), ("few", 600), ("many", 6000)):
        root = tmp_path / name / "cat"
        root.mkdir(parents=True)
        for n in range(count):
            (root / f"{n:05d}.png").write_bytes(content[n % 200])
    _peak("warm", tmp_path / "warm")
    few, many = _peak("few", tmp_path / "few"), _peak("many", tmp_path / "many")
    assert Image.objects.filter(image_set__name="many").count() == 6000
    # Ten times the images; 1 MB is what 6000 path names alone would take.
    assert many - few < 1_000_000, (few, many)
