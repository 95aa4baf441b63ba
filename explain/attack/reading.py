"""The last look at images that take no further step: their logits, and those of their files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import cast

import numpy as np

from explain.attack.course import Course
from explain.attack.stored import store
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.types import Images, K, Logits, PreparedImage


def read(
    courses: Sequence[Course[K]], *, classifier: Classifier, batches: Batches, pool: Executor
) -> None:
    """Fill in what the results of these images still lack.

    Of an image after step M the logits are unknown so far: no gradient is needed there, and a
    forward pass costs half. Every version to be stored is written as a file, in threads of `pool`,
    and the network is asked about what is read back.
    """
    _read_last(courses, classifier=classifier, batches=batches)
    pairs = [(c, version) for c in courses if c.error is None for version in c.versions]
    files = list(pool.map(lambda pair: store(pair[1].pixels, original=pair[0].original), pairs))
    rows = _logits([file.pixels for file in files], classifier=classifier, batches=batches)
    for (course, version), file, logits in zip(pairs, files, rows, strict=True):
        version.file, version.file_logits = file, logits
        course.refuse_unless_finite(logits, what="logits of the stored image")


def _read_last(courses: Sequence[Course[K]], *, classifier: Classifier, batches: Batches) -> None:
    pairs = [(c, c.last) for c in courses if c.error is None and c.last is not None]
    rows = _logits([v.pixels for _, v in pairs], classifier=classifier, batches=batches)
    for (course, version), logits in zip(pairs, rows, strict=True):
        version.logits = course.after = logits
        if not course.refuse_unless_finite(logits, what="logits"):
            continue
        if course.first is None and not course.is_label(logits):
            course.first = version


def _logits(
    images: Sequence[PreparedImage], *, classifier: Classifier, batches: Batches
) -> list[Logits]:
    def compute(part: slice) -> Logits:
        return classifier.logits(cast(Images, np.stack(images[part])))

    return [row for rows in batches.run(compute, count=len(images)) for row in rows]
