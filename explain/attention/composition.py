"""Perturbed images, put together on the device from one image, its map and a few bits."""

from __future__ import annotations

import torch
from torch import Tensor

from explain import superpixels
from explain.classifiers import Classifier
from explain.superpixels import Segments
from explain.types import RGBImage


class Composer:
    """Writes the perturbations of one image straight into the batch of the model.

    By choosing between two pixels on a CPU; elsewhere by one matrix product, which writes a whole
    batch at once. The bits are the same: of every sum of products all terms but one are 0, and
    whole numbers up to 255 are exact in every precision.
    """

    def __init__(
        self, classifier: Classifier, image: RGBImage, hidden: RGBImage, segments: Segments
    ) -> None:
        self._channels_last = classifier.memory_format == torch.channels_last
        device = classifier.device
        ids = torch.from_numpy(segments.astype("int64")).to(device)[None, :, :, None]
        self._place = self._flat(ids.expand(1, -1, -1, 3).permute(0, 3, 1, 2))[0]
        self._n = superpixels.count(segments)
        self._seen = self._flat(torch.from_numpy(image[None]).to(device).permute(0, 3, 1, 2))
        self._unseen = self._flat(torch.from_numpy(hidden[None]).to(device).permute(0, 3, 1, 2))
        self._write = self.choose if device.type == "cpu" else self.multiply
        self._scaled: tuple[Tensor, Tensor] | None = None
        self._table: Tensor | None = None

    def write(self, masks: Tensor, *, out: Tensor) -> None:
        """Masks bool [b, F] -> float32 [b, 3, S, S] in [0, 1], into `out` of the model's layout."""
        self._write(masks, out=out)

    def choose(self, masks: Tensor, *, out: Tensor) -> None:
        """As `write`, pixel by pixel."""
        if self._scaled is None:
            self._scaled = self._seen.to(out.dtype) / 255, self._unseen.to(out.dtype) / 255
        seen, unseen = self._scaled
        choice = masks.gather(1, self._place.expand(len(masks), -1))
        torch.where(choice, seen, unseen, out=self._flat(out))

    def multiply(self, masks: Tensor, *, out: Tensor) -> None:
        """As `write`: [z, 1 - z] @ [image by superpixel; hidden image by superpixel] / 255."""
        if self._table is None:
            self._table = self._by_superpixel(out.dtype)
        bits = torch.cat([masks, ~masks], dim=1).to(out.dtype)
        flat = self._flat(out)
        torch.mm(bits, self._table, out=flat)
        flat.div_(255)

    def _by_superpixel(self, dtype: torch.dtype) -> Tensor:
        """[2F, 3 S S]: row f holds the image within superpixel f, row F + f the hidden image."""
        table = torch.zeros(2 * self._n, len(self._place), dtype=dtype, device=self._place.device)
        table.scatter_(0, self._place[None], self._seen.to(dtype))
        table.scatter_(0, self._place[None] + self._n, self._unseen.to(dtype))
        return table

    def _flat(self, images: Tensor) -> Tensor:
        """[b, 3, S, S] -> [b, 3 S S] in the order of the memory: of a batch of the model a view."""
        ordered = images.permute(0, 2, 3, 1) if self._channels_last else images
        return ordered.flatten(1)
