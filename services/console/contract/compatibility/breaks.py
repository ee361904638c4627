"""What breaks a promise of the contract, in words that name the remedy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Break:
    """One change that breaks a promise: where, what, and what to do instead."""

    path: str
    """Such as `related[].quality`; empty for the event as a whole."""
    change: str
    """A code: `removed`, `added-required`, `no-longer-required`, `now-required`, `narrowed`,
    `widened`, `closed`, `declared`, `unclear`."""
    sentence: str
    remedy: str


def declared(field: str) -> Break:
    return Break(
        field,
        "declared",
        "is named where any name was free: old records may hold something else there",
        "choose a place whose names are not free, or leave this one undeclared",
    )


def no_longer_free(field: str) -> Break:
    return Break(
        field,
        "removed",
        "no longer holds fields of any name, which old records have",
        "keep `additionalProperties` as it was",
    )


def closed(path: str) -> Break:
    return Break(
        path,
        "closed",
        "is closed: readers that validate would refuse every field that is added later",
        "leave `additionalProperties` out",
    )


def narrowed(path: str, what: str) -> Break:
    return Break(
        path,
        "narrowed",
        f"no longer accepts {what}, which old records may hold",
        "keep accepting it, or add a field beside this one",
    )


def widened(path: str, what: str) -> Break:
    return Break(
        path,
        "widened",
        f"may now hold {what}, which readers of the earlier schema do not expect",
        "add an optional field beside this one, or a type with the next major version",
    )


def removed(field: str) -> Break:
    return Break(
        field,
        "removed",
        "is gone: readers that use it no longer get it, and its name would be free again",
        "keep it, and mark it `deprecated`",
    )


def added_required(field: str) -> Break:
    return Break(
        field, "added-required", "is new and required: old records lack it", "make it optional"
    )


def now_required(field: str) -> Break:
    return Break(
        field, "now-required", "is now required: old records may lack it", "leave it optional"
    )


def no_longer_required(field: str) -> Break:
    return Break(
        field,
        "no-longer-required",
        "may now be absent: readers of the earlier schema rely on it",
        "keep it required",
    )


def unclear(path: str, keywords: str) -> Break:
    return Break(
        path,
        "unclear",
        f"changes keywords that cannot be compared: {keywords}",
        "leave them as they were",
    )
