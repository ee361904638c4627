"""Decodes the bytes of a page, as browsers do: by byte order mark, header, or `meta` element."""

from typing import Final

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    to_unicode,
)

MAX_CONTENT_TYPE: Final = 200  # characters of the header that are looked at

# The encodings of browsers, by Python's names. Others are not believed: Python also has codecs
# that are no text (zlib, rot13) or that no browser knows (utf-7, unicode_escape), and a page that
# declares UTF-16 in ASCII is not in UTF-16.
_EAST_ASIAN: Final = ("gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949")
_WINDOWS: Final = tuple(f"cp{number}" for number in range(1250, 1259))
_ISO_8859: Final = tuple(f"iso8859-{part}" for part in range(2, 17))
_OTHERS: Final = ("koi8-r", "koi8-u", "cp866", "cp874", "mac-roman")
_WEB_ENCODINGS: Final = frozenset(("utf-8", *_EAST_ASIAN, *_WINDOWS, *_ISO_8859, *_OTHERS))


def decode_page(content: bytes, content_type: str) -> str:
    """The text; UTF-8 if nothing else is declared. Bytes that do not fit are replaced.

    *content_type* is the header's value.
    """
    encoding, mark = read_bom(content)
    if encoding is not None and mark is not None:
        return to_unicode(content[len(mark) :], encoding)
    declared = (
        http_content_type_encoding(content_type[:MAX_CONTENT_TYPE]),
        html_body_declared_encoding(content),
    )
    for encoding in declared:
        if encoding in _WEB_ENCODINGS:
            return to_unicode(content, encoding)
    return to_unicode(content, "utf-8")
