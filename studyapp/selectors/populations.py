"""Where the pictures of a study come from: a population for each question type.

The folders of `studyapp.questions` register theirs when the program starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studyapp.asking import Subject
from studyapp.models import Condition, Image, LabelClass, Study

#: Pictures handled in one transaction.
BATCH = 64


@dataclass(frozen=True)
class PopulationSize:
    """How much there is to ask about."""

    #: Images of the population.
    images: int
    #: Those of them with a file.
    showable: int
    #: The trials they make, of all conditions.
    pairs: int
    #: Those of the condition that makes the most; None where the others make none of their own.
    of_one: int | None = None

    @property
    def by_id_only(self) -> int:
        """Images known by their id alone: counted as errors, never shown."""
        return self.images - self.showable


@dataclass(frozen=True)
class Made:
    """A picture that a model took part in: its file in the storage, and how it was made."""

    file: str
    method: str
    parameters_hash: str
    weights_hash: str


@dataclass(frozen=True)
class Asked:
    """One thing asked about a picture: a class by its key, or a subject."""

    label_class: int | None = None
    subject: Subject | None = None


@dataclass(frozen=True)
class Framed:
    """The image itself with frames around boxes: left, top, right, bottom in pixels of what the
    study renders."""

    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Mapped:
    """The square a model saw with its saliency map beside it: files in the storage, which go by
    their content."""

    square: str
    map: str


@dataclass(frozen=True)
class Picture:
    """A picture of the population and what is asked about it; `made` is None for the image itself,
    rendered as the study says."""

    image: Image
    asked: tuple[Asked, ...]
    made: Made | Framed | Mapped | None = None


#: What a population draws once, at launch, as JSON for the frozen protocol.
AtLaunch = dict[str, object]


def _nothing(_: Study) -> AtLaunch:
    return {}


def _silent(_: Study) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True)
class Population:
    """size: without building anything. pictures: of one condition, in an order of their own, a
    bounded number at a time. in_words: as a methods section names it. problems: what forbids a
    launch besides what every study needs. drawn: what would be drawn differently once images or
    what is known about them are added, and therefore is drawn at launch for good. warnings: what
    whoever launches should know."""

    size: Callable[[Study], PopulationSize]
    pictures: Callable[[Study, Condition], Iterator[list[Picture]]]
    in_words: Callable[[Study], str]
    problems: Callable[[Study], Iterator[str]]
    drawn: Callable[[Study], AtLaunch] = _nothing
    warnings: Callable[[Study], Iterator[str]] = _silent


_POPULATIONS: dict[str, Population] = {}


def register(kind: str, population: Population) -> None:
    _POPULATIONS[str(kind)] = population


def population_of(study: Study) -> Population:
    """The population of the study's question type."""
    return _POPULATIONS[str(study.question_kind)]


def unknown_classes(study: Study) -> Iterator[str]:
    """What is wrong with the classes that the selection names, if it names any."""
    asked = study.selection.get("classes", [])
    known = LabelClass.objects.filter(class_list=study.image_set.class_list_id, wnid__in=asked)
    unknown = sorted(set(asked) - set(known.values_list("wnid", flat=True)))
    if unknown:
        yield f"the class list does not know {', '.join(unknown)}: correct classes in the selection"
