"""Publishing's settings and wiring."""

import pytest

from services.publishing.main import build
from services.publishing.rules import Rules
from services.publishing.settings import PublishingSettings
from shared.errors import SettingsError
from shared.settings import read


def test_the_defaults_are_the_rules_of_the_newsroom():
    assert PublishingSettings().rules == Rules()


def test_the_bar_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SEEDWIRE_PUBLISH_AT", "65")
    assert read(PublishingSettings).rules.publish_at == 65


def test_a_margin_of_0_is_refused_for_leads_would_flap(monkeypatch):
    monkeypatch.setenv("SEEDWIRE_PUBLISH_MARGIN", "0")
    with pytest.raises(SettingsError, match="SEEDWIRE_PUBLISH_MARGIN"):
        read(PublishingSettings)


def test_the_service_is_wired():
    service, settings = build()
    assert (service.name, service.topic, [chore.name for chore in service.chores]) == (
        "publishing",
        "articles.enriched",
        ["sweep"],
    )
    assert service.chores[0].every == settings.publish_sweep_seconds == 15
