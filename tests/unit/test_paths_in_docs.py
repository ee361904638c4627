"""Files, folders and functions that the documentation names are where it says."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOPS = ("contract", "deploy", "docs", "examples", "seeds", "services", "shared", "tests", "tools")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"`([^`\n]+)`")
FOLDER = re.compile(r"^([\w./-]+/) {2,}\S", re.MULTILINE)
PYTHON = re.compile(r"^([\w/]+\.py)(?:: ([\w.]+))?$")
FOREIGN = {"evaluate.py"}  # lies beside the labelled streams, which are no part of the project


@cache
def list_files() -> tuple[str, ...]:
    """All files and folders of the project, by their paths in it."""
    paths = [path for top in TOPS for path in (ROOT / top).rglob("*")]
    return (*TOPS, *(path.relative_to(ROOT).as_posix() for path in paths))


def list_matches(name: str) -> list[str]:
    """The files that *name* may mean: its path, or the end of it."""
    path = name.removesuffix("/")
    return [file for file in list_files() if file == path or file.endswith(f"/{path}")]


def list_code(document: Path) -> Iterator[str]:
    """What stands between backticks, and the folders of a table that is set as code."""
    text = document.read_text()
    yield from CODE.findall(text)
    yield from FOLDER.findall(text)


def has_definition(file: str, symbol: str) -> bool:
    """Whether each part of *symbol*, such as `Class.method`, is defined in *file*."""
    text = (ROOT / file).read_text()
    return all(
        re.search(rf"^\s*(?:(?:async )?def|class) {part}\b|^{part}\b", text, re.MULTILINE)
        for part in symbol.split(".")
    )


def find_fault(code: str) -> str:
    """What *code* names wrongly; empty if it names no file, or names it rightly."""
    python = PYTHON.match(code)
    if python is None:
        return "" if is_no_path(code) or list_matches(code) else code
    name, symbol = python.groups()
    files = list_matches(name)
    if not files:
        return "" if name in FOREIGN else name
    if symbol and not any(has_definition(file, symbol) for file in files):
        return code
    return ""


def is_no_path(code: str) -> bool:
    """Whether *code* does not claim to be a path in the project."""
    top, _, rest = code.partition("/")
    is_record = re.fullmatch(r"\d+/\d+(-\d+)?", rest)  # of the topic `seeds`: partition, offset
    return top not in TOPS or not re.fullmatch(r"[\w./-]*", rest) or is_record is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path):
    faults = {find_fault(code) for code in list_code(document)} - {""}
    assert faults == set()


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("shared/settings.py", ""),
        ("settings.py: Settings", ""),
        ("settings.py: Setting", "settings.py: Setting"),
        ("shared/settlement.py", "shared/settlement.py"),
        ("shared/broker/", ""),
        ("shared/brokers/", "shared/brokers/"),
        ("evaluate.py", ""),
        ("seeds.receipts", ""),
        ("seeds/2/117", ""),
    ],
)
def test_a_wrong_name_is_found(code: str, fault: str):
    assert find_fault(code) == fault
