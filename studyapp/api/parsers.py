"""What a request may bring, bounded before it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request

from studyapp.api.problems import TooLarge

_CHUNK = 1 << 16


def refuse_large(request: Request, *, most: int) -> None:
    """Refuse a body by the length it states; a server reads no further than that."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()) or int(length) > most:
        raise TooLarge(most=most)


class BoundedJSONParser(BaseParser):
    """JSON in UTF-8, each key once, no NaN, no nesting that exhausts the stack."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.API_MAX_JSON_BYTES + 1)
        if len(body) > settings.API_MAX_JSON_BYTES:
            raise TooLarge(most=settings.API_MAX_JSON_BYTES)
        try:
            return json.loads(
                body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
            )
        except RecursionError as error:
            raise ParseError("the JSON is nested too deeply") from error
        except ValueError as error:
            raise ParseError(f"not JSON in UTF-8 ({error})") from error


class CSVParser(BaseParser):
    """A table as the whole body: the same to the view as a form with one file."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        most = settings.API_MAX_VOTES_BYTES
        table = TemporaryUploadedFile("votes.csv", self.media_type, 0, None)
        while chunk := stream.read(_CHUNK):
            if table.tell() + len(chunk) > most:
                table.close()
                raise TooLarge(most=most)
            table.write(chunk)
        table.size = table.tell()
        table.seek(0)
        return DataAndFiles(QueryDict(), MultiValueDict({"file": [table]}))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
