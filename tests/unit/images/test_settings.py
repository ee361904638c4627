"""Settings of images, as operators write them."""

from ipaddress import ip_network

import pytest

from services.enrichment.images.settings import ImagesSettings
from shared.errors import SettingsError
from shared.settings import load_settings

NETWORKS = "SEEDWIRE_IMAGES_ALLOW_NETWORKS"
USER_AGENT = "SEEDWIRE_IMAGES_USER_AGENT"


def test_no_network_is_let_in_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(NETWORKS, raising=False)
    assert load_settings(ImagesSettings).allowed_networks == ()


def test_networks_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(NETWORKS, "127.0.0.0/8, fd00::/8,")
    networks = load_settings(ImagesSettings).allowed_networks
    assert networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


def test_what_is_not_a_network_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(NETWORKS, "localhost")
    with pytest.raises(SettingsError, match=rf"{NETWORKS}.*localhost"):
        load_settings(ImagesSettings)


@pytest.mark.parametrize("name", ["", " ", "Seedwire\r\nX-Evil: 1", "Sëedwire", "x" * 300])
def test_a_user_agent_is_one_line_of_a_header(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(USER_AGENT, name)
    with pytest.raises(SettingsError, match=USER_AGENT):
        load_settings(ImagesSettings)
