"""W3C trace context: what is taken over, and what begins anew."""

import pytest

from shared.trace_context import (
    TraceContext,
    begin_trace,
    decode_trace,
    encode_trace,
    parse_trace_context,
)

TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = f"00-{TRACE_ID}-{PARENT_ID}-01"


@pytest.mark.parametrize("flags", ["00", "01", "ff"])
def test_a_valid_traceparent_is_taken_over_as_it_is(flags: str):
    given = f"00-{TRACE_ID}-{PARENT_ID}-{flags}"
    assert parse_trace_context(given) == TraceContext(given)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        GIVEN.upper(),
        f"01-{TRACE_ID}-{PARENT_ID}-01",
        f"ff-{TRACE_ID}-{PARENT_ID}-01",
        f"00-{'0' * 32}-{PARENT_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID[:-1]}-{PARENT_ID}-01",
        f"00-{TRACE_ID}-{PARENT_ID}-1",
        f"{GIVEN}-more",
        f" {GIVEN}",
        f"{GIVEN}\n",
    ],
)
def test_a_malformed_traceparent_counts_as_none(given: str):
    assert parse_trace_context(given, "a=b") is None


@pytest.mark.parametrize(
    "given", ["a=b", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7", "t@system=1, b=c d", "a=b,,c=d"]
)
def test_a_valid_tracestate_goes_with_it(given: str):
    assert parse_trace_context(GIVEN, given) == TraceContext(GIVEN, given)


@pytest.mark.parametrize(
    "given",
    ["", ",", "a", "A=b", "=b", "a=b=c", "a=b\n", "a=ä", "a=" + "b" * 600, ",".join(["a=b"] * 33)],
)
def test_a_malformed_tracestate_is_left_out(given: str):
    assert parse_trace_context(GIVEN, given) == TraceContext(GIVEN)


def test_a_trace_that_begins_is_valid_and_the_same_for_the_same_drop_alone():
    begun = begin_trace("cluster/seeds/0/7")
    assert parse_trace_context(*begun) == begun
    assert begin_trace("cluster/seeds/0/7") == begun
    assert begin_trace("cluster/seeds/0/8").trace_id != begun.trace_id


@pytest.mark.parametrize("trace", [None, TraceContext(GIVEN), TraceContext(GIVEN, "a=b c, d=e")])
def test_a_trace_that_is_stored_comes_back(trace: TraceContext | None):
    assert decode_trace(encode_trace(trace)) == trace
