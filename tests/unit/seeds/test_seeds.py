"""What must hold of the newsroom in `seeds/` before any service reads it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

SEEDS = Path(__file__).parents[3] / "seeds"
PICTURES = SEEDS / "pictures"
FILES = sorted(SEEDS.glob("[0-9]-*/*.md"))
BROKEN_YAML = "07-storm-watch-broken-yaml.md"
BROKEN_FIELDS = "08-hat-museum-broken-fields.md"
SOUND = [path for path in FILES if path.name not in (BROKEN_YAML, BROKEN_FIELDS)]
NOT_FOUND = "varnholm-anchorage.jpg"
PICTURE_URL = re.compile(r"http://127\.0\.0\.1:8780/([\w-]+\.(?:jpg|png|webp|gif))")
PAGE_URL = re.compile(r"http://127\.0\.0\.1:8780/([\w/-]+\.html)")


def front_matter(path: Path) -> str:
    opening, matter, _body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == ""
    return matter


def read(path: Path) -> dict[str, Any]:
    seed = yaml.safe_load(front_matter(path))
    assert isinstance(seed, dict)
    return seed


def named_pictures() -> set[str]:
    return {
        name for path in FILES for name in PICTURE_URL.findall(path.read_text(encoding="utf-8"))
    }


def pictures_of_pages() -> set[str]:
    pages = (SEEDS / "pages").rglob("*.html")
    return {
        name
        for page in pages
        for name in re.findall(r'content="/([\w-]+\.jpg)"', page.read_text(encoding="utf-8"))
    }


def drawn_pictures() -> list[Path]:
    return [
        path
        for path in sorted(PICTURES.iterdir())
        if path.suffix in {".jpg", ".png", ".webp", ".gif"}
    ]


def test_there_are_three_waves() -> None:
    assert Counter(path.parent.name for path in FILES) == {
        "1-morning": 15,
        "2-afternoon": 8,
        "3-evening": 2,
    }


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_a_sound_seed_has_what_the_format_asks_for(path: Path) -> None:
    seed = read(path)
    assert seed["category"] == "news"
    assert 6 <= len(seed["title"].split()) <= 12
    assert 20 <= len(seed["excerpt"].split()) <= 45
    assert isinstance(seed["publishedDateTime"], datetime)
    assert seed["publishedDateTime"].tzinfo is not None
    assert 0 <= seed["quality"] <= 189
    assert ("webUrl" in seed) == (seed["type"] == "article")


def test_the_first_broken_seed_is_not_yaml() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(front_matter(SEEDS / "2-afternoon" / BROKEN_YAML))


def test_the_second_broken_seed_has_three_wrong_values() -> None:
    seed = read(SEEDS / "2-afternoon" / BROKEN_FIELDS)
    assert seed["publishedDateTime"].tzinfo is None
    assert not isinstance(seed["quality"], int)
    assert "://" not in seed["images"][0]["url"]


def test_twenty_articles_hide_behind_the_sound_seeds() -> None:
    identities = {
        re.sub(r"^https?://(www\.)?|/?(\?utm_.*)?$", "", read(path)["originalUrl"])
        for path in SOUND
    }
    assert len(identities) == 20


def test_every_picture_named_is_there_except_the_one_that_is_not_found() -> None:
    assert (named_pictures() | pictures_of_pages()) - {path.name for path in drawn_pictures()} == {
        NOT_FOUND
    }


def test_every_page_that_a_seed_names_is_there() -> None:
    assert {
        path.relative_to(SEEDS / "pages").as_posix() for path in (SEEDS / "pages").rglob("*.html")
    } == {name for path in FILES for name in PAGE_URL.findall(path.read_text(encoding="utf-8"))}


def test_every_picture_is_used() -> None:
    assert {path.name for path in drawn_pictures()} <= named_pictures() | pictures_of_pages()


@pytest.mark.parametrize("path", drawn_pictures(), ids=lambda path: path.name)
def test_a_picture_decodes(path: Path) -> None:
    with Image.open(path) as picture:
        picture.load()
        assert min(picture.size) >= 480


def test_two_pictures_are_the_same_bytes() -> None:
    copies = Counter(path.read_bytes() for path in drawn_pictures())
    assert sorted(copies.values())[-2:] == [1, 2]


def test_the_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in drawn_pictures()) < 1_500_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_seed_names_a_real_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^/\s\"?]+)", text)) | set(
        re.findall(r"domain: (\S+)", text)
    )
    assert all(host == "127.0.0.1:8780" or host.endswith(".example") for host in hosts)


def test_the_readme_lists_every_seed_in_order() -> None:
    listed = re.findall(
        r"^\| `([\w-]+)`", (SEEDS / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert listed == [path.stem for path in FILES]
