from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from marketplace.operations.questions import read_question
from studyapp.errors import RecruiterError
from studyapp.recruiters.mturk.question import NAMESPACE, external_question


def test_the_address_is_escaped_exactly_once() -> None:
    url = "https://lab.example/rate/1/?a=1&b=%26amp;&c=<d>"
    xml = external_question(url, frame_height=700)
    assert "a=1&amp;b=%26amp;&amp;c=&lt;d&gt;" in xml
    root = fromstring(xml)
    assert root.tag == f"{{{NAMESPACE}}}ExternalQuestion"
    assert [(child.tag.rpartition("}")[2], child.text) for child in root] == [
        ("ExternalURL", url),
        ("FrameHeight", "700"),
    ]


def test_another_reader_agrees() -> None:
    shown = read_question(external_question("https://lab.example/rate/1/?a=1&b=2"))
    assert (shown.url, shown.frame_height) == ("https://lab.example/rate/1/?a=1&b=2", 0)


def test_an_address_beyond_the_limit_is_refused() -> None:
    with pytest.raises(RecruiterError, match="QUORUM_URL"):
        external_question("https://lab.example/" + "x" * 65_535)
