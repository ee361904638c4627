"""Errors of decoders, in words."""

import io

from services.enrichment.images.decoding.decoder_errors import describe_error


def test_memory_addresses_are_left_out():
    error = OSError(f"cannot read {io.BytesIO()!r} near 0x7f1234567890")
    assert describe_error(error) == "cannot read the file near the file"


def test_an_error_without_words_is_named():
    assert describe_error(EOFError()) == "EOFError"
