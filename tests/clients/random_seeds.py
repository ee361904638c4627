"""Seeds at random, as a newsroom brings them: affairs, new versions, corrections, every script."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

NUMBER: Final = 300
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
SYLLABLES: Final = ("ba", "del", "ko", "mir", "nu", "pel", "ras", "tov", "vi", "zan", "ló", "ça")
SCRIPTS: Final = (
    "大阪",
    "القاهرة",
    "Наро-Фоминск",
    "São Vicente",
    "“free”",
    "salt & ash",
    "<b>big</b>",
)


def write_random_seeds(folder: Path, seed: int, number: int = NUMBER) -> list[Path]:
    """So many files in *folder*, in the order in which they are to be dropped.

    Of three articles one, on average, is about an affair of its own. Every fifth file is another
    version of an article that came before it: with another title or quality, so that it is updated,
    published or retracted.
    """
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for place in range(number):
        article = chance.randrange(place) if place % 5 == 4 else place
        file = folder / f"{place:04}.md"
        file.write_text(_render(chance, article), encoding="utf-8")
        files.append(file)
    return files


def _render(chance: random.Random, article: int) -> str:
    affair = random.Random(article // 3 if article % 3 else -article)
    subject = [_invent_word(affair).title() for _ in range(3)]
    words = [*subject, chance.choice(SCRIPTS), *(_invent_word(chance) for _ in range(3))]
    at = NOON + timedelta(minutes=affair.randrange(3_000))
    text = " ".join([*subject, *(_invent_word(chance) for _ in range(chance.randrange(60)))])
    lines = [
        "---",
        f'title: "{" ".join(words)}"',
        f'excerpt: "{text}"',
        f"publishedDateTime: {at:%Y-%m-%dT%H:%M:%SZ}",
        f"webUrl: https://paper{article % 7}.example/{article}",
        f"quality: {chance.randrange(20, 130)}",
        f"topics: [{subject[0]}, Affairs]",
        "---",
        "",
    ]
    return "\n".join(lines)


def _invent_word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randrange(2, 5)))
