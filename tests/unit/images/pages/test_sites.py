"""Which hosts belong to one site."""

import socket

import pytest

from services.enrichment.images.pages.sites import is_same_site, load_suffix_list


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("paper.example", "paper.example"),
        ("www.paper.example", "amp.paper.example"),
        ("www.guardian.co.uk", "amp.guardian.co.uk"),
        ("paper.com", "a.b.paper.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("localhost", "localhost"),
        ("author.github.io", "www.author.github.io"),
        ("xn--bcher-kva.example", "www.bücher.example"),
    ],
)
def test_hosts_of_one_owner_are_one_site(host: str, other: str):
    assert is_same_site(f"https://{host}/a", f"http://{other}:8080/b")


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("paper.example", "other.example"),
        ("guardian.co.uk", "evil.co.uk"),
        ("www.guardian.co.uk", "amp.evil.co.uk"),
        ("guardian.co.uk", "co.uk"),
        ("one.github.io", "two.github.io"),
        ("127.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "1.0.0.1"),
        ("[::1]", "[::2]"),
        ("localhost", "127.0.0.1"),
    ],
)
def test_hosts_of_different_owners_are_different_sites(host: str, other: str):
    assert not is_same_site(f"https://{host}/", f"https://{other}/")


def test_the_suffix_list_is_never_downloaded(monkeypatch: pytest.MonkeyPatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a connection was attempted")

    load_suffix_list.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert not is_same_site("https://a.paper.co.uk/", "https://a.other.co.uk/")
