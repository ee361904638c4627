"""Finds where the head of a page ends, while the page is still arriving.

`</head>` counts only where a browser would take it for a tag: not in a comment, a script, an
attribute or a template. Every byte is looked at once, however the page is cut into pieces.
"""

import re
from collections.abc import Callable
from typing import Final

# Heads have hundreds of tags. 100,000 of them, nested, take the parser 11 s; 10,000 take 0.1 s.
MAX_TAGS: Final = 10_000

_MAX_NAME: Final = 16  # bytes of the longest name that matters, with what stands around it
_MARKUP: Final = re.compile(rb"<[a-z/!?]", re.IGNORECASE)
_WHOLE_MARKUP: Final = re.compile(
    rb"<(?:!--|![^-]|!-[^-]|\?|/?[a-z][^\s/>]*[\s/>]|/[^a-z])", re.IGNORECASE
)
_TAG_NAME: Final = re.compile(rb"(/?[a-z][a-z0-9]*)(?=[\s/>])", re.IGNORECASE)
_TEXT_ELEMENTS: Final = frozenset(  # their content is text up to their end tag
    {b"script", b"style", b"title", b"textarea", b"noframes", b"iframe", b"xmp"}
)
_COMMENT_END: Final = re.compile(rb"--!?>")
_BOGUS_COMMENT_END: Final = re.compile(rb">")
_TAG_END_OR_VALUE: Final = re.compile(rb"[>=]")
_VALUE_START: Final = re.compile(rb"\S")
_UNQUOTED_END: Final = re.compile(rb"[\s>]")
_SCRIPT_TOKEN: Final = re.compile(rb"<!--|-->|<(/?)script(?=[\s/>])", re.IGNORECASE)

_State = Callable[[bytes | bytearray], bool]


class HeadEndFinder:
    """A small part of the tokenizer that HTML prescribes, which can stop anywhere and go on.

    Comments count as tags: the work on a page of half a megabyte is bounded.
    """

    def __init__(self) -> None:
        self._position = 0  # everything before it has been looked at
        self._state: _State = self._read_text
        self._tag_name = b""
        self._tags = 0
        self._templates = 0  # that are open
        self._is_in_noscript = False  # text for browsers that run scripts
        self._text_end = _COMMENT_END  # of the element that holds text
        self._script_depth = 0  # 1 in a comment of a script, 2 in a script in that comment
        self._end: int | None = None

    def find(self, content: bytes | bytearray) -> int | None:
        """Where the head ends, or its tag number MAX_TAGS begins; None if more has to come.

        *content* begins as it did the last time.
        """
        while self._end is None:
            if not self._state(content):
                return None
        return self._end

    # Each state reads on from the position. It returns False if it needs more content.

    def _read_text(self, content: bytes | bytearray) -> bool:
        match = _MARKUP.search(content, self._position)
        if match is None:
            self._position = max(self._position, len(content) - 1)
            return False
        self._position = start = match.start()
        is_short = len(content) - start < _MAX_NAME
        if is_short and not _WHOLE_MARKUP.match(content, start):
            return False
        self._tags += 1
        if self._tags >= MAX_TAGS:
            self._end = start
        self._read_markup(bytes(content[start + 1 : start + _MAX_NAME]), start)
        return True

    def _read_markup(self, markup: bytes, start: int) -> None:
        """*markup* is what follows the `<` at *start*."""
        if markup.startswith(b"!--"):
            self._position = start + 2  # `<!-->` is a comment
            self._state = self._read_comment
        elif markup.removeprefix(b"/")[:1].isalpha():
            match = _TAG_NAME.match(markup)
            self._tag_name = match[1].lower() if match else b""
            self._position = start + 1 + len(self._tag_name)
            self._state = self._read_tag
            is_ignored = self._templates or self._is_in_noscript
            if self._tag_name in (b"/head", b"body") and not is_ignored:
                self._end = start
        else:
            self._state = self._read_bogus_comment

    def _read_tag(self, content: bytes | bytearray) -> bool:
        match = _TAG_END_OR_VALUE.search(content, self._position)
        if match is None:
            self._position = len(content)
            return False
        self._position = match.end()
        if match[0] == b"=":
            self._state = self._read_value
        else:
            self._close_tag()
        return True

    def _read_value(self, content: bytes | bytearray) -> bool:
        match = _VALUE_START.search(content, self._position)
        if match is None:
            self._position = len(content)
            return False
        self._position = match.end()
        if match[0] == b">":
            self._close_tag()
        elif match[0] == b'"':
            self._state = self._read_double_quoted
        elif match[0] == b"'":
            self._state = self._read_single_quoted
        else:
            self._state = self._read_unquoted
        return True

    def _read_double_quoted(self, content: bytes | bytearray) -> bool:
        return self._skip_past(content, b'"')

    def _read_single_quoted(self, content: bytes | bytearray) -> bool:
        return self._skip_past(content, b"'")

    def _skip_past(self, content: bytes | bytearray, quote: bytes) -> bool:
        end = content.find(quote, self._position)
        if end < 0:
            self._position = len(content)
            return False
        self._position = end + 1
        self._state = self._read_tag
        return True

    def _read_unquoted(self, content: bytes | bytearray) -> bool:
        match = _UNQUOTED_END.search(content, self._position)
        if match is None:
            self._position = len(content)
            return False
        self._position = match.start()
        self._state = self._read_tag
        return True

    def _close_tag(self) -> None:
        name, self._state = self._tag_name, self._read_text
        if name == b"script":
            self._script_depth = 0
            self._state = self._read_script
        elif name in _TEXT_ELEMENTS:
            self._text_end = re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
            self._state = self._read_element_text
        elif name in (b"noscript", b"/noscript"):
            self._is_in_noscript = name == b"noscript"
        elif name == b"template":
            self._templates += 1
        elif name == b"/template":
            self._templates = max(0, self._templates - 1)

    def _read_comment(self, content: bytes | bytearray) -> bool:
        return self._search(content, _COMMENT_END)

    def _read_bogus_comment(self, content: bytes | bytearray) -> bool:
        return self._search(content, _BOGUS_COMMENT_END)

    def _read_element_text(self, content: bytes | bytearray) -> bool:
        return self._search(content, self._text_end)

    def _search(self, content: bytes | bytearray, end: re.Pattern[bytes]) -> bool:
        """Go on with text behind *end*. An end tag is closed as a bogus comment would be."""
        match = end.search(content, self._position)
        if match is None:
            self._position = max(self._position, len(content) - _MAX_NAME)
            return False
        self._position = match.end()
        self._state = self._read_text
        return True

    def _read_script(self, content: bytes | bytearray) -> bool:
        """A script ends at its end tag, except that in a comment in it another may begin."""
        match = _SCRIPT_TOKEN.search(content, self._position)
        if match is None:
            self._position = max(self._position, len(content) - _MAX_NAME)
            return False
        self._position = match.end()
        if match[0] == b"<!--":
            self._position -= 2  # `<!-->` ends at once
            self._script_depth = max(1, self._script_depth)
        elif match[0] == b"-->":
            self._script_depth = 0
        elif match[1] and self._script_depth < 2:
            self._state = self._read_text
        elif match[1]:
            self._script_depth = 1
        elif self._script_depth == 1:
            self._script_depth = 2
        return True
