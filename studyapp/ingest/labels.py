"""What a label in a file means: a class index or a wnid of the list, never a name."""

from __future__ import annotations

from collections import defaultdict

from studyapp.models import ClassList


class UnknownClassError(LookupError):
    """A label means no class of the list, or more than one; the text says why."""


class Labels:
    """The classes of a list by index, wnid and (for boxes alone) name; keys of rows besides."""

    def __init__(self, class_list: ClassList) -> None:
        self.class_list = class_list
        self.keys: dict[int, int] = {}
        self._indices: dict[str, int] = {}
        self._names: dict[str, list[int]] = defaultdict(list)
        for pk, index, wnid, name in class_list.classes.values_list("pk", "index", "wnid", "name"):
            self.keys[index] = pk
            self._indices[wnid] = index
            self._names[name].append(index)

    def index(self, label: str) -> int:
        """The class index that a label means. Raises UnknownClassError."""
        by_wnid = self._indices.get(label)
        number = int(label) if label.isascii() and label.isdigit() and len(label) < 10 else None
        by_number = number if number in self.keys else None
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
        return f"the class list {self.class_list}"
