"""By the attack: what resists it is typical, what gives way at once is odd (section 3.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explain.selection.sets import Candidates, Choice, Pick
from explain.types import K


def choose(candidates: Candidates[K], *, prototypes: int, criticisms: int, seed: int) -> Choice[K]:
    """Prototypes kept their class to step M; criticisms lost it at step 1.

    Images are ranked by flip step, then by the label's probability after the last step, then by a
    seeded draw. Prototypes are the highest, criticisms the lowest, both from the end inwards; one
    that does not meet the strict rule is flagged, with its flip step beside it. The papers name
    the rule alone; the rank makes a set of any class possible. Images the model was wrong about
    before the attack take no part.

    Raises ParameterError if fewer images were attacked than are asked for.
    """
    candidates.column("flip_steps", method="adversarial")
    survived = _survived(candidates)
    attacked = candidates.only(
        np.flatnonzero(candidates.column("flip_steps", method="adversarial") > 0)
    )
    attacked.require(prototypes + criticisms, what="images that the model got right")
    steps = attacked.column("flip_steps", method="adversarial")
    probabilities = attacked.column("label_probabilities", method="adversarial")
    draw = np.random.default_rng(seed).random(len(steps))
    order = np.lexsort((draw, probabilities, steps))

    def picks(rows: npt.NDArray[np.intp], *, strict: int) -> list[Pick[K]]:
        return [
            Pick(
                key=attacked.keys[row],
                strict=bool(steps[row] == strict),
                scores={
                    "flip_step": float(steps[row]),
                    "label_probability": float(probabilities[row]),
                },
            )
            for row in rows
        ]

    return Choice(
        prototypes=picks(order[::-1][:prototypes], strict=survived),
        criticisms=picks(order[:criticisms], strict=1),
        parameters={"max_steps": survived - 1},
    )


def _survived(candidates: Candidates[K]) -> int:
    """The flip step of an image that kept its class: M + 1."""
    steps = candidates.column("flip_steps", method="adversarial")
    if candidates.max_steps is None or candidates.max_steps < 1:
        raise candidates.error(
            "the method adversarial needs max_steps", remedy="Give M of the attack, at least 1"
        )
    if len(steps) and (steps.min() < 0 or steps.max() > candidates.max_steps + 1):
        raise candidates.error(
            f"flip_steps from {steps.min()} to {steps.max()} with max_steps {candidates.max_steps}",
            remedy="Give 0 for an image that was not attacked, M + 1 for one that kept its class",
        )
    return candidates.max_steps + 1
