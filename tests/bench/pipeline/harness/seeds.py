"""Seeds to measure with: all are published, none has a picture, and no two are related.

No two have a word in common, so linking finds no candidates. What related stories cost is measured
by `tests.bench.stories` and `tests.bench.linking.cost`.
"""

import hashlib
from dataclasses import dataclass

_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass(frozen=True)
class Seed:
    """One seed as it is dropped: its key in the topic, and the bytes of the file."""

    key: bytes
    content: bytes

    @property
    def url(self) -> str:
        return f"https://{self.key.decode()}"


def build_seeds(number: int, name: str) -> list[Seed]:
    """*number* seeds that no run of another *name* has."""
    return [_build_seed(name, count) for count in range(number)]


def _build_seed(name: str, count: int) -> Seed:
    digest = hashlib.sha256(f"{name} {count}".encode()).hexdigest()
    letters = digest.translate(_LETTERS)  # amounts are read otherwise than words
    words = [letters[start : start + 6] for start in range(0, 60, 6)]
    host = f"{name}.example"
    lines = [
        "---",
        "category: news",
        "type: article",
        f'title: "{" ".join(words[:5])}"',
        f'excerpt: "{" ".join(words[5:])}"',
        f'originalUrl: "https://{host}/report-{count}"',
        f'webUrl: "https://{host}/report-{count}"',
        "publishedDateTime: 2026-03-03T15:00:00Z",
        "quality: 90",
        f"provider: {{name: {words[9]}, domain: {host}}}",
        f'topics: ["{words[0]}", "{words[1]}"]',
        "---",
    ]
    return Seed(f"{host}/report-{count}".encode(), ("\n".join(lines) + "\n").encode())
