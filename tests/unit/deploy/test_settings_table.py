"""The README's table of settings has every one, with its default."""

import re
from pathlib import Path

import pytest

from services.console.audit.settings import AuditSettings
from services.console.web.settings import ConsoleSettings
from services.enrichment.images.settings import ImagesSettings
from services.enrichment.related.settings import RelatedSettings
from services.ingest.settings import IngestSettings
from services.publishing.settings import PublishingSettings
from services.web.settings import WebSettings

README = (Path(__file__).parents[3] / "README.md").read_text()
ROWS = dict(re.findall(r"^\| `SEEDWIRE_(\w+)` \| ([^|]+) \|", README, re.MULTILINE))
FIELDS = {
    name.upper(): field.default
    for kind in (
        IngestSettings,
        ImagesSettings,
        RelatedSettings,
        PublishingSettings,
        AuditSettings,
        WebSettings,
        ConsoleSettings,
    )
    for name, field in kind.model_fields.items()
}


def test_every_setting_is_in_the_table_and_nothing_else():
    assert ROWS.keys() == FIELDS.keys()


@pytest.mark.parametrize(
    "name", [name for name, default in FIELDS.items() if isinstance(default, (int, float))]
)
def test_the_default_is_true(name: str):
    written = ROWS[name].strip("` ")
    assert written == str(FIELDS[name]).lower() or float(written) == FIELDS[name]
