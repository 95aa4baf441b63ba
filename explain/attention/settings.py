"""Everything that moves an attention image, checked once."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, get_args

from explain.errors import ParameterError
from explain.provenance import Parameter
from explain.superpixels import Quickshift

Engine: TypeAlias = Literal["quorum", "lime"]
"""Who computes: this package, or the lime package as a reference."""

Method: TypeAlias = Literal["lime_v1", "lasso_ols"]
"""Ridge over all superpixels (the lime package), or K chosen by the Lasso (the paper)."""

Background: TypeAlias = Literal["black", "gray", "blurred"]
"""What stands where a superpixel is not shown."""

RIDGE_ALPHA = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of `explain.attention.explain`, which describes them."""

    n_samples: int = 1000
    seed: int = 0
    top_k: int = 8
    engine: Engine = "quorum"
    method: Method = "lime_v1"
    sigma: float = 0.25
    background: Background = "black"
    segmentation: Quickshift = field(default_factory=Quickshift)

    def __post_init__(self) -> None:
        _check_number("n_samples", self.n_samples, least=2)
        _check_number("top_k", self.top_k, least=1)
        _check_number("seed", self.seed, least=0, most=2**32 - 1)
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise ParameterError(
                "must be a finite number above 0",
                item=f"sigma = {self.sigma}",
                remedy="Take the papers' 0.25",
            )
        for name, value, known in (
            ("engine", self.engine, get_args(Engine)),
            ("method", self.method, get_args(Method)),
            ("background", self.background, get_args(Background)),
        ):
            if value not in known:
                raise ParameterError(
                    "is not known", item=f"{name} {value!r}", remedy=f"Choose {' or '.join(known)}"
                )

    def parameters(self) -> dict[str, Parameter]:
        """Plain values for the provenance of a result."""
        own: dict[str, Parameter] = {
            "engine": self.engine,
            "n_samples": self.n_samples,
            "top_k": self.top_k,
            "sigma": self.sigma,
            "background": self.background,
            "hidden": "superpixel mean",
        }
        if self.method == "lime_v1":
            own["alpha"] = RIDGE_ALPHA
        constants = asdict(self.segmentation).items()
        return own | {f"quickshift_{name}": value for name, value in constants}


def _check_number(name: str, value: int, *, least: int, most: int | None = None) -> None:
    if value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ParameterError(
            f"must be {bounds}", item=f"{name} = {value}", remedy="Choose another number"
        )
