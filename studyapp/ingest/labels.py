"""What a label in a file means: a class index or a wnid of the list, never a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from studyapp.ingest.classes import MAX_CLASSES, ClassRow


class UnknownClassError(LookupError):
    """A label means no class of the list, or more than one; the text says why."""


class ClassLookup(Protocol):
    """What turns a label into a class index."""

    n_classes: int

    def index(self, label: str) -> int:
        """The class index that a label means. Raises UnknownClassError."""


class Indices:
    """Class indices alone, where there is no list: every whole number may be one."""

    n_classes = MAX_CLASSES

    def index(self, label: str) -> int:
        if label.isascii() and label.isdigit() and len(label) < 10 and int(label) < MAX_CLASSES:
            return int(label)
        raise UnknownClassError(
            f"{label[:60]!r} is no class index from 0 to {MAX_CLASSES - 1}, and there is no class "
            "list to look it up in"
        )


class Labels:
    """The classes of a list by index, by wnid and, for boxes alone, by name."""

    def __init__(self, rows: Sequence[ClassRow], *, title: str) -> None:
        self.n_classes = len(rows)
        self._title = title
        self._indices = {row.wnid: index for index, row in enumerate(rows)}
        self._names: dict[str, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            self._names[row.name].append(index)

    def index(self, label: str) -> int:
        """The class index that a label means. Raises UnknownClassError."""
        by_wnid = self._indices.get(label)
        number = int(label) if label.isascii() and label.isdigit() and len(label) < 10 else None
        by_number = number if number is not None and number < self.n_classes else None
        if by_wnid is not None and by_number is not None and by_wnid != by_number:
            raise UnknownClassError(
                f"{label!r} is class {by_number} by index and class {by_wnid} by wnid"
            )
        found = by_wnid if by_wnid is not None else by_number
        if found is None:
            raise UnknownClassError(f"{label[:60]!r} is no class index and no wnid of {self}")
        return found

    def index_by_any_name(self, label: str) -> int:
        """As `index`, and the plain name counts where a single class has it."""
        if label in self._indices:
            return self._indices[label]
        named = self._names.get(label, [])
        if len(named) == 1:
            return named[0]
        if named:
            raise UnknownClassError(f"{label!r} is the name of classes {named} of {self}")
        return self.index(label)

    def __str__(self) -> str:
        return f"the class list {self._title} ({self.n_classes} classes)"
