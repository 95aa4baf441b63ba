"""Bounding boxes from Pascal VOC XML: 1-based and inclusive there, 0-based and half-open here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from studyapp.errors import InputError
from studyapp.ingest.boxes import BoxRow, csv_boxes
from studyapp.ingest.labels import Labels, UnknownClassError

_MAX_BYTES = 1_000_000


def read_boxes(path: Path, *, labels: Labels) -> Iterator[BoxRow]:
    """The boxes at a path: a folder of XML files, or a CSV."""
    return voc_boxes(path, labels=labels) if path.is_dir() else csv_boxes(path, labels=labels)


def voc_boxes(folder: Path, *, labels: Labels) -> Iterator[BoxRow]:
    """The boxes of every XML file in the folder; a file belongs to the image of its own name."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".xml")
    if not files:
        raise InputError(
            "no XML files in it", item=str(folder), remedy="Give the folder of the annotations"
        )
    for path in files:
        yield from _file_boxes(path, labels=labels)


def _file_boxes(path: Path, *, labels: Labels) -> Iterator[BoxRow]:
    root = _parse(path)
    # The file's own name decides; the one written inside is often that of an earlier copy.
    names = (path.stem, Path(root.findtext("filename") or path.stem).stem)
    size = (_pixels(root, "size/width", path=path), _pixels(root, "size/height", path=path))
    for thing in root.iterfind("object"):
        name = (thing.findtext("name") or "").strip()
        try:
            label = labels.index_by_any_name(name)
        except UnknownClassError as error:
            raise InputError(
                f"object {error}", item=path.name, remedy="Name objects by wnid or class name"
            ) from error
        x0, y0, x1, y1 = (_corner(thing, side, path=path) for side in _SIDES)
        yield BoxRow(
            place=path.name,
            names=names,
            label=label,
            corners=(x0 - 1, y0 - 1, x1, y1),
            size=size if all(size) else None,
        )


_SIDES = ("xmin", "ymin", "xmax", "ymax")


def _parse(path: Path) -> Element:
    with path.open("rb") as file:
        text = file.read(_MAX_BYTES + 1)
    if len(text) > _MAX_BYTES:
        raise InputError(
            f"more than {_MAX_BYTES} bytes", item=path.name, remedy="Is this an annotation?"
        )
    try:
        root: Element = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise InputError(
            f"not plain XML ({error})", item=path.name, remedy="Write it again, without entities"
        ) from error
    return root


def _pixels(root: Element, tag: str, *, path: Path) -> int:
    text = (root.findtext(tag) or "0").strip()
    return int(text) if text.isascii() and text.isdigit() else _refuse(path, tag=tag, text=text)


def _corner(thing: Element, side: str, *, path: Path) -> float:
    text = (thing.findtext(f"bndbox/{side}") or "").strip()
    try:
        value = float(text)
    except ValueError:
        _refuse(path, tag=f"bndbox/{side}", text=text)
    return value if abs(value) < 1e6 else _refuse(path, tag=f"bndbox/{side}", text=text)


def _refuse(path: Path, *, tag: str, text: str) -> NoReturn:
    raise InputError(f"{tag} is {text[:60]!r}", item=path.name, remedy="Give pixels, as a number")
