"""The figures of an attack written out, for the page and the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studyapp.analytics import Contrast, RectifiedAdversarial, Shown
from studyapp.analytics.results import JSONValue
from studyapp.plurals import counted
from studyapp.questions.relevance.attack_coverage import Coverage
from studyapp.questions.relevance.attack_names import arm_label, pair_label
from studyapp.reports.analysis import Analysis
from studyapp.reports.apart_words import apart_in_words
from studyapp.reports.parts import PartErrors, PartExport, PartTable
from studyapp.reports.protocol import in_words
from studyapp.reports.sentences import interval, percent

BASES = {
    "flipped": "flipped images",
    "all_errors": "all errors under attack",
}
_ARM_COLUMNS = """
    model string Name of the model
    condition string Condition of the study
    rectified_over string flipped: images the attack flipped; all_errors: all that are wrong under attack
    unasked string error: who was not asked about stays an error; extrapolate: the asked stand for all
    n_images integer Labelled images of the study's classes with a prediction that were attacked
    n_not_attacked integer Those that were not; no figure is about them
    n_clean_errors integer Wrong before the attack
    n_adv_errors integer Wrong after it
    n_flipped integer Right before and wrong after
    n_not_surviving integer Those of them that no picture of 8 bits shows: errors nobody was asked about
    n_shown integer Images of the base
    n_asked integer Those that have been before raters
    n_accepted integer Accepted
    n_rejected integer Rejected
    n_undecided integer Neither
    clean_error share n_clean_errors / n_images
    adv_error share n_adv_errors / n_images
    accepted_share share Accepted / shown, or accepted / asked where it is extrapolated
    mean_yes_share share Mean of yes / (yes + no) over the asked images
    rectified_error share What is left of adv_error
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    bound_low share rectified_error with every undecided image accepted
    bound_high share The same with every undecided image rejected
"""  # noqa: E501  # a line is a column
_PAIR_COLUMNS = """
    model string Name of the model
    first string A condition
    second string Another one, of the same images
    n integer Images decided in both
    n_both integer Accepted in both
    n_yes_to_no integer Accepted in first only
    n_no_to_yes integer Accepted in second only
    difference number Share accepted in second less share accepted in first
    ci_low number Lower end of its interval (Tango, 95 %)
    ci_high number Upper end of it
    p number Of McNemar's test
    method string Which form of it
"""


@dataclass(frozen=True)
class Arm:
    """One model in one condition."""

    model: str
    condition: str
    figures: RectifiedAdversarial
    coverage: Coverage

    @property
    def label(self) -> str:
        return arm_label(self.model, self.condition)

    def values(self) -> dict[str, JSONValue]:
        """JSON-safe: the figures, and how far the attack reached."""
        return {
            "model": self.model,
            "condition": self.condition,
            **self.figures.to_dict(),
            "n_not_attacked": self.coverage.n_not_attacked,
            "n_not_surviving": self.coverage.n_not_surviving,
        }


@dataclass(frozen=True)
class Pair:
    """Two conditions on the images that are decided in both."""

    model: str
    first: str
    second: str
    n: int
    n_both: int
    n_lost: int
    n_gained: int
    #: Share accepted in `second` less that in `first`.
    contrast: Contrast


def headline(analysis: Analysis, arms: Sequence[Arm], pairs: Sequence[Pair]) -> str:
    told = [arm for arm in arms if arm.figures.over == "flipped"]
    if not told:
        return f"{analysis.study.name} has no attacked image with a label and a prediction yet."
    model = told[0].model
    first = told[0].figures
    left_out = told[0].coverage.n_not_attacked
    only = (
        f"The attack did not reach every image that {model} gets right: {left_out:,} of "
        f"{counted(told[0].coverage.n_images, 'image')} are left out, with those wrong from the "
        "start. "
        if left_out
        else ""
    )
    errs = (
        f"{only}{model} errs on {percent(first.clean_error)} % of "
        f"{counted(first.n_images, 'image')} and on {percent(first.adv_error)} % under attack"
    )
    own = [arm.figures.shown for arm in told if arm.model == model]
    accepted = [
        f"{percent(arm.figures.accepted_share)} % in {arm.condition}"
        for arm in told
        if arm.model == model and _is_decided(arm.figures.shown) and _last_word(arm, told)
    ]
    if not any(shown.n_asked for shown in own):
        return f"{errs}; nobody has been asked yet."
    if not accepted:
        return f"{errs}; flipped images are being asked about, and none is decided yet."
    pair = next((pair for pair in pairs if pair.model == model and len(accepted) > 1), None)
    beside = (
        f" ({pair.second} less {pair.first}: {100 * pair.contrast.estimate:+.2f} points, "
        f"p {_p(pair.contrast.p)})"
        if pair
        else ""
    )
    return (
        f"{errs}; of the flipped images shown, people accept the new class on "
        f"{' and '.join(accepted)}{beside}."
    )


def _is_decided(shown: Shown) -> bool:
    """Whether any image has a verdict: shares of none would read as findings."""
    return shown.n_asked > shown.n_undecided


def _last_word(arm: Arm, arms: Sequence[Arm]) -> bool:
    """Of a condition's rows the extrapolated one, where there is one."""
    same = [other for other in arms if (other.model, other.condition) == (arm.model, arm.condition)]
    return arm is same[-1]


