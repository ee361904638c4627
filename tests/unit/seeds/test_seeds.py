"""What must hold for the demo's seeds in `seeds/`, before any service reads them."""

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
PAGES = SEEDS / "pages"
FILES = sorted(SEEDS.glob("[0-9]-*/*.md"))
BROKEN_YAML = "07-storm-watch-broken-yaml.md"
BROKEN_FIELDS = "08-hat-museum-broken-fields.md"
VALID = [path for path in FILES if path.name not in (BROKEN_YAML, BROKEN_FIELDS)]
MISSING_PICTURE = "varnholm-anchorage.jpg"
PICTURE_SUFFIXES = {".jpg", ".png", ".webp", ".gif"}
PICTURE_URL = re.compile(r"http://127\.0\.0\.1:8780/([\w-]+\.(?:jpg|png|webp|gif))")
PAGE_URL = re.compile(r"http://127\.0\.0\.1:8780/([\w/-]+\.html)")
PAGE_PICTURE = re.compile(r'content="/([\w-]+\.jpg)"')


def read_front_matter(path: Path) -> str:
    opening, front_matter, _body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == ""
    return front_matter


def read_seed(path: Path) -> dict[str, Any]:
    seed = yaml.safe_load(read_front_matter(path))
    assert isinstance(seed, dict)
    return seed


def find_in_files(pattern: re.Pattern[str], files: list[Path]) -> set[str]:
    found: set[str] = set()
    for file in files:
        found.update(pattern.findall(file.read_text(encoding="utf-8")))
    return found


def list_pages() -> list[Path]:
    return list(PAGES.rglob("*.html"))


def list_named_pictures() -> set[str]:
    return find_in_files(PICTURE_URL, FILES) | find_in_files(PAGE_PICTURE, list_pages())


def list_drawn_pictures() -> list[Path]:
    return sorted(path for path in PICTURES.iterdir() if path.suffix in PICTURE_SUFFIXES)


def test_there_are_three_waves() -> None:
    waves = Counter(path.parent.name for path in FILES)
    assert waves == {"1-morning": 15, "2-afternoon": 8, "3-evening": 2}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_seed_has_what_the_format_requires(path: Path) -> None:
    seed = read_seed(path)
    assert seed["category"] == "news"
    assert 6 <= len(seed["title"].split()) <= 12
    assert 20 <= len(seed["excerpt"].split()) <= 45
    assert isinstance(seed["publishedDateTime"], datetime)
    assert seed["publishedDateTime"].tzinfo is not None
    assert 0 <= seed["quality"] <= 189
    assert ("webUrl" in seed) == (seed["type"] == "article")


def test_the_first_broken_seed_is_not_yaml() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(read_front_matter(SEEDS / "2-afternoon" / BROKEN_YAML))


def test_the_second_broken_seed_has_three_wrong_values() -> None:
    seed = read_seed(SEEDS / "2-afternoon" / BROKEN_FIELDS)
    assert seed["publishedDateTime"].tzinfo is None
    assert not isinstance(seed["quality"], int)
    assert "://" not in seed["images"][0]["url"]


def test_the_valid_seeds_describe_twenty_articles() -> None:
    identities = set()
    for path in VALID:
        url = read_seed(path)["originalUrl"]
        identities.add(re.sub(r"^https?://(www\.)?|/?(\?utm_.*)?$", "", url))
    assert len(identities) == 20


def test_every_picture_that_is_named_exists_except_the_missing_one() -> None:
    drawn = {path.name for path in list_drawn_pictures()}
    assert list_named_pictures() - drawn == {MISSING_PICTURE}


def test_every_page_that_a_seed_names_exists() -> None:
    pages = {path.relative_to(PAGES).as_posix() for path in list_pages()}
    assert pages == find_in_files(PAGE_URL, FILES)


def test_every_picture_is_used() -> None:
    drawn = {path.name for path in list_drawn_pictures()}
    assert drawn <= list_named_pictures()


@pytest.mark.parametrize("path", list_drawn_pictures(), ids=lambda path: path.name)
def test_a_picture_decodes(path: Path) -> None:
    with Image.open(path) as picture:
        picture.load()
        assert min(picture.size) >= 480


def test_two_pictures_have_the_same_bytes() -> None:
    copies = Counter(path.read_bytes() for path in list_drawn_pictures())
    assert sorted(copies.values())[-2:] == [1, 2]


def test_the_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in list_drawn_pictures()) < 1_500_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_seed_names_a_real_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    hosts = re.findall(r"https?://([^/\s\"?]+)", text) + re.findall(r"domain: (\S+)", text)
    for host in hosts:
        assert host == "127.0.0.1:8780" or host.endswith(".example")


def test_the_readme_lists_every_seed_in_order() -> None:
    readme = (SEEDS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)`", readme, re.MULTILINE)
    assert listed == [path.stem for path in FILES]
