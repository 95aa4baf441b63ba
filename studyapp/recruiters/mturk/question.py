"""The ExternalQuestion that puts our page into a worker's frame."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from studyapp.errors import RecruiterError

NAMESPACE = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/"
    "ExternalQuestion.xsd"
)
LONGEST_BYTES = 65_535


def external_question(url: str, *, frame_height: int = 0) -> str:
    """The XML; the URL's & is escaped once, by the XML library. Height 0 fits the window."""
    root = ET.Element(f"{{{NAMESPACE}}}ExternalQuestion")
    ET.SubElement(root, f"{{{NAMESPACE}}}ExternalURL").text = url
    ET.SubElement(root, f"{{{NAMESPACE}}}FrameHeight").text = str(frame_height)
    xml = ET.tostring(root, encoding="unicode", default_namespace=NAMESPACE)
    if len(xml.encode()) > LONGEST_BYTES:
        raise RecruiterError(
            f"the address of the rater page is too long ({len(url)} characters)",
            remedy="Set a shorter QUORUM_URL",
        )
    return xml
