"""Import a published table of class robustness scores, to be compared with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp import audit
from studyapp.errors import InputError
from studyapp.ingest.class_scores import ScoreTable, read_class_scores
from studyapp.ingest.classes import store_class_list
from studyapp.models import ClassList, ClassScoreTable
from studyapp.plurals import counted

#: The scores below which the paper counts classes.
THRESHOLDS = (0.2, 0.3, 0.4)
#: Signs that each text may have: as many as its column holds.
LONGEST = {"name": 150, "vision_model": 150, "method": 150, "source": 300}
#: Options of the command by the field they fill.
OPTIONS = {
    "name": "name",
    "vision_model": "model",
    "method": "method",
    "source": "source",
    "accuracy_k": "accuracy",
}


@dataclass(frozen=True)
class ImportClassScoresSummary:
    name: str
    created: bool
    n_classes: int
    n_scored: int
    below: tuple[tuple[float, int], ...]

    def lines(self) -> list[str]:
        done = "imported" if self.created else "was there already, with the same content"
        below = ", ".join(f"{n} below {limit:g}" for limit, n in self.below)
        return [
            (
                f"{self.name}: {self.n_scored:,} of {counted(self.n_classes, 'class', 'classes')} "
                f"have a score; {done}."
            ),
            f"crs: {below}.",
            "Next: manage.py rankings, or the page “Robustness”",
        ]


def import_class_scores(
    file: Path,
    *,
    name: str,
    class_list: ClassList | None = None,
    vision_model: str = "",
    method: str = "",
    source: str = "",
    accuracy_k: int | None = None,
    actor: AbstractBaseUser | None = None,
) -> ImportClassScoresSummary:
    """Store the table under a name; the same again changes nothing.

    class_list: whose classes the indices are; None takes the names of the table itself, which
    tables of the same classes then share. Raises InputError for a table that cannot be read, has
    classes the list has not or has in another order, or is not what is stored under this name.
    """
    if accuracy_k not in (None, 1, 5):
        raise InputError("an accuracy looks at 1 or 5 predictions", item=f"--accuracy {accuracy_k}")
    about = {"vision_model": vision_model, "method": method, "source": source}
    _refuse_odd_words({"name": name, **about})
    table = read_class_scores(file)
    with transaction.atomic():
        owner = class_list or _own_list(table, file=file)
        _refuse_unknown(table, class_list=owner, file=file)
        _refuse_other_order(table, class_list=owner, file=file)
        stored, created = ClassScoreTable.objects.select_for_update(no_key=True).get_or_create(
            name=name,
            defaults={
                "class_list": owner,
                **about,
                "accuracy_k": accuracy_k,
                "scores": [list(row) for row in table.scores],
                "file_hash": table.file_hash,
            },
        )
        if not created and (stored.file_hash, stored.class_list) != (table.file_hash, owner):
            raise InputError(
                "a table of this name with another content is there",
                item=f"table {name!r}",
                remedy="Choose another name; nothing that was imported is changed",
            )
        _refuse_other_words(stored, {**about, "accuracy_k": accuracy_k})
        if created:
            summary = {"table": name, "classes": len(table.scores), "file_hash": table.file_hash}
            audit.record("import_class_scores", actor=actor, summary=summary)
    return ImportClassScoresSummary(
        name=name,
        created=created,
        n_classes=owner.n_classes,
        n_scored=len(table.scores),
        below=tuple(
            (limit, sum(crs < limit for _, crs, _ in table.scores)) for limit in THRESHOLDS
        ),
    )


def _own_list(table: ScoreTable, *, file: Path) -> ClassList:
    if not table.names:
        raise InputError(
            "the table does not name every class, so it needs a class list",
            item=str(file),
            remedy="Give --set, the name of an image set of these classes",
        )
    return store_class_list(table.classes(), name=f"{len(table.names)} classes of published scores")


def _refuse_unknown(table: ScoreTable, *, class_list: ClassList, file: Path) -> None:
    last = table.scores[-1][0]
    if last >= class_list.n_classes:
        raise InputError(
            f"it has a class {last}, and the list {class_list.name} ends at "
            f"{class_list.n_classes - 1}",
            item=str(file),
            remedy="Give the image set whose classes these are",
        )


def _refuse_other_order(table: ScoreTable, *, class_list: ClassList, file: Path) -> None:
    """Indices of another order of the classes would compare each class with some other one."""
    if not table.names:
        return
    listed = [
        _first_name(name)
        for name in class_list.classes.order_by("index").values_list("name", flat=True)
    ]
    known = set(listed)
    named = [_first_name(name) for name in table.names]
    elsewhere = [
        index for index, name in enumerate(named) if name in known and name != listed[index]
    ]
    # A few names may be two classes', or spelt as another's; an order is wrong throughout.
    if 2 * len(elsewhere) > sum(name in known for name in named):
        first = elsewhere[0]
        raise InputError(
            f"its class {first} is {table.names[first]!r}, and that of the list {class_list.name} "
            f"is {listed[first]!r}; {len(elsewhere)} of {len(named)} names stand elsewhere",
            item=str(file),
            remedy="Number the rows as the class list of the image set does, or leave out --set",
        )


def _first_name(name: str) -> str:
    return name.split(",")[0].strip().casefold()


def _refuse_odd_words(given: Mapping[str, str]) -> None:
    for field, value in given.items():
        most = LONGEST[field]
        if len(value) > most or not value.isprintable() or (field == "name" and not value.strip()):
            raise InputError(
                f"it is {value[:60]!r}",
                item=f"--{OPTIONS[field]}",
                remedy=f"Give it 1 to {most} printable characters",
            )


def _refuse_other_words(stored: ClassScoreTable, given: Mapping[str, str | int | None]) -> None:
    """What is left out may be there all the same; what is said must be what is stored."""
    for field, value in given.items():
        kept = getattr(stored, field)
        if value not in ("", None) and value != kept:
            raise InputError(
                f"--{OPTIONS[field]} is {value!r}, and the table that is stored has "
                f"{repr(kept) if kept else 'none'}",
                item=f"table {stored.name!r}",
                remedy="Choose another name; nothing that was imported is changed",
            )
