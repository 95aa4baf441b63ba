"""The lime package behind the same face, for comparison.

It gets our superpixels and the caller's seed; everything else is its own: the order in which it
draws, the perturbed images, the distances, scikit-learn's regressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
from lime import lime_image
from sklearn.linear_model import LinearRegression

from explain.attention import surrogate
from explain.attention.responses import Responder, not_finite
from explain.attention.results import Outcome
from explain.attention.settings import Settings
from explain.attention.subject import Subject
from explain.attention.surrogate import Floats, Surrogate
from explain.classifiers import Classifier
from explain.types import Failure, Images, K

_ALL = 100_000  # superpixels, lime's own word for no selection


class _NotFiniteError(Exception):
    """The model gave no numbers; lime would fail later, with a text about something else."""


def outcomes(
    classifier: Classifier,
    subjects: Iterable[Subject[K] | Failure[K]],
    *,
    settings: Settings,
    batch_size: int,
) -> Iterator[Outcome[K] | Failure[K]]:
    """As `explain.attention.queue.outcomes`, by the lime package, one image after the other."""
    responder = Responder(classifier, limit=batch_size)
    for subject in subjects:
        if isinstance(subject, Failure):
            yield subject
            continue
        try:
            yield _outcome(
                subject,
                _Model(classifier, responder, class_index=subject.class_index),
                settings=settings,
                batch_size=batch_size,
            )
        except _NotFiniteError:
            yield Failure(key=subject.key, error=not_finite(classifier, subject.key))


class _Model:
    """Probabilities as lime asks for them; remembers those of the class that is explained."""

    def __init__(self, classifier: Classifier, responder: Responder, *, class_index: int) -> None:
        self._classifier, self._responder = classifier, responder
        self._class_index = class_index
        self.answers: list[float] = []

    def __call__(self, images: Images) -> Floats:
        found: Floats = self._responder.probabilities(self._classifier.tensor(images)).cpu().numpy()
        if not np.isfinite(found).all():
            raise _NotFiniteError
        self.answers.extend(found[:, self._class_index].tolist())
        return found


def _outcome(
    subject: Subject[K], model: _Model, *, settings: Settings, batch_size: int
) -> Outcome[K]:
    fitted = _fitted(subject, model, settings=settings, batch_size=batch_size)
    first = model.answers[0]
    is_constant = subject.is_flat or surrogate.is_constant(np.array(model.answers))
    return Outcome(
        subject=subject,
        surrogate=surrogate.constant(subject.n_superpixels, response=first)
        if is_constant
        else fitted,
        probability=first,
        is_constant=is_constant,
    )


def _fitted(
    subject: Subject[K], model: _Model, *, settings: Settings, batch_size: int
) -> Surrogate:
    is_lasso = settings.method == "lasso_ols"
    explainer = lime_image.LimeImageExplainer(
        kernel_width=settings.sigma,
        feature_selection="lasso_path" if is_lasso else "auto",
        random_state=settings.seed,
    )
    label = subject.class_index
    with _without_a_progress_bar():
        explanation = explainer.explain_instance(
            subject.image,
            model,
            labels=(label,),
            top_labels=None,
            num_features=settings.top_k if is_lasso else _ALL,
            num_samples=settings.n_samples,
            batch_size=batch_size,
            segmentation_fn=lambda _image: subject.segments,
            model_regressor=LinearRegression() if is_lasso else None,
        )
    weights = np.zeros(subject.n_superpixels)
    for superpixel, weight in explanation.local_exp[label]:
        weights[superpixel] = weight
    return Surrogate(
        weights=weights,
        intercept=float(explanation.intercept[label]),
        r2=float(explanation.score),
        local_prediction=float(explanation.local_pred[0]),
    )


@contextmanager
def _without_a_progress_bar() -> Iterator[None]:
    """The released lime has no switch for the bar it draws for every image."""
    bar = lime_image.tqdm
    lime_image.tqdm = partial(bar, disable=True)
    try:
        yield
    finally:
        lime_image.tqdm = bar