def adversarial_tables(
    arms: Sequence[Arm], pairs: Sequence[Pair], coverage: Sequence[Coverage]
) -> tuple[PartTable, ...]:
    tables = [_arm_table(arms)] if arms else []
    tables += [_coverage_table(coverage)] if coverage else []
    return (*tables, *([_pair_table(pairs)] if pairs else []))


def _coverage_table(coverage: Sequence[Coverage]) -> PartTable:
    return PartTable(
        title="What was attacked",
        header=("Model", "Images", "Attacked", "Not attacked", "Flipped", "Not surviving 8 bits"),
        rows=tuple(
            (
                of.model,
                f"{of.n_images:,}",
                f"{of.n_attacked:,}",
                f"{of.n_not_attacked:,}",
                f"{of.n_flipped:,}",
                f"{of.n_not_surviving:,}",
            )
            for of in coverage
        ),
        note=(
            "Every figure is of the images called attacked: what the model would say to the others "
            "is not known. Images wrong from the start are among them, as an attack leaves them as "
            "they are, but only where every right one was attacked; of a part of the right ones "
            "the figures are about that part. A flip that the stored picture of 8 bits does not "
            "show is an error nobody was asked about."
        ),
    )


def _arm_table(arms: Sequence[Arm]) -> PartTable:
    return PartTable(
        title="Rectified error under attack",
        header=(
            "Model, condition", "Base", "Shown", "Asked", "Accepted", "Undecided",
            "Accepted share", "Clean error", "Error under attack", "Rectified", "95 % interval",
            "Bounds",
        ),
        rows=tuple(
            (
                arm.label,
                BASES[found.over]
                + (", the asked standing for all" if found.unasked == "extrapolate" else ""),
                f"{found.shown.n_shown:,}",
                f"{found.shown.n_asked:,}",
                f"{found.shown.n_accepted:,}",
                f"{found.shown.n_undecided:,}",
                f"{percent(found.accepted_share)} %",
                f"{percent(found.clean_error)} %",
                f"{percent(found.adv_error)} %",
                f"{percent(found.rectified_error)} %",
                f"{interval(found.ci.low, found.ci.high)} %",
                f"{interval(found.bound_low, found.bound_high)} %",
            )
            for arm in arms
            for found in (arm.figures,)
        ),
        shelves=tuple((arm.label,) for arm in arms),
        note=(
            "Over the flipped images, errors that were there before the attack stay errors; over "
            "all errors the same votes are set against every image that is wrong under attack. "
            "Figures over different bases are not comparable, and neither is comparable with the "
            "rectified top-1 error. Bounds: with every undecided image accepted, and rejected. "
            "The accepted share is that of images, not of votes."
        ),
    )  # fmt: skip


