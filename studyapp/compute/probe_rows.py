"""Answers of probes as rows: all of an image's or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from explain.classifiers import Classifier
from explain.probes.types import Probe
from explain.types import TopK
from studyapp.compute.artefact_files import store_picture
from studyapp.compute.kinds import plain
from studyapp.compute.read_images import Picture
from studyapp.models import LabelClass, ProbeResult, VisionModel
from studyapp.probing import ProbeRequest


@dataclass(frozen=True, slots=True, eq=False)
class ProbeWork:
    """What all rows of one run share; `identity` is their `parameters_hash`."""

    classifier: Classifier
    model: VisionModel
    request: ProbeRequest
    identity: str

    def save(self, probes: Sequence[Probe], *, pictures: Sequence[Picture]) -> int:
        """Keep the answers of a batch; another worker's stay where they are. How many there are."""
        rows = self.rows(probes, pictures=pictures)
        with transaction.atomic():
            ProbeResult.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)

    def save_first(self, probes: Sequence[Probe], *, pictures: Sequence[Picture]) -> int:
        """Keep answers that belong together, unless others of this identity are there."""
        rows = self.rows(probes, pictures=pictures)
        with transaction.atomic():
            # One at a time: two workers that found other pairs must not leave some of each.
            VisionModel.objects.select_for_update(no_key=True).get(pk=self.model.pk)
            same = ProbeResult.objects.filter(
                vision_model=self.model, kind=self.request.kind, parameters_hash=self.identity
            )
            if same.exists():
                return 0
            ProbeResult.objects.bulk_create(rows)
        return len(rows)

    def rows(self, probes: Sequence[Probe], *, pictures: Sequence[Picture]) -> list[ProbeResult]:
        """Rows that are not saved yet; the probes' indices are places among the pictures."""
        classes = list(self.model.class_list.classes.order_by("index"))
        parts: dict[int, int] = {}
        rows = []
        for found in probes:
            part = parts.get(found.index, 0)
            parts[found.index] = part + 1
            rows.append(self._row(found, pictures=pictures, part=part, classes=classes))
        return rows

    def _row(
        self, found: Probe, *, pictures: Sequence[Picture], part: int, classes: list[LabelClass]
    ) -> ProbeResult:
        picture = pictures[found.index]
        other = None if found.other is None else pictures[found.other]
        return ProbeResult(
            vision_model=self.model,
            image_id=picture.target.pk,
            kind=self.request.kind,
            part=part,
            parameters=self.request.parameters(),
            parameters_hash=self.identity,
            input_file=picture.input_file,
            file=store_picture(found.image),
            before=None if found.before is None else _answer(found.before),
            after=_answer(found.after),
            label_class=classes[found.class_index],
            probability_before=found.probability_before,
            probability_after=found.probability_after,
            box=None if found.box is None else list(found.box),
            other_id=None if other is None else other.target.pk,
            distance=found.distance,
            flags=list(found.flags),
            provenance=plain(found.provenance),
        )


def _answer(found: TopK[int]) -> dict[str, Any]:
    return {
        "classes": [int(index) for index in found.classes],
        "probabilities": [float(probability) for probability in found.probabilities],
    }
