"""What cannot be right: each is named with a remedy, and everything else is left intact."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image as PILImage

from studyapp.errors import InputError
from studyapp.ingest import image_intake
from studyapp.models import ClassList, Image, ImageSet
from studyapp.pipeline.import_images import import_images
from tests.factories.dataset import jpeg, png

pytestmark = pytest.mark.django_db

CLASSES = "class_index,wnid,name\n0,n0,cat\n1,n1,dog\n2,n2,crane\n"


def _folders(root: Path, images: dict[str, bytes]) -> Path:
    for name, content in images.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def _csv(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _rows(name: str) -> list[tuple[object, ...]]:
    rows = Image.objects.filter(image_set__name=name).order_by("image_id")
    return list(rows.values_list("image_id", "label__wnid", "content_hash", "width", "height"))


BAD_IMAGES = {
    "zero.jpg": b"",
    "truncated.jpg": jpeg(size=(300, 200))[:-300],
    "text.png": b"hello",
    "tiny.png": png(size=(1, 1)),
}


def test_bad_images_are_named_and_stop_nothing(tmp_path: Path) -> None:
    root = _folders(tmp_path, {f"cat/{name}": content for name, content in BAD_IMAGES.items()})
    cmyk, deep = io.BytesIO(), io.BytesIO()
    PILImage.new("CMYK", (20, 20)).save(cmyk, "JPEG")
    PILImage.new("I;16", (20, 20)).save(deep, "PNG")
    _folders(root, {"cat/cmyk.jpg": cmyk.getvalue(), "cat/deep.png": deep.getvalue()})
    summary = import_images("pets", path=root)
    assert (summary.added, summary.refused) == (2, 4)
    for name in BAD_IMAGES:
        assert any(name in text for text in summary.refusals), name
    assert "4 images refused:" in "\n".join(summary.lines())


def test_nothing_usable_leaves_no_set_behind(tmp_path: Path) -> None:
    root = _folders(tmp_path, {"cat/zero.jpg": b"", "cat/text.jpg": b"x"})
    with pytest.raises(InputError, match=r"none of its images can be used \(2 refused\)"):
        import_images("pets", path=root)
    assert ImageSet.objects.count() == ClassList.objects.count() == 0
    with pytest.raises(InputError, match="no images in it"):
        import_images("pets", path=_folders(tmp_path / "none", {"notes.txt": b"no image"}))


def test_refusals_named_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_intake, "NAMED_REFUSALS", 3)
    bad = {f"cat/{n}.jpg": b"" for n in range(9)}
    summary = import_images("pets", path=_folders(tmp_path, bad | {"cat/good.jpg": jpeg()}))
    assert (summary.refused, len(summary.refusals)) == (9, 3)


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("image_id,file,label\na,x.jpg,9\n", "m.csv, line 2: label '9' is no class index"),
        ("image_id,file,label\na,x.jpg,cat\n", "line 2: label 'cat' is no class index"),
        ("image_id,file,label\na,x.jpg,0\na,y.jpg,0\n", "line 3: image_id 'a' occurred before"),
        ("image_id,file,label\na,x.jpg,0\nb,gone.jpg,0\n", "1 file it names is not in"),
        ("image_id,file,label\na,../x.jpg,0\n", "line 2: file is a path with"),
        ("image_id,file,label\na,/x.jpg,0\n", "line 2: file is an absolute path"),
        ("image_id,file,label,real_labels\na,x.jpg,0,0 7\n", "line 2: label '7'"),
        ("image_id,file,label\n,x.jpg,0\n", "line 2: image_id is ''"),
        ("file,label\n./,0\n", "line 2: file names none"),
        ("file,label\nx.jpg,0\n.\\\\x.jpg,1\n", "line 3: image .x., called by its file .*before"),
        ("picture,label\nx.jpg,0\n", "no column image_id"),
        ("image_id,file,label\nfür,x.jpg,0\n", "line 2: not UTF-8"),
    ],
)
def test_bad_manifest_stores_nothing(tmp_path: Path, manifest: str, told: str) -> None:
    root = _folders(tmp_path / "in", {"x.jpg": jpeg(number=1), "y.jpg": jpeg(number=2)})
    path = tmp_path / "m.csv"
    path.write_bytes(manifest.encode("latin-1"))
    classes = _csv(tmp_path / "c.csv", CLASSES)
    with pytest.raises(InputError, match=told):
        import_images("pets", path=root, labels=path, classes=classes)
    assert Image.objects.count() == ImageSet.objects.count() == ClassList.objects.count() == 0


def test_files_in_a_manifest_need_a_path(tmp_path: Path) -> None:
    manifest = _csv(tmp_path / "m.csv", "image_id,file,label\na,x.jpg,0\n")
    with pytest.raises(InputError, match=r"names the file 'x\.jpg', but PATH is -"):
        import_images("pets", path=None, labels=manifest)
    with pytest.raises(InputError, match="Give --labels"):
        import_images("pets", path=None)


def test_folders_that_are_not_clear_are_refused(tmp_path: Path) -> None:
    mixed = _folders(tmp_path / "mixed", {"a.jpg": jpeg(), "cat/b.jpg": jpeg()})
    with pytest.raises(InputError, match="both beside and inside folders"):
        import_images("pets", path=mixed)
    twice = _folders(tmp_path / "twice", {"cat/a.jpg": jpeg(), "cat/a.png": png()})
    with pytest.raises(InputError, match="two files would both be image cat/a"):
        import_images("pets", path=twice)
    named = _folders(tmp_path / "named", {"cat/1.jpg": jpeg()})
    with pytest.raises(InputError, match="folder 'cat' is no class index and no wnid"):
        import_images("pets", path=named, classes=_csv(tmp_path / "c.csv", CLASSES))
    with pytest.raises(InputError, match="not a name for an image set"):
        import_images("my pets", path=named)


def test_what_contradicts_the_set_is_an_error_and_nothing_is_overwritten(tmp_path: Path) -> None:
    root = _folders(tmp_path / "in", {"x.jpg": jpeg(number=1)})
    manifest = _csv(tmp_path / "m.csv", "image_id,file,label,real_labels\nx,x.jpg,n0,0 1\n")
    classes = _csv(tmp_path / "c.csv", CLASSES)
    import_images("pets", path=root, labels=manifest, classes=classes)
    before = _rows("pets")
    changes = {
        "x,x.jpg,n1,0 1\n": "x: its label is class 0 in the set and class 1 here",
        "x,x.jpg,n0,2\n": r"x: its further right classes are \[0, 1\] in the set and \[2\] here",
    }
    for line, told in changes.items():
        manifest.write_text(f"image_id,file,label,real_labels\nnew,,n0,\n{line}")
        with pytest.raises(InputError, match=told):
            import_images("pets", path=root, labels=manifest)
    (root / "x.jpg").write_bytes(jpeg(number=2))
    manifest.write_text("image_id,file,label\nnew,,n0\nx,x.jpg,n0\n")
    with pytest.raises(InputError, match=r"x: the set has the file with SHA-256 \w+, x.jpg has"):
        import_images("pets", path=root, labels=manifest)
    classes.write_text(CLASSES.replace("dog", "wolf"))
    with pytest.raises(InputError, match=r"image set pets: it uses .* which differs from c\.csv"):
        import_images("pets", path=root, classes=classes)
    assert _rows("pets") == before
