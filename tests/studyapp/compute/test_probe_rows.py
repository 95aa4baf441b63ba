from __future__ import annotations

import numpy as np

from explain import classifiers
from studyapp.compute.ask_probes import ask
from studyapp.compute.probe_rows import ProbeWork
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.models import ImageSet, ProbeResult, VisionModel
from studyapp.probing import ProbeRequest
from studyapp.vocabulary import ProbeKind
from tests.studyapp.compute.conftest import CHANNELS


def test_what_another_worker_has_saved_stays(corners: ImageSet) -> None:
    network = classifiers.load(CHANNELS)
    request = ProbeRequest("corners", "channels", ProbeKind.TILES)
    work = ProbeWork(network, VisionModel.objects.get(), request, "identity")
    targets = [Target(each.pk, each.image_id, str(each.file), 0) for each in corners.images.all()]
    pictures = [each for each in read_images(network, targets) if isinstance(each, Picture)]

    def save(some: list[Picture]) -> int:
        pixels = np.stack([picture.pixels for picture in some]).astype(np.uint8)
        return work.save(ask(network, pixels, request), pictures=some)

    assert save(pictures[:2]) == 8
    before = list(ProbeResult.objects.order_by("pk").values())
    save(pictures)
    rows = ProbeResult.objects.order_by("pk")
    assert list(rows.values()[:8]) == before
    found = sorted((row.image_id, row.part) for row in rows)
    assert found == sorted((each.target.pk, part) for each in pictures for part in range(4))
