"""How a module computes: batch norms folded or not, in which precision, compiled or not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from explain import contract
from explain.callables import FOREIGN
from explain.contract import Findings
from explain.device import computes_bf16
from explain.errors import ModelError
from explain.folding import Folding, batch_norms, fold
from explain.precision import Precision, use_bf16

logger = logging.getLogger(__name__)

# Folding moves logits by rounding alone, 1e-6 of the largest one; more is a trace that was wrong.
_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """What was done to a module, and what a forward pass tells about it now.

    findings  of the module as it computes now
    folding   what became of the batch norms
    compiled  the module compiled by torch, or None
    """

    findings: Findings
    folding: Folding
    compiled: Callable[[Tensor], Tensor] | None


def arrange(
    module: nn.Module,
    *,
    images: Tensor,
    findings: Findings,
    precision: Precision,
    folded: bool,
    compiled: bool,
    item: str,
) -> Arithmetic:
    """Change a module in place to compute as it is told; `findings` are those of before, on images.

    Raises ModelError where the module cannot compute in this precision, or cannot be compiled.
    """
    if folded:
        findings, folding = _fold(module, images=images, before=findings, item=item)
    else:
        folding = Folding(found=len(batch_norms(module)), reason="not asked for")
    if precision == "bf16":
        findings = _lower(module, images=images, item=item)
    return Arithmetic(
        findings=findings,
        folding=folding,
        compiled=_compile(module, images=images, item=item) if compiled else None,
    )


def _fold(
    module: nn.Module, *, images: Tensor, before: Findings, item: str
) -> tuple[Findings, Folding]:
    """Fold what can be folded; taken back whole where the logits tell that a trace was wrong."""
    folded = fold(module)
    if not folded.record.folded:
        return before, folded.record
    try:
        after = contract.check(module, images=images, item=item)
    except ModelError:
        folded.undo(reason="the network does not run without them")
        return before, folded.record
    if (after.logits - before.logits).abs().max() > _TOLERANCE * before.logits.abs().max():
        folded.undo(reason="the logits would change")
        return before, folded.record
    return after, folded.record


def _lower(module: nn.Module, *, images: Tensor, item: str) -> Findings:
    if not computes_bf16(images.device):
        logger.warning("%s computes bf16 without hardware for it, slower than fp32", images.device)
    use_bf16(module)
    try:
        return contract.check(module, images=images, item=item)
    except ModelError as error:
        raise ModelError(
            f"it does not compute in bf16: {error.what}", item=item, remedy="Load it in fp32"
        ) from error


def _compile(module: nn.Module, *, images: Tensor, item: str) -> Callable[[Tensor], Tensor]:
    compiled = cast(Callable[[Tensor], Tensor], torch.compile(module))
    try:
        with torch.inference_mode():
            compiled(images)
    except FOREIGN as error:
        reason = " ".join(str(error).splitlines()[:2])
        raise ModelError(
            f"torch cannot compile it ({type(error).__name__}: {reason})",
            item=item,
            remedy="Load it without compiled, or install a C++ compiler",
        ) from error
    return compiled
