"""What lies behind the mistakes: the studies of bias, of robustness and of failure reasons."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from demo import tour
from demo.cause_truths import (
    bias_lines,
    box_lines,
    insertion_lines,
    outside_lines,
    reason_lines,
    robustness_lines,
    wrong_reason_lines,
)
from demo.coders import PLACES
from demo.truth import Truth
from demo.world.kinds import KINDS, wnid
from demo.world.places import PLACES as DRAWN_PLACES
from demo.world.places import draw_place
from demo.world.sprites import Thing, draw_sprite

#: Starts a study from its preset and takes it to its table.
Run = Callable[..., None]

SMALL_MODEL = "toy-net-small"
#: Prototypes and criticisms of the class; the base is all of its 40 pictures.
OF_EACH, BASE = 10, 40
#: Classes whose maps people look at, beside the one with the planted bias: houses, which the
#: network knows by themselves.
BESIDE = (11,)
#: Empty places nobody labelled, of each kind.
OUTSIDE_OF_EACH = 4
#: The class of the thing that is pasted in; its side in pixels.
PASTED_CLASS, PASTED_SIDE = 22, 96
#: As large as what the pictures are named after.
LARGE = ("--scales", "0.4", "0.6")


def bias(truth: Truth, *, run: Run, of_model: Sequence[str], attack: Sequence[str]) -> None:
    tour.say("Bias: what do the prototypes of a class show, its criticisms, and all of it?")
    planted = truth.world["bias"]["class_index"]
    only = (f"--class={planted}",)
    tour.command(
        "select_examples", *of_model, "--condition", "adversarial+criticisms", *attack, *only,
        *("--prototypes", str(OF_EACH), "--criticisms", str(OF_EACH)),
    )  # fmt: skip
    tour.command(
        "explain", *of_model, "--kind", "attention", "--among", "right", "--of", "label", *only,
        *("--n-samples", "100", "--top-k", "4"),
    )  # fmt: skip
    tour.command("probe", *of_model, "--kind", "pairs", "--class-index", str(planted))
    names = ", ".join(f'"{name}"' for name in PLACES)
    run(
        "bias_criticism", name="bias",
        more=f"selection: {{classes: [{wnid(planted)}], attributes: [{names}], "
        f"method: adversarial, prototypes: {OF_EACH}, criticisms: {OF_EACH}, base: {BASE}}}\n",
    )  # fmt: skip
    tour.tell(bias_lines("bias", truth=truth))


def robustness(truth: Truth, *, var: Path, run: Run, of_model: Sequence[str]) -> None:
    tour.say("Robustness: which classes does the network know by something else than the object?")
    small = ("--set", "toy", "--model", SMALL_MODEL)
    for each in (of_model, small):
        tour.command("explain", *each, "--kind", "saliency")
        tour.command("robustness", *each)
    tour.command("probe", *of_model, "--kind", "region_noise")
    outside = _draw_outside(var / "outside")
    classes = str(var / "world" / "classes.csv")
    tour.command("import_images", "--set", "outside", str(outside), "--classes", classes)
    tour.command("probe", "--set", "outside", *of_model[2:], "--kind", "captions")
    tour.command("rankings", "--out", str(var / "rankings"))
    tour.tell([*robustness_lines(truth), *outside_lines(truth)])
    run("box_meaning", name="boxes", more="selection: {lowest: 4, sample: 5}\n")
    tour.tell(box_lines("boxes"))


def reasons(truth: Truth, *, var: Path, run: Run, of_model: Sequence[str]) -> None:
    tour.say("Failure reasons: why do two networks fail, and are they right for a right reason?")
    run("failure_reasons", name="reasons", models=(SMALL_MODEL,), more="selection: {sample: 30}\n")
    tour.tell(reason_lines("reasons", truth=truth))
    planted = truth.world["bias"]["class_index"]
    classes = ", ".join(wnid(index) for index in (planted, *BESIDE))
    run(
        "wrong_reasons", name="wrong-reasons",
        more=f"selection: {{classes: [{classes}], sample: 100}}\n",
    )  # fmt: skip
    tour.tell(wrong_reason_lines("wrong-reasons", truth=truth))
    pasted = _draw_object(var / "pasted.png")
    tour.command("probe", *of_model, "--kind", "insertion", "--object", str(pasted), *LARGE)
    tour.command("probe", *of_model, "--kind", "tiles", f"--class={planted}")
    tour.tell(insertion_lines(truth, pasted=PASTED_CLASS))


def _draw_outside(folder: Path) -> Path:
    """Places with nothing in them: pictures that no class of the world fits."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DRAWN_PLACES:
        for number in range(OUTSIDE_OF_EACH):
            pixels = draw_place(name, shape=(256, 256), seed=1_000 + number)
            picture = Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))
            picture.save(folder / f"{name}-{number}.png")
    return folder


def _draw_object(file: Path) -> Path:
    """One thing alone, with its transparency."""
    main, second = KINDS[PASTED_CLASS].pairs[0]
    thing = Thing(
        kind=PASTED_CLASS, x=PASTED_SIDE / 2, y=PASTED_SIDE / 2, size=PASTED_SIDE,
        turn=math.radians(0), mirrored=False, main=main, second=second, outline="dark",
        striped=False, seed=1,
    )  # fmt: skip
    Image.fromarray(draw_sprite(thing).rgba, "RGBA").save(file)
    return file
