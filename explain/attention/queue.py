"""Perturbations of many images through one queue of full batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic

import numpy as np
import torch
from torch import Tensor

from explain.attention import perturbation, surrogate
from explain.attention.composition import Composer
from explain.attention.perturbation import Masks
from explain.attention.responses import Responder, not_finite
from explain.attention.results import Outcome
from explain.attention.settings import Settings
from explain.attention.subject import Subject
from explain.attention.surrogate import Floats, Problem, Surrogate
from explain.classifiers import Classifier
from explain.types import Failure, K


@dataclass(slots=True, eq=False)
class _Job(Generic[K]):
    """A subject on its way through the queue; a failed one only keeps its place in the order."""

    subject: Subject[K] | Failure[K]
    class_index: int = 0
    masks: Masks = field(default_factory=lambda: np.empty((0, 0), dtype=np.bool_))
    answers: Tensor = field(default_factory=lambda: torch.empty(0))
    answered: int = 0

    @property
    def is_done(self) -> bool:
        return self.answered == len(self.masks)


def outcomes(
    classifier: Classifier,
    subjects: Iterable[Subject[K] | Failure[K]],
    *,
    settings: Settings,
    batch_size: int,
) -> Iterator[Outcome[K] | Failure[K]]:
    """What the model says to the perturbations of each subject, in the subjects' order.

    Memory does not grow with the number of subjects, and with n_samples only by the masks: F + 8
    bytes a sample, against 12 S^2 bytes of its pixels, of which one batch exists.
    """
    queue: _Queue[K] = _Queue(classifier, batch_size=batch_size)
    for subject in subjects:
        done = queue.add(_job(subject, classifier=classifier, settings=settings))
        yield from _fitted(classifier, done, settings=settings)
    yield from _fitted(classifier, queue.drain(), settings=settings)


class _Queue(Generic[K]):
    def __init__(self, classifier: Classifier, *, batch_size: int) -> None:
        side = classifier.input_size
        self._classifier = classifier
        self._responder = Responder(classifier, limit=batch_size)
        self._batch = torch.empty(
            (batch_size, 3, side, side),
            device=classifier.device,
            memory_format=classifier.memory_format,
        )
        self._parts: list[tuple[_Job[K], slice]] = []
        self._filled = 0
        self._waiting: deque[_Job[K]] = deque()

    def add(self, job: _Job[K]) -> list[_Job[K]]:
        """Put all samples of a job into batches; the jobs that are done by now, in order."""
        self._waiting.append(job)
        # Those of the batches before: asking for them now leaves the device work to go on with.
        done = self._done()
        if isinstance(job.subject, Failure):
            return done
        subject = job.subject
        composer = Composer(self._classifier, subject.image, subject.hidden, subject.segments)
        masks = torch.from_numpy(job.masks).to(self._classifier.device)
        start = 0
        while start < len(masks):
            end = min(len(masks), start + len(self._batch) - self._filled)
            room = self._batch[self._filled : self._filled + end - start]
            composer.write(masks[start:end], out=room)
            self._parts.append((job, slice(start, end)))
            self._filled += end - start
            start = end
            if self._filled == len(self._batch):
                self._run()
        return done

    def drain(self) -> list[_Job[K]]:
        """Run the last, partial batch; the jobs that were still waiting."""
        if self._filled:
            self._run()
        return self._done()

    def _run(self) -> None:
        answers = self._responder.probabilities(self._batch[: self._filled])
        start = 0
        for job, rows in self._parts:
            end = start + rows.stop - rows.start
            job.answers[rows] = answers[start:end, job.class_index]
            job.answered, start = rows.stop, end
        self._parts, self._filled = [], 0

    def _done(self) -> list[_Job[K]]:
        done = []
        while self._waiting and self._waiting[0].is_done:
            done.append(self._waiting.popleft())
        return done


def _job(
    subject: Subject[K] | Failure[K], *, classifier: Classifier, settings: Settings
) -> _Job[K]:
    if isinstance(subject, Failure):
        return _Job(subject)
    # Perturbations of a flat image are the image: one look at it is enough, and free of rounding.
    n_samples = 1 if subject.is_flat else settings.n_samples
    masks = perturbation.draw(n_samples, subject.n_superpixels, seed=settings.seed)
    answers = torch.empty(n_samples, dtype=torch.float64, device=classifier.device)
    return _Job(subject, class_index=subject.class_index, masks=masks, answers=answers)


def _fitted(
    classifier: Classifier, jobs: list[_Job[K]], *, settings: Settings
) -> Iterator[Outcome[K] | Failure[K]]:
    """Outcomes of jobs that are done, their surrogates solved together."""
    answers = [job.answers.cpu().numpy() for job in jobs]
    solvable = [
        Problem(
            masks=job.masks,
            responses=found,
            proximity=perturbation.proximity(job.masks, sigma=settings.sigma),
        )
        for job, found in zip(jobs, answers, strict=True)
        if _is_solvable(found)
    ]
    solved = iter(_solved(solvable, settings=settings))
    for job, found in zip(jobs, answers, strict=True):
        subject = job.subject
        if isinstance(subject, Failure):
            yield subject
        elif np.isnan(found).any():
            yield Failure(key=subject.key, error=not_finite(classifier, subject.key))
        else:
            has_fit = _is_solvable(found)
            flat = surrogate.constant(subject.n_superpixels, response=float(found[0]))
            yield Outcome(
                subject=subject,
                surrogate=next(solved) if has_fit else flat,
                probability=float(found[0]),
                is_constant=not has_fit,
                masks_sha256=perturbation.digest(job.masks),
            )


def _is_solvable(answers: Floats) -> bool:
    return bool(len(answers) and np.isfinite(answers).all()) and not surrogate.is_constant(answers)


def _solved(problems: list[Problem], *, settings: Settings) -> list[Surrogate]:
    if settings.method == "lasso_ols":
        return [surrogate.lasso_ols(problem, k=settings.top_k) for problem in problems]
    return surrogate.ridge(problems) if problems else []
