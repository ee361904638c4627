"""Publishing's settings, and how the service is assembled."""

import pytest

from services.publishing.deciding.rules import Rules
from services.publishing.main import build
from services.publishing.settings import PublishingSettings
from shared.errors import SettingsError
from shared.settings import load_settings


def test_the_default_settings_are_the_default_rules():
    assert PublishingSettings().rules == Rules()


def test_the_publish_threshold_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SEEDWIRE_PUBLISH_AT", "65")
    assert load_settings(PublishingSettings).rules.publish_at == 65


def test_a_site_may_run_without_a_margin(monkeypatch):
    monkeypatch.setenv("SEEDWIRE_PUBLISH_MARGIN", "0")
    assert load_settings(PublishingSettings).rules.margin == 0


def test_the_quality_from_which_relatives_add_heat_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SEEDWIRE_PUBLISH_HEAT_FROM_QUALITY", "40")
    assert load_settings(PublishingSettings).rules.heat_from_quality == 40


def test_a_margin_below_0_is_refused(monkeypatch):
    monkeypatch.setenv("SEEDWIRE_PUBLISH_MARGIN", "-1")
    with pytest.raises(SettingsError, match="SEEDWIRE_PUBLISH_MARGIN"):
        load_settings(PublishingSettings)


def test_the_service_is_assembled():
    service, settings = build()
    (sweep,) = service.periodic_tasks
    assert (service.name, service.topic) == ("publishing", "articles.enriched")
    assert sweep.name == "sweep"
    assert sweep.interval_seconds == settings.publish_sweep_seconds == 15
