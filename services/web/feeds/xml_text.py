"""Text for XML 1.0, which has no way at all to write most control characters."""

import re
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml_text(text: str) -> str:
    """*text* without the characters that XML does not allow."""
    return _ILLEGAL.sub("", text)


def add_element(
    parent: ElementTree.Element, tag: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    """A new child of *parent*, whose text and attributes may hold any characters."""
    legal = {name: to_xml_text(value) for name, value in attributes.items()}
    element = ElementTree.SubElement(parent, tag, legal)
    if text:
        element.text = to_xml_text(text)
    return element


def write_xml(root: ElementTree.Element) -> bytes:
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def format_rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
