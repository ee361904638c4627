"""Networks that are let in, as an operator writes them."""

from ipaddress import ip_network

import pytest

from services.enrichment.images.settings import ImagesSettings
from shared.errors import SettingsError
from shared.settings import read


def test_none_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SEEDWIRE_IMAGES_ALLOW_NETWORKS", raising=False)
    assert read(ImagesSettings).allowed == ()


def test_several_with_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEEDWIRE_IMAGES_ALLOW_NETWORKS", "127.0.0.0/8, fd00::/8,")
    assert read(ImagesSettings).allowed == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


def test_what_is_no_network_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEEDWIRE_IMAGES_ALLOW_NETWORKS", "localhost")
    with pytest.raises(SettingsError, match=r"SEEDWIRE_IMAGES_ALLOW_NETWORKS.*localhost"):
        read(ImagesSettings)


@pytest.mark.parametrize("name", ["", " ", "Seedwire\r\nX-Evil: 1", "Sëedwire", "x" * 300])
def test_a_user_agent_is_one_line_of_a_header(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv("SEEDWIRE_IMAGES_USER_AGENT", name)
    with pytest.raises(SettingsError, match="SEEDWIRE_IMAGES_USER_AGENT"):
        read(ImagesSettings)
