"""What may be asked of `explain`: settings, their identity, and which images are meant.

Known to the pages and to the queue as well, so nothing here needs torch. Names and defaults are
those of the package that computes; docs/how-to/explain.md tells what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar, Literal, TypeAlias

from studyapp.errors import InputError
from studyapp.identity import canonical_hash
from studyapp.vocabulary import ExplanationKind

OF = ("predicted", "label")
AMONG = ("mistakes", "right", "all", "attacked")
PRECISIONS = ("fp32", "bf16")
Precision: TypeAlias = Literal["fp32", "bf16"]


@dataclass(frozen=True, slots=True)
class AttentionSettings:
    """LIME: a local linear surrogate over superpixels (Stock and Cisse, section 4.2)."""

    kind: ClassVar = ExplanationKind.ATTENTION
    methods: ClassVar = ("lime_v1", "lasso_ols")
    method: Literal["lime_v1", "lasso_ols"] = "lime_v1"
    n_samples: int = 1000
    seed: int = 0
    top_k: int = 8
    sigma: float = 0.25
    background: Literal["black", "gray", "blurred"] = "black"
    engine: Literal["quorum", "lime"] = "quorum"
    precision: Precision = "fp32"
    #: Hash of the attack whose adversarial images are explained; empty for the images themselves.
    of_attack: str = ""

    def parameters(self) -> dict[str, object]:
        values = asdict(self)
        # Only where it says something: settings without it keep the hash they had.
        return values if self.of_attack else {k: v for k, v in values.items() if k != "of_attack"}


@dataclass(frozen=True, slots=True)
class AdversarialSettings:
    """IFGSM: steps along the gradient of the loss (Stock and Cisse, section 4.1)."""

    kind: ClassVar = ExplanationKind.ADVERSARIAL
    methods: ClassVar = ("ifgsm",)
    method: str = "ifgsm"
    step: float = 0.001
    max_steps: int = 10
    norm: Literal["linf", "l2"] = "linf"
    pixel_scale: Literal["unit", "normalised"] = "unit"
    quantised: bool = False
    keep_going: bool = True
    precision: Precision = "fp32"

    def parameters(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SaliencySettings:
    """A class activation map; what only another method knows is no part of its identity."""

    kind: ClassVar = ExplanationKind.SALIENCY
    methods: ClassVar = ("grad_cam_pp", "smooth_grad_cam_pp", "score_cam")
    method: str = "grad_cam_pp"
    variant: Literal["paper", "official", "pgc", "szyc"] = "paper"
    compat: Literal["pgc", "szyc", "torchcam"] | None = None
    n_samples: int = 25
    spread: float = 0.15
    seed: int = 0
    precision: Precision = "fp32"

    def parameters(self) -> dict[str, object]:
        known = {
            "grad_cam_pp": ("compat",),
            "smooth_grad_cam_pp": ("compat", "n_samples", "spread", "seed"),
            "score_cam": ("variant",),
        }[self.method]
        values = asdict(self)
        return {name: values[name] for name in ("method", *known, "precision")}


Settings: TypeAlias = AttentionSettings | AdversarialSettings | SaliencySettings
_KINDS: Mapping[ExplanationKind, type[Settings]] = {
    kind.kind: kind for kind in (AttentionSettings, AdversarialSettings, SaliencySettings)
}


def settings_of(kind: str, *, options: Mapping[str, object]) -> Settings:
    """The settings of a kind; an option that is None keeps its default.

    Raises InputError for an option that the kind does not know, or a method it does not have.
    """
    default = _KINDS[ExplanationKind(kind)]()
    given = {name: value for name, value in options.items() if value is not None}
    unknown = sorted(set(given) - set(asdict(default)))
    if unknown:
        names = ", ".join(_flag(name) for name in asdict(default))
        raise InputError(
            f"{_flag(unknown[0])} means nothing here",
            item=f"kind {kind}",
            remedy=f"It takes {names}",
        )
    settings = replace(default, **given)  # type: ignore[arg-type]  # values are checked by explain
    for name, allowed in (("method", settings.methods), ("precision", PRECISIONS)):
        if getattr(settings, name) not in allowed:
            raise InputError(
                f"there is no {name} {getattr(settings, name)!r}",
                item=f"kind {kind}",
                remedy=f"Choose one of {', '.join(allowed)}",
            )
    return settings


def parameters_hash(settings: Settings) -> str:
    """Identity of the settings: what a second run must share to find the first one's work done."""
    return canonical_hash({"kind": str(settings.kind), **settings.parameters()})


