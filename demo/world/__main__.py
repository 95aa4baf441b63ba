"""Write a world from the command line: `python -m demo.world FOLDER`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from demo.errors import DemoError
from demo.world.write import write_world


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.world", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the world is written")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-class", type=int, default=40, help="pictures per class")
    parser.add_argument("--split", default="test", help="test, or train with the planted biases")
    parser.add_argument("--workers", type=int, default=None, help="drawing processes")
    options = parser.parse_args(arguments)
    try:
        files = write_world(
            options.folder,
            seed=options.seed,
            per_class=options.per_class,
            split=options.split,
            workers=options.workers,
            progress=_show,
        )
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"The world cannot be written: {error}; free or choose another folder.\n")
        return 1
    sys.stdout.write(f"\n{files.n_images} pictures in {files.images}, {files.n_drawn} drawn now\n")
    return 0


def _show(done: int, total: int) -> None:
    sys.stderr.write(f"\rdrawing {done}/{total}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
