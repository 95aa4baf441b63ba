"""Hashes that say when two things are the same: stimuli and wordings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from studyapp.asking import Subject, question_type
from studyapp.vocabulary import QuestionKind


def canonical_hash(value: Mapping[str, object]) -> str:
    """SHA-256 of the value as JSON with sorted keys and no spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def rendered_stimulus_hash(content_hash: str, *, rendering: Mapping[str, object]) -> str:
    """Identity of an image shown by us: its content and how it was rendered."""
    return canonical_hash(
        {"kind": "rendered", "content": content_hash, "rendering": dict(rendering)}
    )


def elsewhere_stimulus_hash(image_set: str, *, image_id: str) -> str:
    """Identity of a showing we have no pixels of; ids mean something within their set only."""
    return canonical_hash({"kind": "elsewhere", "set": image_set, "image_id": image_id})


def wording_version(kind: QuestionKind | str, *, text: str) -> str:
    """Version of a question's words. Another text or other answers make another version."""
    answers = list(question_type(kind).answers)
    return canonical_hash({"kind": str(kind), "text": text, "answers": answers})


def subject_hash(kind: QuestionKind | str, *, subject: Subject) -> str:
    """Identity of what is asked about besides the picture, where that is not one class."""
    return canonical_hash({"kind": str(kind), "subject": dict(subject)})


def made_rendering(
    method: str, *, file: str, parameters_hash: str, weights_hash: str
) -> dict[str, object]:
    """The record of a picture that a model took part in: other settings or weights are another.

    file: its name in the storage, which goes by its content.
    """
    return {
        "method": method,
        "file": file,
        "parameters": parameters_hash,
        "weights": weights_hash,
        "version": 1,
    }


def framed_rendering(
    boxes: Sequence[Sequence[float]], *, resize: int, crop: int
) -> dict[str, object]:
    """The record of the standard rendering with frames drawn into it."""
    return {
        "method": "resize-center-crop-framed",
        "resize": resize,
        "crop": crop,
        "boxes": [list(box) for box in boxes],
        "version": 1,
    }


def mapped_rendering(square: str, *, saliency: str, side: int) -> dict[str, object]:
    """The record of a model's square with its saliency map beside it, files by their content."""
    return {
        "method": "square-and-map",
        "square": square,
        "map": saliency,
        "side": side,
        "version": 1,
    }


def center_crop_rendering(*, resize: int, crop: int) -> dict[str, object]:
    """The record of the standard rendering, part of a stimulus's identity."""
    return {"method": "resize-center-crop", "resize": resize, "crop": crop, "version": 1}
