"""English words as they are written one way: abbreviations, possessives and numbers have several."""

import html
import re
from typing import Final

from unidecode import unidecode

_DIGIT = re.compile("[0-9]")
_WORD = re.compile(r"[a-z0-9]+(?:[.&'][a-z0-9]+)*")  # u.s, at&t, don't, 2.5 are one
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_AMOUNT = re.compile(r"(\d)\s?(bn|m|mn|k|tn)\b")
_UNITS: Final = {
    "bn": "billion",
    "m": "million",
    "mn": "million",
    "k": "thousand",
    "tn": "trillion",
}
_ROUND = re.compile(r"\b(\d+)000\b")  # 5000 and 5 thousand
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
"""Spelled out, since how common they are is known of words: a 9 alone says little."""


def words(text: str) -> list[str]:
    """The words of *text* in order: HTML escapes undone, letters folded to ASCII, lower case."""
    plain = unidecode(html.unescape(text)).replace("`", "'").lower()
    found = _WORD.findall(_amounts(plain) if _DIGIT.search(plain) else plain)
    return [_NUMBERS.get(word, word) for word in map(_joined, found)]


def _amounts(plain: str) -> str:
    plain = _THOUSANDS.sub("", plain)
    plain = _AMOUNT.sub(lambda found: f"{found[1]} {_UNITS[found[2]]}", plain)
    return _ROUND.sub(r"\1 thousand", plain)


def _joined(word: str) -> str:
    """Without its apostrophes and dots: *u.s.* is *us*, *dog's* is *dog*; 2.5 stays."""
    if word.isalnum():
        return word
    word = word.removesuffix("'s").replace("'", "")
    return word if word.replace(".", "").isdigit() else word.replace(".", "")
