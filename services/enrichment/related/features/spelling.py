"""One spelling for English words that have several: abbreviations, possessives and numbers."""

import html
import re
from typing import Final

from unidecode import unidecode

_DIGIT = re.compile("[0-9]")
_WORD = re.compile(r"[a-z0-9]+(?:[.&'][a-z0-9]+)*")  # u.s, at&t, don't and 2.5 are one word each
_THOUSANDS_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3}\b)")
_AMOUNT = re.compile(r"(\d)\s?(bn|m|mn|k|tn)\b")
_UNITS: Final = {
    "bn": "billion",
    "m": "million",
    "mn": "million",
    "k": "thousand",
    "tn": "trillion",
}
_WHOLE_THOUSANDS = re.compile(r"\b(\d+)000\b")  # 5000 is 5 thousand
# Spelled out, because word frequencies are known for words: a 9 alone says little.
_NUMBERS: Final = {
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "10": "ten",
    "11": "eleven",
    "12": "twelve",
}


def split_words(text: str) -> list[str]:
    """Split *text* into words: HTML unescaped, letters folded to ASCII and lower case."""
    plain = unidecode(html.unescape(text)).replace("`", "'").lower()
    if _DIGIT.search(plain):
        plain = _spell_out_amounts(plain)
    words = [_strip_punctuation(word) for word in _WORD.findall(plain)]
    return [_NUMBERS.get(word, word) for word in words]


def _spell_out_amounts(text: str) -> str:
    text = _THOUSANDS_SEPARATOR.sub("", text)
    text = _AMOUNT.sub(lambda amount: f"{amount[1]} {_UNITS[amount[2]]}", text)
    return _WHOLE_THOUSANDS.sub(r"\1 thousand", text)


def _strip_punctuation(word: str) -> str:
    """Remove apostrophes and dots: *u.s.* becomes *us*, *dog's* becomes *dog*; 2.5 stays."""
    if word.isalnum():
        return word
    word = word.removesuffix("'s").replace("'", "")
    without_dots = word.replace(".", "")
    is_decimal = without_dots.isdigit()
    return word if is_decimal else without_dots
