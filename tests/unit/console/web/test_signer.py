"""What a browser keeps for us and cannot change."""

from services.console.web.security.signer import Signer

TOKEN = "a token for these tests"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_what_was_signed_is_read_back():
    signer = Signer(TOKEN)
    claim = signer.check("session", signer.sign("session", "ännchen; <b>", 60))
    assert claim is not None
    assert claim.name == "ännchen; <b>"


def test_it_is_good_for_one_purpose():
    signer = Signer(TOKEN)
    assert signer.check("link", signer.sign("session", "ann", 60)) is None


def test_it_ends():
    clock = Clock()
    signer = Signer(TOKEN, clock)
    signed = signer.sign("session", "ann", 60)
    clock.now += 59
    assert signer.check("session", signed) is not None
    clock.now += 1
    assert signer.check("session", signed) is None


def test_every_change_of_a_character_is_noticed():
    signer = Signer(TOKEN)
    signed = signer.sign("session", "ann", 60)
    for position, letter in enumerate(signed):
        changed = "B" if letter != "B" else "C"
        forged = signed[:position] + changed + signed[position + 1 :]
        claim = signer.check("session", forged)
        assert claim is None, position


def test_another_token_knows_none_of_it():
    signed = Signer(TOKEN).sign("session", "ann", 60)
    assert Signer("another token for tests").check("session", signed) is None
    assert Signer(TOKEN).check("session", signed) is not None


def test_without_a_token_each_process_has_a_key_of_its_own():
    assert Signer("").check("session", Signer("").sign("session", "ann", 60)) is None
