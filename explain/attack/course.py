"""One image on its way through the attack, and the result it ends in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

import numpy as np
import numpy.typing as npt

from explain.attack.results import AdversarialImage, Attacked
from explain.attack.stored import Stored, adversarial_image, label_probability
from explain.errors import ImageError
from explain.provenance import Provenance
from explain.types import Failure, K, Logits, PreparedImage


@dataclass(slots=True, eq=False)
class Version:
    """The image after some step, float32 [S, S, 3], and what is known of it by now.

    `logits` are the network's for `pixels`, `file_logits` those for the 8-bit file.
    """

    step: int
    pixels: npt.NDArray[np.float32]
    logits: Logits | None = None
    file: Stored | None = None
    file_logits: Logits | None = None


@dataclass(slots=True, eq=False)
class Course(Generic[K]):
    """What happened to an image so far: `steps` taken, `before` and `after` the logits around them.

    `first` is the version of its first flip, `last` that of step M; they are one where it flips
    there. An image with an `error` is out of the attack.
    """

    key: K
    original: PreparedImage
    label: int
    steps: int = 0
    before: Logits | None = None
    after: Logits | None = None
    zero_gradient: bool = False
    first: Version | None = None
    last: Version | None = None
    error: ImageError | None = None

    @property
    def versions(self) -> list[Version]:
        """Those that are to be stored, each once."""
        found = [version for version in (self.first, self.last) if version is not None]
        return found[:1] if self.first is self.last else found

    def is_label(self, logits: Logits) -> bool:
        return int(logits.argmax()) == self.label

    def refuse_unless_finite(self, values: npt.NDArray[np.floating], *, what: str) -> bool:
        """Whether all is well; otherwise `error` tells what was not a finite number."""
        if np.isfinite(values).all():
            return True
        self.error = ImageError(
            f"after {self.steps} steps of the attack the {what} held values that are no numbers",
            item=str(self.key),
            remedy="Leave the image out, or check the model's weights",
        )
        return False

    def result(self, *, provenance: Provenance) -> Attacked[K] | Failure[K]:
        """What is told of the image, once every version has been read."""
        if self.error is not None:
            return Failure(key=self.key, error=self.error)
        assert self.before is not None and self.after is not None  # noqa: S101, PT018
        return Attacked(
            key=self.key,
            label=self.label,
            predicted=int(self.before.argmax()),
            probability=label_probability(self.before, label=self.label),
            admitted=self.is_label(self.before),
            steps_to_flip=None if self.first is None else self.first.step,
            label_probability=label_probability(self.after, label=self.label),
            zero_gradient=self.zero_gradient,
            first_flip=self._shown(self.first),
            final=self._shown(self.last),
            provenance=provenance,
        )

    def _shown(self, version: Version | None) -> AdversarialImage | None:
        if version is None:
            return None
        file, logits, read = version.file, version.logits, version.file_logits
        assert file is not None and logits is not None and read is not None  # noqa: S101, PT018
        return adversarial_image(
            file, step=version.step, label=self.label, computed=logits, stored=read
        )
