"""Linking a stream from a file: whatever its lines lack or repeat."""

import json
from pathlib import Path

from services.enrichment.related.stream import link_file


async def linked(lines: list[dict], folder: Path, preset: str | None = None) -> dict[str, dict]:
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    await link_file(source, target, preset)
    return {line["id"]: line for line in map(json.loads, target.read_text().splitlines())}


async def test_articles_about_one_event_are_related_and_one_story(tmp_path: Path):
    comet = "Comet Vaskell brightens over Pelmoor"
    found = await linked(
        [
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
        ],
        tmp_path,
        "precise",
    )
    assert found["1"]["related"] == ["2"]
    assert found["2"]["related"] == ["1"]
    assert found["1"]["story"] == found["2"]["story"] != found["3"]["story"]
    assert found["1"]["scores"] == found["2"]["scores"]


async def test_odd_lines_are_borne(tmp_path: Path):
    found = await linked(
        [
            {"id": "../ö$.", "title": None},
            {"id": "x", "title": "", "ts": "soon", "excerpt": None, "provider": None},
            {"id": "x", "title": "Comet\u2028Vaskell", "ts": 1e20},
            {"id": 7, "title": "Comet Vaskell", "ts": -1, "unknown": {}},
            {"id": "x", "title": "Barley", "ts": 0},
        ],
        tmp_path,
    )
    assert found.keys() == {"../ö$.", "x", "7"}
    assert found["../ö$."]["related"] == []
    assert found["x"]["related"] == []
