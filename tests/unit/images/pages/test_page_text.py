"""How the bytes of a page become text."""

import pytest

from services.enrichment.images.pages.page_text import decode_page


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("é".encode(), "text/html; charset=utf-8"),
        ("é".encode(), ""),
        ("é".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("\ufeffé".encode(), "text/html; charset=windows-1251"),
        ("\ufeffé".encode("utf-16-le"), "text/html"),
        (b"<meta charset=windows-1252>" + "é".encode("cp1252"), "text/html"),
        (
            b"<meta http-equiv=content-type content='text/html; charset=latin1'>"
            + "é".encode("cp1252"),
            "text/html",
        ),
        (b"<meta charset=utf-16le>" + "é".encode(), "text/html"),
        (b"<meta charset=zlib>" + "é".encode(), "text/html; charset=rot13"),
        ("é".encode(), "text/html; charset=utf-16"),
        ("é".encode(), "text/html; charset=utf-7"),
        ("é".encode(), "text/html; charset=no-such-thing"),
        ("é".encode(), "text/html; charset=zlib"),
        ("é".encode(), "text/html; charset=punycode"),
        ("é".encode(), "text/html; charset=unicode_escape"),
    ],
)
def test_the_encoding_is_the_one_that_browsers_use(content: bytes, content_type: str):
    assert decode_page(content, content_type).endswith("é")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "港のストライキ"),
        ("euc-jp", "港のストライキ"),
        ("gb2312", "港口罢工"),
        ("big5", "港口罷工"),
        ("euc-kr", "항만 파업"),
        ("koi8-r", "забастовка"),
        ("windows-1256", "إضراب"),
        ("iso-8859-7", "απεργία"),
        ("iso-8859-9", "grevı"),
    ],
)
def test_the_encodings_of_newspapers_are_known(encoding: str, text: str):
    assert decode_page(text.encode(encoding), f"text/html; charset={encoding}") == text


def test_bytes_that_do_not_fit_are_replaced():
    assert decode_page(b"a\xffb", "text/html; charset=utf-8") == "a\ufffdb"
