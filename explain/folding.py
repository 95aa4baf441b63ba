"""Batch norms multiplied into the convolutions before them, where a trace proves it safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import torch
from torch import Tensor, fx, nn

from explain.callables import FOREIGN


@dataclass(frozen=True, slots=True)
class Folding:
    """What became of a network's batch norms; its text is the line for records.

    folded  how many are part of a convolution now
    found   how many there were
    reason  why none is folded although there were some, or ""
    """

    folded: int = 0
    found: int = 0
    reason: str = ""

    def __str__(self) -> str:
        if not self.found:
            return "no batch norms"
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.folded} of {self.found} batch norms folded{reason}"


@dataclass(slots=True)
class Folded:
    """A module whose batch norms were folded, and all that is needed to take it back."""

    module: nn.Module
    record: Folding
    _convolutions: list[tuple[nn.Conv2d, Tensor, Tensor | None]] = field(default_factory=list)
    _places: list[tuple[nn.Module, str, nn.Module]] = field(default_factory=list)

    def undo(self, *, reason: str) -> None:
        """Put every convolution and batch norm back as they were."""
        for convolution, weight, bias in self._convolutions:
            convolution.register_parameter("weight", cast(nn.Parameter, weight))
            convolution.register_parameter("bias", cast(nn.Parameter | None, bias))
        for parent, name, norm in self._places:
            parent.register_module(name, norm)
        self._convolutions.clear()
        self._places.clear()
        self.record = Folding(folded=0, found=self.record.found, reason=reason)


def batch_norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """The batch norms over maps in a module, each once."""
    return [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]


def fold(module: nn.Module) -> Folded:
    """Fold each batch norm of a module in evaluation mode that only sees one convolution's output.

    The convolution gets the weights W * g / sqrt(v + e) and the bias (b - m) * g / sqrt(v + e) + h
    for a norm of weight g, bias h, mean m, variance v and epsilon e, computed in float64; an
    Identity takes the norm's place, so that every layer keeps its name and can be hooked as before
    (a convolution's own output is that of its norm then). A norm whose input has another reader,
    or that is called twice, stays. So do all of a module that torch.fx cannot trace.

    What a trace cannot see, such as a branch on the values of an image, it cannot prove either:
    compare the logits before and after, and `undo` where they differ.
    """
    norms = batch_norms(module)
    if not norms:
        return Folded(module, Folding())
    try:
        graph = fx.Tracer().trace(module)
    except FOREIGN as error:
        reason = f"it cannot be traced: {type(error).__name__}"
        return Folded(module, Folding(found=len(norms), reason=reason))
    pairs = list(_pairs(module, graph))
    folded = Folded(module, Folding(folded=len(pairs), found=len(norms)))
    for convolution, norm in pairs:
        folded._convolutions.append((convolution, convolution.weight, convolution.bias))
        _multiply(convolution, norm)
    _replace(module, [norm for _, norm in pairs], places=folded._places)
    return folded


def _pairs(module: nn.Module, graph: fx.Graph) -> Iterator[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    parts = dict(module.named_modules(remove_duplicate=False))
    called = {node: parts[str(node.target)] for node in graph.nodes if node.op == "call_module"}
    calls = Counter(called.values())
    # A layer whose tensors are read past its own forward has a second reader no call shows.
    read = {
        parts[str(node.target).rpartition(".")[0]] for node in graph.nodes if node.op == "get_attr"
    }
    for node, norm in called.items():
        before = node.args[0] if node.args else None
        convolution = called.get(before) if isinstance(before, fx.Node) else None
        if (
            isinstance(before, fx.Node)
            # Exact types: a subclass may compute anything from its weights.
            and type(norm) is nn.BatchNorm2d
            and type(convolution) is nn.Conv2d
            and norm.running_mean is not None
            and len(before.users) == 1
            and all(_is_plain(part) and calls[part] == 1 for part in (convolution, norm))
            and read.isdisjoint((convolution, norm))
        ):
            yield convolution, norm


def _is_plain(part: nn.Module) -> bool:
    """Nobody looks at, or changes, what goes in and comes out."""
    return not part._forward_hooks and not part._forward_pre_hooks


def _multiply(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    like = convolution.weight
    one = torch.ones_like(mean, dtype=torch.float64)
    # torch's types do not know a norm without weights of its own (affine=False).
    gain, shift = (
        (norm.weight.double(), norm.bias.double()) if norm.affine else (one, torch.zeros_like(one))
    )
    bias = torch.zeros_like(one) if convolution.bias is None else convolution.bias.double()
    scale = gain / (variance.double() + norm.eps).sqrt()
    weight = like.double() * scale.view(-1, 1, 1, 1)
    convolution.weight = _parameter(weight, like=like)
    convolution.bias = _parameter((bias - mean.double()) * scale + shift, like=like)


def _parameter(values: Tensor, *, like: Tensor) -> nn.Parameter:
    return nn.Parameter(values.detach().to(like.dtype), requires_grad=like.requires_grad)


def _replace(
    module: nn.Module,
    norms: list[nn.BatchNorm2d],
    *,
    places: list[tuple[nn.Module, str, nn.Module]],
) -> None:
    """An Identity wherever one of the norms is registered, under however many names."""
    instead: dict[nn.Module, nn.Module] = {norm: nn.Identity().eval() for norm in norms}
    for parent in list(module.modules()):
        for name, child in list(parent._modules.items()):
            if child is not None and child in instead:
                places.append((parent, name, child))
                parent.register_module(name, instead[child])
