"""Measure a toy network on a written world, with the truth at hand: `python -m demo.measure`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from demo.errors import DemoError
from demo.fit import classify
from demo.network import INPUT_SIZE, ToyNetwork, load
from demo.training_set import Pixels
from demo.truth import RectifiedError, Truth, true_rectified_error
from demo.world.write import WorldFiles, write_world
from explain.images import decode
from explain.preparation import Preparation

# The world of the demo and of every figure in the documentation.
WORLD_SEED = 1
WORLD_PER_CLASS = 40


def measure(network: ToyNetwork, files: WorldFiles) -> RectifiedError:
    """Return the exact counts of a network's mistakes on the pictures as they lie on disk."""
    truth = Truth.load(files.truth)
    return true_rectified_error(truth, labels_of(truth), predict(network, files))


def labels_of(truth: Truth) -> dict[str, int]:
    return {image_id: record["label"] for image_id, record in truth.images.items()}


def predict(network: ToyNetwork, files: WorldFiles) -> dict[str, int]:
    """Return the predicted class of every picture, by image id."""
    truth = Truth.load(files.truth)
    pictures = [_prepared(files.images / record["file"]) for record in truth.world["images"]]
    classes = classify(network, np.stack(pictures))
    return dict(zip(truth.images, classes.tolist(), strict=True))


def _prepared(path: Path) -> Pixels:
    return Preparation.of_input_size(INPUT_SIZE).apply(decode(path), name=path.name)


def describe(counts: RectifiedError) -> str:
    return (
        f"{counts.n_images} pictures, {counts.n_errors} mistakes, {counts.n_errors_in_view} name "
        f"an object that is there: top-1 error {counts.top1_error:.2%}, "
        f"truly rectified {counts.rectified_top1_error:.2%}"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.measure", description=__doc__)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--world", type=Path, default=Path("var/demo/world"))
    options = parser.parse_args(arguments)
    try:
        files = write_world(options.world, seed=WORLD_SEED, per_class=WORLD_PER_CLASS)
        for weights in options.weights:
            sys.stdout.write(f"{weights}: {describe(measure(load(weights), files))}\n")
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