def _pair_table(pairs: Sequence[Pair]) -> PartTable:
    return PartTable(
        title="The same images in two conditions",
        header=(
            "Model", "Conditions", "Decided in both", "Accepted in both", "Yes to no", "No to yes",
            "Difference", "95 % interval", "McNemar’s p",
        ),
        rows=tuple(
            (
                pair.model,
                f"{pair.first} → {pair.second}",
                f"{pair.n:,}",
                f"{pair.n_both:,}",
                f"{pair.n_lost:,}",
                f"{pair.n_gained:,}",
                f"{100 * pair.contrast.estimate:+.2f} points",
                _points(pair.contrast),
                _p(pair.contrast.p),
            )
            for pair in pairs
        ),
        shelves=tuple((pair_label(pair.model, pair.first, pair.second),) for pair in pairs),
        note=(
            "Yes to no: accepted in the first condition and rejected in the second. Only these "
            "images and those that went the other way speak for a difference."
        ),
    )  # fmt: skip


def _points(contrast: Contrast) -> str:
    if contrast.low is None or contrast.high is None:
        return "–"
    return f"[{100 * contrast.low:+.2f}, {100 * contrast.high:+.2f}]"


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def arm_errors(arms: Sequence[Arm]) -> tuple[PartErrors, ...]:
    """Lines of the figure: over the flipped images, the extrapolated figure where there is one."""
    told = [arm for arm in arms if arm.figures.over == "flipped"]
    return tuple(
        PartErrors(
            label=arm.label,
            error=found.adv_error,
            rectified=found.rectified_error,
            ci_low=found.ci.low,
            ci_high=found.ci.high,
            bound_low=found.bound_low,
            bound_high=found.bound_high,
            decided=bool(found.shown.n_accepted or found.shown.n_rejected),
            shelf=arm.label,
        )
        for arm in told
        if _last_word(arm, told)
        for found in (arm.figures,)
    )


def methods(analysis: Analysis) -> tuple[str, ...]:
    rule, apart = analysis.rule, apart_in_words(analysis.study)
    return (
        (
            f"The question was “{analysis.study.question}”, with the class the attack led to in "
            "place of {class} and the answers yes, no and cannot tell. A prediction is accepted "
            f"when at least {in_words(rule.k)} of the first {in_words(rule.n)} valid votes on it "
            f"say yes, and rejected when {in_words(rule.k)} can no longer be reached."
        ),
        (
            "Conditions show the same images differently: the whole adversarial image, or only its "
            "superpixels with the largest positive weight in a local linear surrogate of the "
            "model, for the class the attack led to. They are compared by McNemar’s test on the "
            "images decided in both; intervals of a difference are Tango’s, those of a share "
            "Wilson’s, at 95 %."
        ),
        *((apart,) if apart else ()),
    )


def adversarial_exports(arms: Sequence[Arm], pairs: Sequence[Pair]) -> tuple[PartExport, ...]:
    arm_names = [line.split()[0] for line in _ARM_COLUMNS.strip().splitlines()]
    return (
        PartExport(
            name="adversarial",
            title="Error under attack, standard and rectified, by condition and base",
            columns=_ARM_COLUMNS,
            rows=tuple(_arm_cells(arm, arm_names) for arm in arms),
            key=("model", "condition", "rectified_over", "unasked"),
            printed=("model", "condition", "rectified_over", "accepted_share", "rectified_error"),
        ),
        PartExport(
            name="adversarial_pairs",
            title="The same adversarial images in two conditions",
            columns=_PAIR_COLUMNS,
            rows=tuple(
                (
                    pair.model,
                    pair.first,
                    pair.second,
                    pair.n,
                    pair.n_both,
                    pair.n_lost,
                    pair.n_gained,
                    pair.contrast.estimate,
                    pair.contrast.low,
                    pair.contrast.high,
                    pair.contrast.p,
                    pair.contrast.method,
                )
                for pair in pairs
            ),
            key=("model", "first", "second"),
            printed=("model", "first", "second", "n", "n_yes_to_no", "n_no_to_yes", "p"),
        ),
    )


def _arm_cells(arm: Arm, names: Sequence[str]) -> tuple[str | int | float | None, ...]:
    values = arm.values()
    cells = (values[name] for name in names)
    return tuple(cell if isinstance(cell, str | int | float) else None for cell in cells)
