"""That the torch which is imported is the one asked for: python -m tests.other_torch 2.11.0"""

from __future__ import annotations

import sys

import torch
import torchvision

if __name__ == "__main__":
    wanted = sys.argv[1]
    if torch.__version__.partition("+")[0] != wanted:
        sys.exit(
            f"torch {torch.__version__} was imported, not {wanted}: remove its folder and retry."
        )
    sys.stdout.write(f"torch {torch.__version__}, torchvision {torchvision.__version__}\n")
