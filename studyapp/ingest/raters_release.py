"""Votes in the layout of google-research/reassessed-imagenet: `raters.npz`.

Three arrays: `tensor` (raters x questions x 3, a 1 at no, maybe or yes), `info` (questions x 2
texts: name of the image's file, class index) and `ids` (one whole number per rater). The tensor of
the whole release unpacks to 400 MB, so it is read a piece at a time.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from studyapp.errors import InputError
from studyapp.ingest.paths import without_image_suffix
from studyapp.vocabulary import ANSWER_SPELLINGS, Answer

#: The third axis of the tensor.
ANSWERS = ("no", "maybe", "yes")
#: What an array may unpack to: the release's tensor has 0.4 GB, its texts 41 MB.
LARGEST_TENSOR = 8 << 30
LARGEST_TEXTS = 256 << 20
MOST_VOTES = 50_000_000
#: Numbers read at a time.
_PIECE = 1 << 20
#: Votes turned into Python's own values at a time.
_ROWS = 10_000
_REMEDY = "Give raters.npz as google-research/reassessed-imagenet publishes it, or a CSV"

RawVote = tuple[int, str, str, str, str, str, str]


class RatersRelease:
    """Each call of `raw_votes` reads the file anew: question by question, by place of the rater."""

    place = "vote"
    answers: Mapping[str, Answer] = ANSWER_SPELLINGS
    rejected = 0

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def raw_votes(self) -> Iterator[RawVote]:
        """Number of the vote, image id, class, rater, answer, seconds (unknown), question."""
        with self._opened() as archive:
            info = self._small(archive, "info")
            ids = self._small(archive, "ids")
            if info.ndim != 2 or info.shape[1] != 2 or info.dtype.kind not in "US":
                raise self._error("the array info is not a table of two texts per question")
            if ids.ndim != 1 or ids.dtype.kind not in "iu":
                raise self._error("the array ids is not a list of whole numbers")
            question, rater, answer = self._votes(archive, shape=(len(ids), len(info)))
        texts = info.astype(str) if info.dtype.kind == "S" else info
        images = [without_image_suffix(text) for text in texts[:, 0].tolist()]
        classes, raters = texts[:, 1].tolist(), [f"R{number}" for number in ids.tolist()]
        for start in range(0, question.size, _ROWS):
            rows = slice(start, start + _ROWS)
            for number, (q, r, a) in enumerate(
                zip(
                    question[rows].tolist(),
                    rater[rows].tolist(),
                    answer[rows].tolist(),
                    strict=True,
                ),
                start + 1,
            ):
                yield number, images[q], classes[q], raters[r], ANSWERS[a], "", str(q)

    def _votes(
        self, archive: zipfile.ZipFile, *, shape: tuple[int, int]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int8]]:
        """Question, rater and answer of every 1 in the tensor, sorted by question and rater."""
        with self._member(archive, "tensor") as stream:
            found, fortran, dtype = self._header(stream, "tensor", largest=LARGEST_TENSOR)
            if found != (*shape, 3) or dtype.kind not in "biuf":
                raise self._error(
                    f"the array tensor is {dtype} {found}, but ids and info make it {(*shape, 3)}"
                )
            places = self._ones(stream, size=3 * shape[0] * shape[1], dtype=dtype)
        rater, question, answer = np.unravel_index(places, found, order="F" if fortran else "C")
        order = np.lexsort((rater, question))
        question, rater, answer = question[order], rater[order], answer[order]
        again = (question[1:] == question[:-1]) & (rater[1:] == rater[:-1])
        if again.any():
            row = int(again.argmax())
            raise self._error(
                f"rater {rater[row]} of the tensor has two answers to question {question[row]}"
            )
        return question.astype(np.int32), rater.astype(np.int32), answer.astype(np.int8)

    def _ones(self, stream: IO[bytes], *, size: int, dtype: np.dtype[Any]) -> npt.NDArray[np.int64]:
        found: list[npt.NDArray[np.int64]] = []
        count = 0
        for start in range(0, size, _PIECE):
            wanted = min(_PIECE, size - start) * dtype.itemsize
            content = stream.read(wanted)
            if len(content) < wanted:
                raise self._error("the array tensor is cut short")
            piece = np.frombuffer(content, dtype=dtype)
            there = np.flatnonzero(piece)
            if (piece[there] != 1).any():
                raise self._error("the array tensor holds other numbers than 0 and 1")
            count += there.size
            if count > MOST_VOTES:
                raise self._error(f"more than {MOST_VOTES:,} votes")
            found.append(there + start)
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def _small(self, archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
        with self._member(archive, name) as stream:
            shape, fortran, dtype = self._header(stream, name, largest=LARGEST_TEXTS)
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            content = stream.read(size)
        if len(content) < size:
            raise self._error(f"the array {name} is cut short")
        flat = np.frombuffer(content, dtype=dtype)
        return flat.reshape(shape, order="F" if fortran else "C")

    def _header(
        self, stream: IO[bytes], name: str, *, largest: int
    ) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
        try:
            version = np.lib.format.read_magic(stream)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, fortran, dtype = read(stream)
        except (ValueError, KeyError) as error:
            raise self._error(f"the array {name} cannot be read ({error})") from error
        if dtype.hasobject:
            # Such an array is a pickle, which would run what its author wrote.
            raise self._error(f"the array {name} holds Python objects, which are never loaded")
        # Python's own whole numbers: a forged shape must not wrap around.
        size = dtype.itemsize
        for length in shape:
            size *= int(length)
        if not 0 <= size <= largest:
            raise self._error(f"the array {name} is {shape}, more than {largest:,} bytes")
        return shape, fortran, dtype

    @contextmanager
    def _member(self, archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
        try:
            stream = archive.open(f"{name}.npy")
        except KeyError as error:
            there = ", ".join(sorted(archive.namelist())[:10])
            raise self._error(f"no array {name} (found: {there or 'nothing'})") from error
        with stream:
            yield stream

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise self._error(f"the file is damaged ({error})") from error
        except RuntimeError as error:
            raise self._error(f"the file is encrypted ({error})") from error
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror or error})",
                item=str(self.path),
                remedy="Check the path",
            ) from error

    def _error(self, happened: str) -> InputError:
        return InputError(happened, item=self.name, remedy=_REMEDY)
