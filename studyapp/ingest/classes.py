"""Class lists: read from a file, made from folders or labels, stored once per content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction

from studyapp.errors import InputError
from studyapp.identity import canonical_hash
from studyapp.ingest.tables import Row, Table
from studyapp.models import ClassList, LabelClass

MAX_CLASSES = 100_000
MAX_NAME = 200
HEADER = "class_index,wnid,name[,all_names]"
#: A letter and digits, as n02123045.
_WNID = re.compile(r"[A-Za-z][0-9]+")


@dataclass(frozen=True)
class ClassRow:
    """One class; its place in the list is its index."""

    wnid: str
    name: str
    all_names: str = ""


def read_class_list(path: Path) -> list[ClassRow]:
    """The classes of a CSV with the columns of `HEADER`, in order of their index.

    The rows may come in any order, but every index from 0 must occur exactly once.
    """
    table = Table(path)
    rows: dict[int, ClassRow] = {}
    lines: dict[int, int] = {}
    wnids: dict[str, int] = {}
    for row in table.rows(required=("class_index", "wnid", "name")):
        index, wnid, name = row.whole("class_index"), _short(row, "wnid"), _short(row, "name")
        if index in rows:
            raise row.error(
                f"class_index {index} was given in line {lines[index]} already",
                remedy="Number the classes from 0 without repeats",
            )
        if wnid in wnids:
            raise row.error(
                f"wnid {wnid!r} was given in line {wnids[wnid]} already",
                remedy="Every class needs an id of its own",
            )
        if len(rows) >= MAX_CLASSES:
            raise row.error(f"more than {MAX_CLASSES} classes", remedy="Is this a class list?")
        rows[index] = ClassRow(wnid=wnid, name=name, all_names=row.get("all_names"))
        lines[index] = wnids[wnid] = row.line
    _refuse_gaps(rows, lines=lines, table=table)
    return [rows[index] for index in range(len(rows))]


def _refuse_gaps(rows: dict[int, ClassRow], *, lines: dict[int, int], table: Table) -> None:
    if not rows:
        raise InputError("no classes", item=table.name, remedy="Add a row for every class")
    gap = next((index for index in range(len(rows)) if index not in rows), None)
    if gap is not None:
        after = min(index for index in rows if index > gap)
        raise InputError(
            f"class_index {gap} is missing before {after}",
            item=f"{table.name}, line {lines[after]}",
            remedy="Number the classes from 0 without gaps",
        )


def _short(row: Row, column: str) -> str:
    value = row[column]
    if not value or len(value) > MAX_NAME or not value.isprintable():
        raise row.error(
            f"{column} is {value[:60]!r}", remedy=f"Give it 1 to {MAX_NAME} printable characters"
        )
    return value


def classes_of_folders(names: Iterable[str]) -> list[ClassRow]:
    """One class per folder, sorted by name; names that are all numbers, by number."""
    found = sorted(names)
    if all(_is_index(name) for name in found):
        found.sort(key=int)
    return [ClassRow(wnid=name, name=name) for name in found]


def classes_of_labels(labels: set[str], *, item: str) -> list[ClassRow]:
    """Classes as far as labels alone tell: 0 to the largest index, or the sorted wnids.

    Names are refused: which number a model gives to a name, only a class list says.
    """
    indices = {label for label in labels if _is_index(label)}
    if indices and indices != labels:
        raise InputError(
            f"labels are partly indices ({min(indices)}), partly ids ({min(labels - indices)})",
            item=item,
            remedy="Use one kind, or give the class list with --classes",
        )
    if names := sorted(label for label in labels - indices if not _WNID.fullmatch(label)):
        raise InputError(
            f"labels are names ({', '.join(names[:3])}{' ...' if len(names) > 3 else ''}), and "
            "nothing says which number a model gives to each",
            item=item,
            remedy=f"Give the class list with --classes, a CSV with the header {HEADER}, and use "
            "its indices or wnids as labels",
        )
    if not indices:
        return [ClassRow(wnid=label, name=label) for label in sorted(labels)]
    largest = max(int(label) for label in indices)
    if largest >= MAX_CLASSES:
        raise InputError(
            f"label {largest} would make more than {MAX_CLASSES} classes",
            item=item,
            remedy="Give the class list with --classes",
        )
    return [ClassRow(wnid=str(index), name=f"class {index}") for index in range(largest + 1)]


def _is_index(text: str) -> bool:
    return re.fullmatch(r"0|[1-9][0-9]{0,8}", text) is not None


def prompt_names(rows: Sequence[ClassRow]) -> list[str]:
    """The names as raters read them: told apart by their gloss, else by their wnid."""
    names = Counter(row.name for row in rows)
    glossed = [_with_gloss(row) for row in rows]
    times = Counter(glossed)
    return [
        row.name
        if names[row.name] == 1
        else text
        if text != row.name and times[text] == 1
        else f"{row.name} ({row.wnid})"
        for row, text in zip(rows, glossed, strict=True)
    ]


def _with_gloss(row: ClassRow) -> str:
    others = [name.strip() for name in row.all_names.split(",")]
    gloss = ", ".join(name for name in others if name and name != row.name)
    # Room for the question around it, and for the column.
    return f"{row.name} ({gloss})" if gloss and len(gloss) <= MAX_NAME - 3 else row.name


def rows_of(class_list: ClassList) -> list[ClassRow]:
    """A stored list as rows."""
    values = class_list.classes.order_by("index").values_list("wnid", "name", "all_names")
    return [ClassRow(wnid=wnid, name=name, all_names=all_names) for wnid, name, all_names in values]


def content_hash_of(rows: Sequence[ClassRow]) -> str:
    """What tells two class lists apart: ids, names and glosses in their order."""
    return canonical_hash({"classes": [[row.wnid, row.name, row.all_names] for row in rows]})


def store_class_list(rows: Sequence[ClassRow], *, name: str) -> ClassList:
    """The list with exactly this content, made if there is none; equal lists are one list."""
    content_hash = content_hash_of(rows)
    found = ClassList.objects.filter(content_hash=content_hash).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            class_list = ClassList.objects.create(
                name=name[:100], content_hash=content_hash, n_classes=len(rows)
            )
            LabelClass.objects.bulk_create(
                (
                    LabelClass(
                        class_list=class_list,
                        index=index,
                        wnid=row.wnid,
                        name=row.name,
                        all_names=row.all_names,
                        prompt_name=prompt,
                    )
                    for index, (row, prompt) in enumerate(
                        zip(rows, prompt_names(rows), strict=True)
                    )
                ),
                batch_size=1000,
            )
            return class_list
    except IntegrityError:
        # Another import was first; the content is the same.
        return ClassList.objects.get(content_hash=content_hash)
