"""Linking a stream from a file, whatever its lines lack or repeat."""

import json
from pathlib import Path
from typing import Any

from services.enrichment.related.stream import link_file

Line = dict[str, Any]


async def link(lines: list[Line], folder: Path, preset: str | None = None) -> dict[str, Line]:
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    await link_file(source, target, preset)
    results = map(json.loads, target.read_text().splitlines())
    return {result["id"]: result for result in results}


async def test_articles_about_one_event_are_related_and_in_one_story(tmp_path: Path):
    comet = "Comet Vaskell brightens over Pelmoor"
    lines = [
        {
            "id": "1",
            "title": comet,
            "excerpt": "",
            "url": "",
            "provider": "a",
            "topics": [],
            "ts": 1_700_000_000.5,
        },
        {"id": "2", "title": f"{comet} again", "ts": 1_700_000_900},
        {"id": "3", "title": "Bakers toast the night tram", "ts": 1_700_000_800},
    ]
    results = await link(lines, tmp_path, "precise")
    assert results["1"]["related"] == ["2"]
    assert results["2"]["related"] == ["1"]
    assert results["1"]["story"] == results["2"]["story"] != results["3"]["story"]
    assert results["1"]["scores"] == results["2"]["scores"]


async def test_odd_lines_are_accepted(tmp_path: Path):
    lines = [
        {"id": "../ö$.", "title": None},
        {"id": "x", "title": "", "ts": "soon", "excerpt": None, "provider": None},
        {"id": "x", "title": "Comet\u2028Vaskell", "ts": 1e20},
        {"id": 7, "title": "Comet Vaskell", "ts": -1, "unknown": {}},
        {"id": "x", "title": "Barley", "ts": 0},
    ]
    results = await link(lines, tmp_path)
    assert results.keys() == {"../ö$.", "x", "7"}
    assert results["../ö$."]["related"] == []
    assert results["x"]["related"] == []
