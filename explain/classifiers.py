"""One wrapper for every classifier: pixels in, logits out, everything else inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from explain import architectures, arithmetic, callables, contract
from explain import precision as precisions
from explain.batches import Batches
from explain.deviation import Deviation, between
from explain.device import choose, use_exact_fp32
from explain.errors import ImageError, ModelError, ParameterError, WeightsError
from explain.folding import Folding
from explain.precision import Precision
from explain.preparation import Preparation
from explain.types import Features, Images, Logits, PreparedImage
from explain.weights import sha256_of_file, sha256_of_tensors


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """A classification network ready for evaluation, and what a result must record about it.

    module          float32 [N, 3, S, S] RGB in [0, 1] -> float32 [N, C] logits; normalisation
                    inside, differentiable with respect to its input, parameters frozen
    name            the architecture, or module:callable
    input_size      S, in pixels
    n_classes       C
    preparation     how an image becomes S x S; None where the module brings its own
    preprocess      the module's own way from a PIL image to its input, or None
    weights_name    the file, and which of torchvision's published sets it is; "" for none
    weights_sha256  of the weights file; without a file, of the tensors by name
    device          where it computes
    memory_format   layout of its input
    last_conv       the module whose output feeds the global pooling, or None
    precision       of the arithmetic: "fp32" or "bf16"
    folding         what became of the batch norms
    compiled        the module compiled by torch, or None; `logits` runs it where there is one. It
                    sees no hook that is set later: whoever looks inside runs `module`
    """

    module: nn.Module
    name: str
    input_size: int
    n_classes: int
    preparation: Preparation | None
    preprocess: Callable[[Image.Image], object] | None
    weights_name: str
    weights_sha256: str
    device: torch.device
    memory_format: torch.memory_format
    last_conv: nn.Module | None
    precision: Precision = "fp32"
    folding: Folding = field(default_factory=Folding)
    compiled: Callable[[Tensor], Tensor] | None = None

    @property
    def arithmetic(self) -> str:
        """How it computes, for records: "fp32, channels_last, 20 of 20 batch norms folded"."""
        layout = str(self.memory_format).removeprefix("torch.")
        compiled = [] if self.compiled is None else ["compiled"]
        return ", ".join([self.precision, layout, str(self.folding), *compiled])

    def prepare(self, image: Image.Image, *, name: str = "the image") -> PreparedImage:
        """A PIL image of mode RGB -> uint8 [S, S, 3], float32 where the model has its own way.

        Raises ImageError if the image cannot be prepared, ModelError if the module's own
        preprocess returns anything but [3, S, S] in [0, 1] or an S x S image.
        """
        if self.preprocess is None:
            preparation = self.preparation or Preparation.of_input_size(self.input_size)
            return preparation.apply(image, name=name)
        try:
            result = self.preprocess(image)
        except callables.FOREIGN as error:
            raise ImageError(
                f"the model's preprocess refuses it ({type(error).__name__}: {error})",
                item=name,
                remedy=f"Leave the image out, or correct the preprocess of {self.name}",
            ) from error
        return callables.prepared(result, input_size=self.input_size, item=f"model {self.name!r}")

    def tensor(self, images: Images) -> Tensor:
        """[N, S, S, 3] uint8, or float32 in [0, 1] -> float32 [N, 3, S, S] in [0, 1], on device."""
        stacked = torch.from_numpy(images if images.flags.writeable else images.copy())
        pixels = stacked.to(self.device).permute(0, 3, 1, 2)
        scaled = pixels.to(torch.float32) / 255 if pixels.dtype == torch.uint8 else pixels
        return scaled.contiguous(memory_format=self.memory_format)

    def logits(self, images: Images) -> Logits:
        """[N, S, S, 3] uint8, or float32 in [0, 1] -> float32 [N, C], without gradients.

        A row depends on its own image alone up to rounding: the processor may add up in another
        order for another N (measured: 1e-5 relative to the largest logit, in fp32).
        """
        run = self.module if self.compiled is None else self.compiled
        with torch.inference_mode():
            result: Logits = run(self.tensor(images)).float().cpu().numpy()
        return result

    def features(self, images: Images, *, batch_size: int | None = None) -> Features:
        """[N, S, S, 3] uint8, or float32 in [0, 1] -> float32 [N, D], without gradients.

        The mean over the places of each channel of the last convolutional stage: what the global
        average pooling of a residual network hands to its final layer. D is the number of those
        channels. `batch_size` images run at once, None for what suits the device; less where its
        memory does not hold them.

        Raises ModelError for a model without such a stage (a transformer of tokens).
        """
        return self.described(images, batch_size=batch_size)[1]

    def described(
        self, images: Images, *, batch_size: int | None = None
    ) -> tuple[Logits, Features]:
        """What `logits` and `features` say, by one pass: float32 [N, C] and [N, D].

        Raises ModelError as `features` does.
        """
        stage = self.last_conv
        if stage is None:
            raise ModelError(
                "it has no last convolutional stage whose output could be pooled",
                item=f"model {self.name!r}",
                remedy="Choose a convolutional network, or set the module's last_conv to its stage",
            )
        if not len(images):  # a blank one tells D
            blank = np.zeros((1, self.input_size, self.input_size, 3), np.uint8)
            logits, features = self.described(blank)
            return logits[:0], features[:0]
        seen: list[Tensor] = []

        def both(part: slice) -> tuple[Logits, Features]:
            seen.clear()
            with torch.inference_mode():
                answers: Logits = self.module(self.tensor(images[part])).float().cpu().numpy()
                pooled: Features = seen[-1].float().mean((2, 3)).cpu().numpy()
            return answers, pooled

        batches = Batches.suited(self.device, input_size=self.input_size, batch_size=batch_size)
        hook = stage.register_forward_hook(lambda _stage, _inputs, maps: seen.append(maps))
        try:
            parts = list(batches.run(both, count=len(images)))
        finally:
            hook.remove()
        return np.concatenate([one for one, _ in parts]), np.concatenate([two for _, two in parts])


def load(
    model: str,
    *,
    weights: Path | str | None = None,
    n_classes: int | None = None,
    device: str | None = None,
    preparation: Preparation | None = None,
    precision: Precision = "fp32",
    folded: bool = True,
    compiled: bool = False,
) -> Classifier:
    """The classifier called `model`: a torchvision architecture, or module:callable.

    weights      a local file (.safetensors, .pth, .pt); for an architecture also the name of one
                 of torchvision's sets, or None for its default; a callable gets the path or None
    n_classes    how many classes the caller's list has; a model of another number is refused
    device       as in `device.choose`
    preparation  instead of the one that belongs to the weights; not for a model that brings its own
    precision    "fp32", for every number that is published, or "bf16": twice as fast where the
                 hardware has it, and off by what `deviation` measures
    folded       multiply batch norms into the convolutions before them, where that is proved safe
    compiled     have torch compile the module; needs a compiler, and a minute at the first image

    Raises ModelError, WeightsError (DownloadError where a later try may do), DeviceError or
    ParameterError.
    """
    precisions.check(precision)
    target = choose(device)
    if target.type == "cuda":
        use_exact_fp32()
    unchecked = (
        _from_callable(model, weights=weights, device=target)
        if ":" in model
        else _from_architecture(model, weights=weights, device=target)
    )
    if preparation is not None and unchecked.preprocess is None:
        unchecked = replace(unchecked, preparation=preparation, input_size=preparation.crop)
    classifier = _arranged(
        _laid_out(unchecked), precision=precision, folded=folded, compiled=compiled
    )
    if n_classes is not None and classifier.n_classes != n_classes:
        raise WeightsError(
            f"the model tells {classifier.n_classes} classes apart, the class list has {n_classes}",
            item=f"model {model!r} {classifier.weights_name}".strip(),
            remedy="Give weights that were trained on these classes, or the matching class list",
        )
    return classifier


def deviation(
    classifier: Classifier,
    reference: Classifier,
    images: Images,
    *,
    batch_size: int | None = None,
) -> Deviation:
    """What one way to compute a model changes against another, measured on images [N, S, S, 3].

    Raises ParameterError without images, or for models of different classes or input sizes.
    """
    if not len(images):
        raise ParameterError(
            "there are no images to measure it on", item="deviation", remedy="Give at least one"
        )
    faces = [(c.n_classes, c.input_size) for c in (classifier, reference)]
    if faces[0] != faces[1]:
        raise ParameterError(
            f"classes and input sizes differ: {faces[0]} and {faces[1]}",
            item="deviation",
            remedy="Load the same model twice, in two precisions",
        )
    found = []
    for each in (classifier, reference):
        batches = Batches.suited(each.device, input_size=each.input_size, batch_size=batch_size)
        run = partial(_logits, each, images)
        found.append(np.concatenate(list(batches.run(run, count=len(images)))))
    return between(*found, what=classifier.arithmetic, reference_name=reference.arithmetic)


def _logits(classifier: Classifier, images: Images, part: slice) -> Logits:
    return classifier.logits(images[part])


def _from_architecture(
    name: str, *, weights: Path | str | None, device: torch.device
) -> Classifier:
    built = architectures.build(name, weights=weights)
    return Classifier(
        module=_frozen(built.module, device=device),
        name=name,
        input_size=built.preparation.crop,
        n_classes=0,
        preparation=built.preparation,
        preprocess=None,
        weights_name=built.weights_name,
        weights_sha256=built.weights_sha256,
        device=device,
        memory_format=torch.channels_last,
        last_conv=None,
    )


def _from_callable(spec: str, *, weights: Path | str | None, device: torch.device) -> Classifier:
    item = f"model {spec!r}"
    path = None if weights is None else Path(weights)
    if path is not None and not path.exists():
        raise WeightsError(
            "there is no such weights file", item=str(path), remedy="Check the path after --weights"
        )
    built = callables.build(spec, weights=path)
    preprocess: object = getattr(built, "preprocess", None)
    if preprocess is not None and not callable(preprocess):
        raise ModelError(
            "the module's attribute preprocess cannot be called",
            item=item,
            remedy="Make it a function of one PIL image, or take it away",
        )
    size = callables.input_size(built, item=item)
    is_file = path is not None and path.is_file()
    return Classifier(
        module=_frozen(built, device=device),
        name=spec,
        input_size=size,
        n_classes=0,
        preparation=None if preprocess else Preparation.of_input_size(size),
        preprocess=preprocess,
        weights_name=path.name if path is not None else "",
        weights_sha256=sha256_of_file(path)
        if path is not None and is_file
        else sha256_of_tensors(built.state_dict()),
        device=device,
        memory_format=torch.channels_last,
        last_conv=None,
    )


def _frozen(module: nn.Module, *, device: torch.device) -> nn.Module:
    return module.eval().requires_grad_(False).to(device)


def _arranged(
    found: tuple[Classifier, contract.Findings],
    *,
    precision: Precision,
    folded: bool,
    compiled: bool,
) -> Classifier:
    """The classifier as it is to compute, with what a forward pass tells about it."""
    classifier, findings = found
    arranged = arithmetic.arrange(
        classifier.module,
        images=classifier.tensor(contract.noise(classifier.input_size).numpy()),
        findings=findings,
        precision=precision,
        folded=folded,
        compiled=compiled,
        item=f"model {classifier.name!r}",
    )
    return replace(
        classifier,
        n_classes=arranged.findings.n_classes,
        last_conv=arranged.findings.last_conv,
        precision=precision,
        folding=arranged.folding,
        compiled=arranged.compiled,
    )


def _laid_out(classifier: Classifier) -> tuple[Classifier, contract.Findings]:
    """The classifier in the fastest layout it can take, and what a forward pass tells about it."""
    item = f"model {classifier.name!r}"
    images = contract.noise(classifier.input_size).numpy()
    if classifier.preprocess is not None:
        classifier.prepare(Image.fromarray(images[0]).resize((320, 240)), name=item)
    try:
        laid_out = _in_layout(classifier, torch.channels_last)
        findings = contract.check(laid_out.module, images=laid_out.tensor(images), item=item)
    except ModelError:
        # A `view` that counts on rows of pixels fails on rows of channels; anything else that is
        # wrong with the module fails again, and that error is the one to show.
        laid_out = _in_layout(classifier, torch.contiguous_format)
        findings = contract.check(laid_out.module, images=laid_out.tensor(images), item=item)
    return laid_out, findings


def _in_layout(classifier: Classifier, layout: torch.memory_format) -> Classifier:
    # The overloads of Module.to do not know a layout of its own as a keyword.
    classifier.module.to(memory_format=layout)
    return replace(classifier, memory_format=layout)
