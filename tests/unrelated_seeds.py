"""Seeds that are all published and have nothing to do with each other."""

import hashlib
from pathlib import Path


def write_seeds(folder: Path, number: int, name: str) -> Path:
    """*number* seeds in the new *folder*, each of a quality above the threshold.

    No two have a word in common, so linking has little to do.
    """
    folder.mkdir()
    for count in range(number):
        digest = hashlib.sha256(f"{name} {count}".encode()).hexdigest()
        words = " ".join(digest[start : start + 6] for start in range(0, 36, 6))
        lines = [
            "---",
            f'title: "{name}-{count} {words}"',
            f'originalUrl: "https://{name}.example/report-{count}"',
            f'webUrl: "https://{name}.example/report-{count}"',
            "publishedDateTime: 2026-03-03T15:00:00Z",
            "type: article",
            "category: news",
            "quality: 90",
            f"provider: {{name: {name}, domain: {name}.example}}",
            "---",
        ]
        (folder / f"{count:04}.md").write_text("\n".join(lines) + "\n")
    return folder
