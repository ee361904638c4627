"""Invented pairs of titles of one form, for training the judge and for judging it.

Real labelled feeds have too few of them. Another company, place or person in the same sentence is
another event; the same column of another day is another issue; a number that grows, or the same
text under another URL, is one event. Names and places are invented. Families that are *held back*
are for judging alone.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from tests.bench.linking.streams import Row

HOUR: Final = 3600.0
DAY: Final = 86_400.0
START: Final = 1_770_000_000.0

NAMES = [
    "Torlund",
    "Varnik",
    "Belmar",
    "Nordvik",
    "Halden",
    "Quillon",
    "Draymoor",
    "Ostrava",
    "Kestrel",
    "Brannoch",
    "Ferrow",
    "Gildane",
    "Marwick",
    "Tesling",
    "Ulverton",
    "Corvane",
    "Pellham",
    "Rusk",
    "Sandmark",
    "Treffin",
    "Wexholm",
    "Yarrick",
    "Zelby",
    "Ashgrove",
    "Birnham",
    "Calder",
    "Dunmere",
    "Elsing",
    "Fenwick",
    "Grauby",
    "Hollin",
    "Ibsley",
    "Jarrow",
    "Kelmer",
    "Lindale",
    "Morvane",
    "Neverby",
    "Orlick",
    "Penrath",
    "Quarley",
]
KINDS = (
    "Motors",
    "Foods",
    "Bank",
    "Energy",
    "Airlines",
    "Pharma",
    "Systems",
    "Stores",
    "Telecom",
    "Steel",
)
TEXTS = (
    "Shares rose four percent in early trading.",
    "The firm raised its dividend and named a new finance chief.",
    "Demand for frozen goods lifted margins at the grocer.",
    "Loans to small businesses grew while bad debts fell.",
    "Officials said nobody was hurt and roads stayed open.",
    "Residents reported shaking for about twenty seconds.",
    "Customers are asked to return the devices to any store.",
    "The decision follows two years of talks with the union.",
    "A new plant near the coast will open next spring.",
    "Analysts had expected a smaller increase.",
    "Schools were closed and two bridges damaged.",
    "The move is the third of its kind this year.",
)

# The form of a title, and whether the family is held back.
OTHER_NAME = (
    ("{name} {kind} Q3 profit beats estimates as sales rise", False),
    ("{name} {kind} names new chief executive", False),
    ("{name} recalls {number} heaters over fire risk", False),
    ("Magnitude {small} earthquake strikes off {name}", False),
    ("{name} mayor resigns after corruption inquiry", False),
    ("Police arrest man over {name} stabbing", False),
    ("{name} {kind} to cut {number} jobs", False),
    ("Fire destroys warehouse in {name}", False),
    ("{name} wins first round of regional cup", False),
    ("{name} Now Available on the Cloud Marketplace", False),
    ("General availability: {name} for virtual machines", False),
    ("{name} joins partner program as launch partner", False),
    ("Flood warning issued for {name}", False),
    ("{name} {kind} shares fall after profit warning", True),
    ("Recall of {name} baby seats over faulty buckle", True),
    ("Quake of magnitude {small} shakes {name}", True),
    ("Train derails near {name}, line closed", True),
    ("Public preview: {name} in the admin center", True),
    ("{name} council approves budget for next year", True),
    ("{name} {kind} opens research centre", True),
)
# The form of a title, the seconds between two issues, and whether the family is held back.
OTHER_DAY = (
    ("Weather forecast for {day}", DAY, False),
    ("Lottery numbers for {day}", 3 * DAY, False),
    ("{day}'s Morning Email: What you need to know", DAY, False),
    ("Monthly product update, {month}", 6 * DAY, False),
    ("TV tonight: what to watch on {day}", DAY, False),
    ("Five things to know on {day}", DAY, False),
    ("The week in pictures, week {issue}", 7 * DAY, False),
    ("Horoscope for {day}", DAY, True),
    ("Markets wrap for {day}", DAY, True),
    ("Release notes for {month}", 6 * DAY, True),
    ("Podcast episode {issue}: the news in brief", 7 * DAY, True),
    ("Crossword No {issue}", DAY, True),
)
GROWING = (
    ("{small} dead as ferry capsizes off {name}", False),
    ("Death toll in {name} mine collapse rises to {number}", False),
    ("{number} evacuated as wildfire nears {name}", False),
    ("{number} homes without power after storm hits {name}", False),
    ("{name} fire: {small} injured", True),
    ("At least {number} hurt in {name} train crash", True),
)
SAME_TEXT = (
    ("{name} opens a clinic for seabirds", False),
    ("{name} votes to rename its main square", False),
    ("{name} {kind} moves its head office", True),
    ("Farmers near {name} find a Roman mosaic", True),
)
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True)
class Example:
    """Two articles, and whether they are about one event."""

    a: Row
    b: Row
    is_one_event: bool
    is_held_back: bool


@dataclass(frozen=True)
class _Kind:
    """How often the two articles of an example come from one outlet, and whether texts agree."""

    is_one_event: bool
    same_outlet_share: float
    bare_share: float  # of the examples that have no excerpts
    is_same_text: bool = False


_OTHER_NAME = _Kind(False, 0.5, 0.4)
_BARE_ISSUES = _Kind(False, 0.8, 1.0)
_GROWING = _Kind(True, 0.6, 0.3)
_SAME_TEXT = _Kind(True, 0.7, 0.0, is_same_text=True)


def build_examples(per_family: int, seed: int = 1) -> list[Example]:
    """*per_family* pairs of each family, the same ones for the same *seed*."""
    dice = random.Random(seed)
    families = (
        _build_other_names(per_family, dice),
        _build_other_days(per_family, dice),
        _build_growing(per_family, dice),
        _build_same_texts(per_family, dice),
    )
    return [*chain.from_iterable(families)]


def _build_other_names(count: int, dice: random.Random) -> Iterator[Example]:
    for form, is_held_back in OTHER_NAME:
        for _ in range(count):
            a, b = _draw_parts(dice), _draw_parts(dice)
            if a["name"] != b["name"]:
                titles = form.format(**a), form.format(**b)
                example = _dress(titles, dice.uniform(0, DAY), _OTHER_NAME, dice)
                yield replace(example, is_held_back=is_held_back)


def _build_other_days(count: int, dice: random.Random) -> Iterator[Example]:
    for form, apart, is_held_back in OTHER_DAY:
        for _ in range(count):
            parts = _draw_parts(dice)
            titles = form.format(**parts), form.format(**_draw_next_issue(parts))
            example = _dress(titles, apart, _BARE_ISSUES, dice)
            yield replace(example, is_held_back=is_held_back)


def _build_growing(count: int, dice: random.Random) -> Iterator[Example]:
    for form, is_held_back in GROWING:
        for _ in range(count):
            parts = _draw_parts(dice)
            grown = parts | {
                "number": parts["number"] + dice.randint(1, 300),
                "small": parts["small"] + dice.randint(1, 9),
            }
            titles = form.format(**parts), form.format(**grown)
            example = _dress(titles, dice.uniform(0.2, 8) * HOUR, _GROWING, dice)
            yield replace(example, is_held_back=is_held_back)


def _build_same_texts(count: int, dice: random.Random) -> Iterator[Example]:
    for form, is_held_back in SAME_TEXT:
        for _ in range(count):
            title = form.format(**_draw_parts(dice))
            example = _dress((title, title), 0.0, _SAME_TEXT, dice)
            yield replace(example, is_held_back=is_held_back)


def _draw_parts(dice: random.Random) -> dict[str, Any]:
    """What may stand in a form."""
    return {
        "name": dice.choice(NAMES),
        "kind": dice.choice(KINDS),
        "day": dice.choice(DAYS),
        "month": dice.choice(MONTHS),
        "issue": dice.randint(5, 300),
        "number": dice.randint(13, 900),
        "small": dice.randint(2, 12),
    }


def _draw_next_issue(parts: dict[str, Any]) -> dict[str, Any]:
    return parts | {
        "day": DAYS[(DAYS.index(parts["day"]) + 1) % len(DAYS)],
        "month": MONTHS[(MONTHS.index(parts["month"]) + 1) % len(MONTHS)],
        "issue": parts["issue"] + 1,
    }


def _dress(titles: tuple[str, str], apart: float, kind: _Kind, dice: random.Random) -> Example:
    """Make two titles into articles that were published *apart* seconds after each other."""
    excerpts = dice.sample(TEXTS, 2)
    if kind.is_one_event:
        excerpts[1] = excerpts[0]
    if dice.random() < kind.bare_share:
        excerpts = ["", ""]
    is_one_outlet = dice.random() < kind.same_outlet_share
    outlets = ["paper-a.example", "paper-a.example" if is_one_outlet else "paper-b.example"]
    start = START + dice.uniform(0, 300) * DAY
    rows: list[Row] = []
    for title, excerpt, outlet, at in zip(
        titles, excerpts, outlets, (start, start + apart), strict=True
    ):
        rows.append(_build_row(f"t{dice.getrandbits(60):x}", title, excerpt, outlet, at))
    return Example(rows[0], rows[1], kind.is_one_event, False)


def _build_row(row_id: str, title: str, excerpt: str, outlet: str, at: float) -> Row:
    return {
        "id": row_id,
        "title": title,
        "excerpt": excerpt,
        "url": "",
        "provider": outlet,
        "topics": [],
        "ts": at,
    }
