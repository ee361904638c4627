"""The files of the contract: what they should be, and whether they are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.console.contract.asyncapi import build_asyncapi
from services.console.contract.page import build_page
from services.console.contract.paths import ASYNCAPI, PAGE, SCHEMAS, name_schema_file
from services.console.contract.schemas import build_schemas


def build_files() -> dict[str, str]:
    """The text of each generated file, by its path in the folder."""
    schemas, asyncapi = build_schemas(), build_asyncapi()
    files = {name_schema_file(kind): encode(schema) for kind, schema in schemas.items()}
    return files | {ASYNCAPI: encode(asyncapi), PAGE: build_page(schemas, asyncapi)}


def write_files(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Write what differs, and delete schemas that are no longer made; returns their paths."""
    stale = find_stale(folder, files)
    for path in stale:
        file = folder / path
        if path in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(files[path])
        else:
            file.unlink()
    return stale


def find_stale(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The paths of files that are not as they should be, or should not be there."""
    existing = {path.relative_to(folder).as_posix() for path in (folder / SCHEMAS).glob("*.json")}
    different = [path for path, text in files.items() if _read(folder / path) != text]
    return sorted({*different, *(existing - files.keys())})


def encode(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(file: Path) -> str | None:
    try:
        return file.read_text()
    except FileNotFoundError:
        return None
