from __future__ import annotations

import pytest

from marketplace.errors import MarketplaceError, RequestRefusedError
from marketplace.operations.questions import NAMESPACE, ExternalQuestion, read_question
from tests.marketplace.factories import a_question


def _code(question: str) -> str:
    with pytest.raises(RequestRefusedError) as refused:
        read_question(question)
    return refused.value.turk_code.rpartition(".")[2]


def test_a_good_question() -> None:
    found = read_question(a_question("https://lab.example/t?a=1&b=%C3%A9#x", height="0"))
    assert found == ExternalQuestion("https://lab.example/t?a=1&b=%C3%A9#x", 0)
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n' + a_question()
    assert read_question(declared).frame_height == 600


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/t", "http://localhost/t", "http://[::1]:9/t"]
)
def test_http_on_this_machine(url: str) -> None:
    assert read_question(a_question(url)).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://lab.example/t",
        "http://localhost.example/",
        "ftp://lab.example/t",
        "javascript:alert(1)",
        "//lab.example/t",
        "https://",
        "https://user:secret@lab.example/",
        "https://lab.example:99999/",
        "https://lab.example/a b",
        "https://lab.example/é",
        "https://lab.example/?assignmentId=3A",
        "https://lab.example/?x=1&turkSubmitTo=https://evil.example",
        "",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    assert _code(a_question(url)) == "InvalidParameterValue"


@pytest.mark.parametrize("height", ["", "-1", "1.5", "abc", "100001", "9999999", "٣"])
def test_heights_that_are_refused(height: str) -> None:
    assert _code(a_question(height=height)) == "InvalidParameterValue"


@pytest.mark.parametrize(
    "question",
    [
        "<",
        "text",
        "<ExternalQuestion/>",
        f'<HTMLQuestion xmlns="{NAMESPACE}"/>',
        f'<ExternalQuestion xmlns="{NAMESPACE}"/>',
        a_question().replace("2006-07-14", "2005-10-01"),
        a_question().replace(
            "</ExternalQuestion>", "<FrameHeight>1</FrameHeight></ExternalQuestion>"
        ),
        a_question().replace("</ExternalQuestion>", "<More/></ExternalQuestion>"),
        a_question("https://lab.example/?a=1&b=2").replace("&amp;", "&"),
        '<!DOCTYPE x [<!ENTITY a "b">]>' + a_question(),
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + a_question(),
    ],
)
def test_xml_that_is_refused(question: str) -> None:
    assert _code(question) == "XMLParseError"


def test_size_counts_in_bytes() -> None:
    long = "https://lab.example/?q=" + "x" * (65_535 - len(a_question("https://lab.example/?q=")))
    assert len(a_question(long)) == 65_535
    assert read_question(a_question(long)).url == long
    assert _code(a_question(long + "x")) == "InvalidParameterValue"
    padded = a_question().replace("><", ">" + "é" * 32_700 + "<", 1)
    with pytest.raises(MarketplaceError, match="65535 bytes"):
        read_question(padded)
    assert _code("  ") == "InvalidParameterValue"
