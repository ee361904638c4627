"""Settings that every process shares: the name that an installation gives its events."""

import pytest

from shared.errors import SettingsError
from shared.settings import DEFAULT_SOURCE, Settings, load_settings


@pytest.mark.parametrize(
    "source",
    [
        DEFAULT_SOURCE,
        "https://news.example/production",
        "https://news.example:8443/a?b=c",
        "urn:newsroom:staging",
        "tag:news.example,2026:newsroom",
    ],
)
def test_a_source_is_an_absolute_uri(source: str, monkeypatch):
    monkeypatch.setenv("SEEDWIRE_SOURCE", source)
    assert load_settings(Settings).source == source


@pytest.mark.parametrize(
    "source",
    [
        "",
        "/seedwire",
        "news.example",
        "https:",
        "https:///a",
        "https://news.example/a b",
        "https://news.example/ä",
        "https://news.example/a#b",
        "https://news.example/" + "a" * 300,
    ],
)
def test_another_source_is_refused_in_a_sentence(source: str, monkeypatch):
    monkeypatch.setenv("SEEDWIRE_SOURCE", source)
    with pytest.raises(SettingsError, match=r"SEEDWIRE_SOURCE: .*expected an absolute URI"):
        load_settings(Settings)


def test_an_installation_that_others_may_read_should_name_its_source():
    assert not Settings(kafka="").is_source_unnamed
    assert Settings(kafka="kafka.example:9092").is_source_unnamed
    named = Settings(kafka="kafka.example:9092", source="https://news.example/staging")
    assert not named.is_source_unnamed
