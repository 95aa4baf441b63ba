"""The classifier behind a model's predictions, loaded again and proved to be the same."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from explain import classifiers
from explain.classifiers import Classifier
from explain.precision import Precision
from studyapp.compute.input_errors import as_input_error
from studyapp.errors import InputError
from studyapp.models import VisionModel
from studyapp.selectors.explanations import refuse_imported


def load_classifier(
    model: VisionModel,
    *,
    weights: str | None = None,
    device: str | None = None,
    precision: Precision = "fp32",
) -> Classifier:
    """The classifier that `predict` registered as `model`.

    weights  the weights file on this machine; None for where predict found it

    Raises InputError where there is none, or where its weights are not the recorded ones.
    """
    item = f"model {model.name!r}"
    refuse_imported(model)
    path = weights or model.details.get("weights_given") or None
    with as_input_error():
        classifier = _load(
            model.source,
            weights=path,
            stamp=_stamp(path),
            n_classes=model.class_list.n_classes,
            device=device,
            precision=precision,
        )
    if classifier.weights_sha256 != model.weights_hash:
        raise InputError(
            f"{path or 'the default weights'}: not the weights that its predictions were made with",
            item=item,
            remedy="Give the file that predict was given with --weights, or run predict with this "
            "one under another name",
        )
    return classifier


@lru_cache(maxsize=1)
def _load(
    source: str,
    *,
    weights: str | None,
    stamp: tuple[int, int] | None,  # noqa: ARG001  # part of the key
    n_classes: int,
    device: str | None,
    precision: Precision,
) -> Classifier:
    """Kept from one part of a set to the next; `stamp` tells a file that was replaced meanwhile."""
    return classifiers.load(
        source, weights=weights, n_classes=n_classes, device=device, precision=precision
    )


def _stamp(weights: str | None) -> tuple[int, int] | None:
    path = Path(weights) if weights else None
    if path is None or not path.is_file():
        return None
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size
