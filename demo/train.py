"""Train the toy networks: `python -m demo.train normal demo/weights.safetensors`."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save

from demo.errors import DemoError
from demo.fit import Schedule, fit
from demo.measure import WORLD_PER_CLASS, WORLD_SEED, describe, measure
from demo.network import INPUT_SIZE, WIDTHS, ToyNetwork, build
from demo.training_set import draw_examples
from demo.world.ledger import write_atomically
from demo.world.write import write_world

# Room for a cut at a random place, in the proportion of the platform's 256 to 224.
TRAINING_SIDE = round(INPUT_SIZE * 256 / 224)


@dataclass(frozen=True)
class Recipe:
    """What one committed file of weights was trained with."""

    per_class: int
    schedule: Schedule
    seed: int


RECIPES = {
    "normal": Recipe(per_class=250, schedule=Schedule(epochs=12), seed=1),
    "small": Recipe(per_class=300, schedule=Schedule(epochs=12), seed=2),
}


def train(size: str, *, per_class: int | None = None) -> ToyNetwork:
    """Draw the training scenes and train one of WIDTHS from scratch."""
    recipe = RECIPES[size]
    pictures, labels = draw_examples(
        per_class=recipe.per_class if per_class is None else per_class,
        seed=recipe.seed,
        side=TRAINING_SIDE,
        progress=_show,
    )
    torch.manual_seed(recipe.seed)
    network = build(size)
    fit(network, pictures, labels, schedule=recipe.schedule, seed=recipe.seed, report=_report)
    return network


def save_weights(network: ToyNetwork, path: Path) -> None:
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    write_atomically(path, content=save(state))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.train", description=__doc__)
    parser.add_argument("size", choices=sorted(WIDTHS))
    parser.add_argument("weights", type=Path, help="the file to write")
    parser.add_argument("--per-class", type=int, default=None, help="training pictures per class")
    parser.add_argument("--world", type=Path, default=Path("var/demo/world"))
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        network = train(options.size, per_class=options.per_class)
        save_weights(network, options.weights)
        files = write_world(options.world, seed=WORLD_SEED, per_class=WORLD_PER_CLASS)
        sys.stdout.write(f"{describe(measure(network, files))}\n")
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{options.weights} written in {time.monotonic() - started:.0f} s\n")
    return 0


def _show(done: int, total: int) -> None:
    if done == total or done % 100 == 0:
        sys.stderr.write(f"\rdrawing {done}/{total}")
        sys.stderr.flush()


def _report(epoch: int, loss: float) -> None:
    sys.stderr.write(f"\nepoch {epoch}: mean loss {loss:.3f}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