def told_apart(settings: Iterable[tuple[str, Mapping[str, object]]]) -> str:
    """Each of several settings by the beginning of its hash, and by what no other shares with it.

    settings: hash and parameters of each.
    """
    known = dict(settings)
    names = sorted({name for parameters in known.values() for name in parameters})
    differ = [name for name in names if len({str(each.get(name)) for each in known.values()}) > 1]
    return ", ".join(
        f"{digest[:12]}"
        + (
            f" ({', '.join(_worded(name, known[digest].get(name)) for name in differ)})"
            * bool(differ)
        )
        for digest in sorted(known)
    )


def _worded(name: str, value: object) -> str:
    name = name.replace("_", " ")
    return f"{'' if value else 'not '}{name}" if isinstance(value, bool) else f"{name} {value}"


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """Which images of a set are explained, for which class, with what.

    of       "predicted" or "label": the class explained, or attacked
    among    "mistakes", "right" or "all": labelled images the model gets wrong, right, or either;
             "all" of the predicted class takes unlabelled images as well; "attacked": adversarial
             images of the attack that the settings name, for the class it led to
    weights  file on the machine that computes; None for the one that predict was given
    """

    image_set: str
    model: str
    settings: Settings
    of: str
    among: str
    weights: str | None = None
    device: str | None = None
    #: Indices of the labels whose images are meant; empty for all.
    classes: tuple[int, ...] = ()

    def arguments(self) -> dict[str, object]:
        """As plain values, for the row of a job."""
        return {
            "set": self.image_set,
            "model": self.model,
            "kind": str(self.settings.kind),
            "options": asdict(self.settings),
            "of": self.of,
            "among": self.among,
            "weights": self.weights,
            "device": self.device,
            **({"classes": list(self.classes)} if self.classes else {}),
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, object]) -> ExplainRequest:
        options = arguments["options"]
        assert isinstance(options, Mapping)  # noqa: S101  # written by `arguments`
        return make_request(
            str(arguments["set"]),
            model=str(arguments["model"]),
            settings=settings_of(str(arguments["kind"]), options=options),
            of=_text(arguments["of"]),
            among=_text(arguments["among"]),
            weights=_text(arguments.get("weights")),
            device=_text(arguments.get("device")),
            classes=_indices(arguments.get("classes")),
        )


def make_request(
    image_set: str,
    *,
    model: str,
    settings: Settings,
    of: str | None = None,
    among: str | None = None,
    weights: str | None = None,
    device: str | None = None,
    classes: Sequence[int] = (),
) -> ExplainRequest:
    """The request; without `of` and `among` it means what the papers do with the kind.

    Attention images: mistakes, the predicted class. Adversarial images: what the model gets right,
    away from its label. Saliency maps: all labelled images, the label.
    """
    usual_of, usual_among = {
        ExplanationKind.ATTENTION: ("predicted", "mistakes"),
        ExplanationKind.ADVERSARIAL: ("label", "right"),
        ExplanationKind.SALIENCY: ("label", "all"),
    }[settings.kind]
    request = ExplainRequest(
        image_set=image_set,
        model=model,
        settings=settings,
        of=of or usual_of,
        among=among or usual_among,
        weights=weights or None,
        device=device or None,
        classes=tuple(classes),
    )
    for name, value, allowed in (("--of", request.of, OF), ("--among", request.among, AMONG)):
        if value not in allowed:
            raise InputError(
                f"it knows no {value!r}", item=name, remedy=f"Choose one of {', '.join(allowed)}"
            )
    if (request.among == "attacked") != bool(getattr(settings, "of_attack", "")):
        raise InputError(
            "the adversarial images to explain are those of one attack",
            item="--among attacked",
            remedy="Use it with --kind attention, after explain --kind adversarial",
        )
    if settings.kind == ExplanationKind.ADVERSARIAL and (request.of, request.among) != (
        usual_of,
        usual_among,
    ):
        raise InputError(
            "an attack starts from images that the model gets right, and leads away from the label",
            item="kind adversarial",
            remedy="Leave out --of and --among",
        )
    return request


def _indices(value: object) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
