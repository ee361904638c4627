"""Makes the list of tracking parameters: `python -m tools.tracking_rules PACKAGE`.

PACKAGE is the unpacked npm package tidy-url. Its rules are a JavaScript module; this tool reads the
names of parameters and hosts out of it and writes them as JSON. The same package gives the same
bytes. Nothing is executed.

A rule for one host applies to the host's domain and everything below it. A rule whose pattern is
not a plain host, or a list of hosts, is left out: it would have to be guessed. So is every name
that may say *which* page is meant, such as `id`: the list is made for links that people share, and
to remove too much there only breaks a link. Here it would merge two articles.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

TARGET: Final = (
    Path(__file__).parents[1] / "shared" / "article" / "identity" / "tracking_rules.json"
)

# fmt: off
NAMING: Final = frozenset({
    "a", "article", "articleid", "c", "cat", "category", "channel", "code", "d", "doc", "domain",
    "e", "entry", "g", "guid", "hash", "i", "id", "item", "itemid", "k", "key", "keyword",
    "keywords", "l", "lang", "li", "m", "menu", "n", "name", "no", "nr", "number", "p", "p1",
    "page", "pageid", "pid", "post", "postid", "prod_id", "productid", "productids", "q", "query",
    "s", "section", "sid", "slug", "source_id", "sp", "story", "storyid", "t", "tab", "tabtype",
    "tag", "tags", "title", "topic", "type", "u", "url", "user_id", "v", "var", "variant",
    "version", "video", "vid", "view", "x",
})
"""Names that may tell pages apart, in lower case."""
# fmt: on

_RULE: Final = re.compile(r"\n    \{\n(.*?)\n    \}(?=,|\n)", re.DOTALL)
_COMMENT: Final = re.compile(r"(?m)(?<![:\\/'\"])//.*$")
_MATCH: Final = re.compile(r"\bmatch: /(.*)/[a-z]*,?$", re.MULTILINE)
_RULES: Final = re.compile(r"\brules: \[(.*?)\]", re.DOTALL)
_TEXT: Final = re.compile(r"'([^']*)'")
_ANY_PREFIX: Final = re.compile(
    r"^\^?(?:\(\?:https\?:\\/\\/\)\?\(\?:\[\^\.\]\+\\\.\)\?|\(\?:\.\*\\?\.\|?\)\??|\.\*\\?\.?)?"
)
_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ENDINGS: Final = re.compile(r"(.*)\.\(([a-z.|]+)\)")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.tracking_rules",
        description="Make the list of tracking parameters from the npm package tidy-url.",
    )
    parser.add_argument("package", type=Path, help="folder of the unpacked package")
    parser.add_argument("--out", type=Path, default=TARGET, help="file to write")
    options = parser.parse_args()
    rules = build_rules(options.package)
    options.out.write_text(json.dumps(rules, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(rules['anywhere'])} names, {len(rules['hosts'])} hosts, {options.out}")
    return 0


def build_rules(package: Path) -> dict[str, Any]:
    """The content of the JSON file."""
    description = json.loads((package / "package.json").read_text())
    source = (package / "data" / "rules.js").read_bytes()
    anywhere: set[str] = set()
    hosts: dict[str, set[str]] = {}
    for pattern, names in read_rules(source.decode().replace("\r\n", "\n")):
        if pattern == ".*":
            anywhere |= names
            continue
        for host in list_hosts(pattern):
            hosts.setdefault(host, set()).update(names)
    return {
        "source": f"npm package {description['name']} {description['version']}, data/rules.js",
        "sha256": hashlib.sha256(source).hexdigest(),
        "licence": description["license"],
        "copyright": "Copyright (c) 2021 DrKain (https://github.com/DrKain)",
        "made_by": "python -m tools.tracking_rules",
        "anywhere": sorted(anywhere),
        "hosts": {host: sorted(hosts[host]) for host in sorted(hosts)},
    }


def read_rules(source: str) -> Iterator[tuple[str, set[str]]]:
    """The pattern of each rule, and the names of its parameters in lower case."""
    for rule in _RULE.finditer(_COMMENT.sub("", source)):
        pattern, rules = _MATCH.search(rule[1]), _RULES.search(rule[1])
        if pattern is None or rules is None or "match_href" in rule[1]:
            continue
        names = {name.strip().lower().replace("\\", "") for name in _TEXT.findall(rules[1])}
        names -= {"", *NAMING}
        if names:
            yield pattern[1], names


def list_hosts(pattern: str) -> list[str]:
    """The hosts that a pattern of the list names; none if it is more than a list of hosts."""
    host = _ANY_PREFIX.sub("", pattern).replace("\\.", ".").lower()
    host = re.sub(r"^(?:\(www\|[a-z]+\)|www)\.", "", host)
    endings = _ENDINGS.fullmatch(host)
    candidates = [host]
    if endings:
        candidates = [f"{endings[1]}.{ending}" for ending in endings[2].split("|")]
    return [candidate for candidate in candidates if _HOST.fullmatch(candidate)]


if __name__ == "__main__":
    sys.exit(main())
