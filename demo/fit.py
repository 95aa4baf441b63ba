"""Fit the toy network to pictures already in memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from demo.network import INPUT_SIZE, ToyNetwork
from demo.training_set import Labels, Pixels

BATCH = 64


@dataclass(frozen=True)
class Schedule:
    """How long and how hard to train; `peak` is the highest learning rate."""

    epochs: int
    peak: float = 4e-3
    weight_decay: float = 0.02
    smoothing: float = 0.05


def fit(
    network: ToyNetwork,
    pictures: Pixels,
    labels: Labels,
    *,
    schedule: Schedule,
    seed: int,
    report: Callable[[int, float], None],
) -> None:
    """Train in place on uint8 [N, S, S, 3] pictures; `report` gets the epoch and its mean loss."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    targets = torch.from_numpy(labels)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=schedule.peak, weight_decay=schedule.weight_decay
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=schedule.smoothing)
    n_batches = len(targets) // BATCH
    network.to(memory_format=torch.channels_last).train()
    for epoch in range(schedule.epochs):
        order = torch.randperm(len(targets), generator=generator)
        total = 0.0
        for step in range(n_batches):
            _set_rate(optimizer, schedule, done=(epoch + step / n_batches) / schedule.epochs)
            chosen = order[step * BATCH : (step + 1) * BATCH]
            batch = _vary(images[chosen], generator=generator)
            # Half the arithmetic at half the precision; BatchNorm and the loss stay in float32.
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(batch)
            loss = loss_of(logits.float(), targets[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item()
        report(epoch + 1, total / n_batches)
    network.eval()


def classify(network: ToyNetwork, pictures: Pixels) -> Labels:
    """Return the class of each of uint8 [N, 112, 112, 3] pictures, int64 [N]."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(pictures), 256):
            batch = torch.from_numpy(pictures[start : start + 256]).permute(0, 3, 1, 2)
            found.append(network(batch.float() / 255).argmax(dim=1).numpy())
    return np.concatenate(found)


def _set_rate(optimizer: torch.optim.Optimizer, schedule: Schedule, *, done: float) -> None:
    """Warm up over the first tenth, then fall along a cosine to zero."""
    warm = 0.1
    share = done / warm if done < warm else (1 + math.cos(math.pi * (done - warm) / (1 - warm))) / 2
    for group in optimizer.param_groups:
        group["lr"] = schedule.peak * max(share, 1e-3)


def _vary(batch: Tensor, *, generator: torch.Generator) -> Tensor:
    """Cut each picture at its own random place, mirror half, change brightness and contrast."""
    room = batch.shape[-1] - INPUT_SIZE + 1
    count = len(batch)
    tops, lefts = torch.randint(0, room, (2, count), generator=generator).tolist()
    mirrored = torch.rand(count, generator=generator) < 0.5
    cuts = []
    for picture, top, left, flip in zip(batch, tops, lefts, mirrored.tolist(), strict=True):
        cut = picture[:, top : top + INPUT_SIZE, left : left + INPUT_SIZE]
        cuts.append(cut.flip(2) if flip else cut)
    varied: Tensor = torch.stack(cuts).float() / 255
    gain, shift = torch.rand((2, count, 1, 1, 1), generator=generator)
    varied = (varied - 0.5) * (0.85 + 0.3 * gain) + 0.5 + 0.16 * (shift - 0.5)
    varied = varied.clamp(0, 1)
    return varied.contiguous(memory_format=torch.channels_last)
