"""The statements of steps only add; an older version notices none of them."""

import re
import zipfile
from itertools import chain
from pathlib import Path

import pytest

from shared.store.layout import LAYOUT, SCHEMA, STEPS
from shared.store.sqlite.engine.migrations import STATEMENTS

OLD_VERSION = Path(__file__).parents[2] / "integration" / "store" / "layout_3.zip"
ADDITIONS = r"CREATE (UNIQUE )?(TABLE|INDEX) IF NOT EXISTS|ALTER TABLE \w+ ADD COLUMN .*DEFAULT"


def test_the_steps_follow_the_layout_without_gaps():
    assert list(STEPS) == list(range(LAYOUT + 1, SCHEMA + 1))


def test_statements_belong_to_steps():
    assert set(STATEMENTS) <= set(STEPS)


@pytest.mark.parametrize("statement", [*chain.from_iterable(STATEMENTS.values())])
def test_a_statement_adds(statement: str):
    assert re.match(ADDITIONS, statement)


def test_the_older_version_names_the_columns_of_tables_that_got_new_ones():
    """`INSERT INTO workers VALUES (…)` fails as soon as the table has one column more."""
    altered = set(re.findall(r"ALTER TABLE (\w+)", str(STATEMENTS)))
    with zipfile.ZipFile(OLD_VERSION) as archive:
        sources = [archive.read(name).decode() for name in archive.namelist() if "sqlite" in name]
    unnamed = set(re.findall(r"INTO (\w+)\s+VALUES", "\n".join(sources)))
    assert unnamed
    assert altered
    assert not altered & unnamed
