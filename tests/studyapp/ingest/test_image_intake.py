from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import ImageInputError, InputError
from studyapp.ingest import catalogue, image_rows
from studyapp.ingest.class_choice import ClassChoice
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.folders import enter_members
from studyapp.ingest.image_intake import NAMED_REFUSALS, Tally, add_new, verify_known
from studyapp.ingest.sources import FolderSource
from studyapp.ingest.staging import staging
from studyapp.models import ImageSet
from studyapp.progress import silent
from tests.factories.dataset import jpeg

pytestmark = pytest.mark.django_db

CHOICE = ClassChoice([ClassRow("cat", "cat")], title="pets")


def _run(folder: Path) -> Tally:
    source, tally = FolderSource(folder), Tally()
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        enter_members(db, source=source, root="", labels=CHOICE.labels())
        there = ImageSet.objects.filter(name="pets").first()
        if there is not None:
            image_rows.compare(db, image_set=there)
            verify_known(db, source=source, tally=tally)
        add_new(db, "pets", source=source, choice=CHOICE, tally=tally, progress=silent)
    return tally


def test_tally_of_new_known_and_refused(tmp_path: Path) -> None:
    folder = tmp_path / "cat"
    folder.mkdir()
    (folder / "1.jpg").write_bytes(jpeg(number=1))
    (folder / "2.jpg").write_bytes(b"")
    first = _run(tmp_path)
    assert (first.added, first.known, first.refused) == (1, 0, 1)
    (folder / "2.jpg").write_bytes(jpeg(number=2))
    second = _run(tmp_path)
    assert (second.added, second.known, second.refused) == (1, 1, 0)
    (folder / "1.jpg").write_bytes(jpeg(number=3))
    (folder / "3.jpg").write_bytes(jpeg(number=4))
    with pytest.raises(InputError, match="cat/1: the set has the file"):
        _run(tmp_path)
    assert ImageSet.objects.get().images.count() == 2, "checked before anything is written"


def test_tally_keeps_a_bounded_number_of_messages() -> None:
    tally = Tally()
    for n in range(NAMED_REFUSALS + 5):
        tally.refuse(ImageInputError("bad", item=str(n)))
    assert (tally.refused, len(tally.refusals)) == (NAMED_REFUSALS + 5, NAMED_REFUSALS)
