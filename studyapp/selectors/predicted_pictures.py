"""Pictures that models predicted something about, by content, and what is asked about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Min, QuerySet

from studyapp.models import Image, Prediction
from studyapp.selectors import populations
from studyapp.selectors.populations import Asked, Picture

#: What is asked about a prediction, from its columns; None where nothing is.
Ask = Callable[[tuple[Any, ...]], Asked | None]


def pictures_by_content(
    predictions: QuerySet[Prediction], *, columns: Sequence[str], ask: Ask
) -> Iterator[list[Picture]]:
    """The pictures in the order of their content, a bounded number at a time.

    Images of equal content are one picture, and models that predict the same of it ask the same.
    """
    last = ""
    while True:
        rest = predictions.filter(image__content_hash__gt=last)
        found = (
            rest.order_by("image__content_hash")
            .values("image__content_hash")
            .annotate(first=Min("image"))
            .values_list("image__content_hash", "first")[: populations.BATCH]
        )
        contents = [(str(content), first) for content, first in found]
        if not contents:
            return
        last = contents[-1][0]
        rows = rest.filter(image__content_hash__lte=last).values_list(
            "image__content_hash", *columns
        )
        about: dict[str, dict[str, Asked]] = {content: {} for content, _ in contents}
        for content, *values in rows:
            asked = ask(tuple(values))
            if asked is not None:
                about[str(content)][repr(asked)] = asked
        images = Image.objects.in_bulk([first for _, first in contents])
        found_here = [
            Picture(images[first], tuple(about[content].values()))
            for content, first in contents
            if about[content]
        ]
        if found_here:
            yield found_here
