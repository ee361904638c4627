"""Under which keys the files of one drop go."""

from pathlib import Path

from services.console.actions.drops.drop_keys import assign_keys, load_seed_files
from shared.drops.seed import Seed

SEED = """---
title: "T"
publishedDateTime: 2026-03-02T10:00:00Z
{}
---
"""


def make_seed(path: str, **urls: str) -> Seed:
    fields = "\n".join(f'{name}: "https://{url}"' for name, url in urls.items())
    return Seed(path, SEED.format(fields).encode())


def list_keys(*seeds: Seed) -> list[bytes]:
    return [seed.key for seed in assign_keys(seeds)]


def test_files_that_share_an_address_go_under_one_key():
    first = make_seed("1.md", webUrl="a.example/x")
    second = make_seed("2.md", webUrl="b.example/y", originalUrl="a.example/x")
    assert list_keys(first, second) == [first.key, first.key]
    assert list_keys(second, first) == [second.key, second.key]


def test_files_that_a_third_joins_go_under_one_key():
    first = make_seed("1.md", webUrl="a.example/x")
    second = make_seed("2.md", webUrl="b.example/y")
    third = make_seed(
        "3.md", webUrl="c.example/z", ampWebUrl="b.example/y", originalUrl="a.example/x"
    )
    assert list_keys(first, second, third) == [first.key] * 3


def test_other_files_keep_their_own_keys():
    first = make_seed("1.md", webUrl="a.example/x")
    second = make_seed("2.md", webUrl="a.example/y")
    broken = Seed("3.md", b"nothing")
    assert list_keys(first, broken, second) == [first.key, b"3.md", second.key]


def test_a_long_chain_of_files_is_one_group():
    seeds = []
    for number in range(3_000):
        urls = {"webUrl": f"a.example/{number}", "originalUrl": f"a.example/{number + 1}"}
        seeds.append(make_seed(f"{number}.md", **urls))
    assert set(list_keys(*reversed(seeds))) == {seeds[-1].key}


def test_files_are_read_in_their_order_with_their_keys(tmp_path: Path):
    seeds = [make_seed("1.md", webUrl="a.example/x"), make_seed("2.md", ampWebUrl="a.example/x")]
    files: list[Path | None] = []
    for seed in seeds:
        file = tmp_path / seed.path
        file.write_bytes(seed.content)
        files.append(file)
    loaded = list(load_seed_files(files))
    assert [seed.content for seed in loaded] == [seed.content for seed in seeds]
    assert {seed.key for seed in loaded} == {seeds[0].key}
