"""Continuous batching: images leave when they are done, and new ones take their places."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import Generic

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explain import device as devices
from explain.attack import step
from explain.attack.course import Course, Version
from explain.attack.reading import read
from explain.attack.results import Attacked
from explain.attack.settings import Settings, channel_scale
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.provenance import Provenance
from explain.types import Failure, Images, K, Logits


@dataclass(slots=True, eq=False)
class Attack(Generic[K]):
    """One run over any number of images, of which fewer than 3 * `batches.size` are held at once.

    `active` images are stepped together, each at a step of its own: their pixels now in `pixels`,
    where they began in `start`, both float32 [B, 3, S, S] on the device. `leaving` images take no
    further step; they wait until there are enough of them for a forward pass that reads what was
    made of them. `provenance` goes into every result.
    """

    classifier: Classifier
    settings: Settings
    batches: Batches
    provenance: Provenance
    scale: Tensor = field(init=False)
    pixels: Tensor = field(init=False)
    start: Tensor = field(init=False)
    active: list[Course[K]] = field(default_factory=list)
    leaving: list[Course[K]] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = self.classifier.input_size
        self.scale = channel_scale(self.classifier, settings=self.settings)
        self.pixels = self.start = torch.empty(0, 3, size, size, device=self.classifier.device)

    def run(self, images: Iterator[Course[K]]) -> Iterator[Attacked[K] | Failure[K]]:
        """A result for each image, in the order in which they are done."""
        with ThreadPoolExecutor(devices.processors(), thread_name_prefix="store") as pool:
            while self._fill(images) or self.active or self.leaving:
                self._step()
                if self.active and len(self.leaving) < self.batches.size:
                    continue
                done, self.leaving = self.leaving, []
                read(done, classifier=self.classifier, batches=self.batches, pool=pool)
                yield from (course.result(provenance=self.provenance) for course in done)

    def _fill(self, images: Iterator[Course[K]]) -> bool:
        """Let new images in where there is room; whether there were any."""
        new = list(islice(images, max(0, self.batches.size - len(self.active))))
        self.leaving += [course for course in new if course.error is not None]
        entering = [course for course in new if course.error is None]
        if entering:
            tensors = [self.classifier.tensor(_alone(course)) for course in entering]
            self.active += entering
            self.pixels = self._laid_out(torch.cat([self.pixels, *tensors]))
            self.start = self._laid_out(torch.cat([self.start, *tensors]))
        return bool(new)

    def _step(self) -> None:
        """Look at every active image, let go of those that are done, and move the others."""
        if not self.active:
            return
        parts = list(self.batches.run(self._look, count=len(self.active)))
        slope = torch.cat([slope for _, slope in parts])
        stays = [stay for found, _ in parts for stay in found]
        # One look at each image's largest slope finds NaN as well: a maximum passes it on.
        largest = slope.abs().amax((1, 2, 3)).cpu().numpy()
        for row in np.flatnonzero(stays):
            stays[row] = self.active[row].refuse_unless_finite(largest[row], what="gradient")
            self.active[row].zero_gradient |= bool(largest[row] == 0)
        slope = slope[self._keep(stays)]
        if self.active:
            self._move(slope)

    def _look(self, part: slice) -> tuple[list[bool], Tensor]:
        """Which of a part of the active images go on, and the gradients of that part."""
        courses, stays = self.active[part], [False]

        def wanted(logits: Logits) -> bool:
            rows = range(part.start, part.stop)
            stays[:] = [self._goes_on(row, found) for row, found in zip(rows, logits, strict=True)]
            return any(stays)

        labels = torch.tensor([c.label for c in courses], device=self.classifier.device)
        _, slope = step.gradient(self.classifier, self.pixels[part], labels, wanted=wanted)
        return stays, slope

    def _goes_on(self, row: int, logits: Logits) -> bool:
        """Note what the logits of an active image say, twice the same; False where it is done."""
        course = self.active[row]
        if not course.refuse_unless_finite(logits, what="logits"):
            return False
        course.after = logits
        if course.steps == 0:
            course.before = logits
            return course.is_label(logits)
        if course.first is None and not course.is_label(logits):
            course.first = Version(course.steps, self._pixels_of(row), logits)
        return course.first is None or self.settings.keep_going

    def _move(self, slope: Tensor) -> None:
        self.pixels = step.move(
            self.pixels, slope, start=self.start, scale=self.scale, settings=self.settings
        )
        for row, course in enumerate(self.active):
            course.steps += 1
            if course.steps == self.settings.max_steps:
                course.last = Version(course.steps, self._pixels_of(row))
        self._keep([course.last is None for course in self.active])

    def _keep(self, stays: list[bool]) -> Tensor:
        """Part the active images from those that leave; bool [B] on the device, where they were."""
        rows = torch.tensor(stays, device=self.classifier.device)
        if not all(stays):
            self.leaving += compress(self.active, [not stay for stay in stays])
            self.active = list(compress(self.active, stays))
            self.pixels = self._laid_out(self.pixels[rows])
            self.start = self._laid_out(self.start[rows])
        return rows

    def _laid_out(self, images: Tensor) -> Tensor:
        return images.contiguous(memory_format=self.classifier.memory_format)

    def _pixels_of(self, row: int) -> npt.NDArray[np.float32]:
        pixels: npt.NDArray[np.float32] = self.pixels[row].permute(1, 2, 0).cpu().numpy()
        return np.array(pixels)  # a copy of its own: on a CPU these are the batch's


def _alone(course: Course[K]) -> Images:
    image: Images = course.original[None]
    return image
