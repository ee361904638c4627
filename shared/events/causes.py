"""Why a record was rejected, or what a receipt warns of, as JSON of bounded size."""

from collections.abc import Sequence
from dataclasses import replace

from shared.budgets import (
    MAX_CAUSE_FIELD_CHARACTERS,
    MAX_CAUSE_MESSAGE_CHARACTERS,
    MAX_CAUSES,
    cut_text,
)
from shared.events.public.receipts import Fault
from shared.store.ports.operations.rejected import Cause


def fit_causes(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """*causes* with long texts cut; of too many, the first, and how many more there are."""
    fitted = [_fit_cause(cause) for cause in causes[:MAX_CAUSES]]
    surplus = len(causes) - MAX_CAUSES
    if surplus > 0:
        surplus += 1  # the note takes the place of a cause
        fitted[-1] = Cause("", None, f"{surplus:,} more faults are not listed.")
    return tuple(fitted)


def build_faults(causes: Sequence[Cause]) -> list[Fault]:
    """As events have them, cut to their budget."""
    return [
        Fault(field=cause.field, line=cause.line, message=cause.message)
        for cause in fit_causes(causes)
    ]


def _fit_cause(cause: Cause) -> Cause:
    return replace(
        cause,
        field=_fit_text(cause.field, MAX_CAUSE_FIELD_CHARACTERS),
        message=_fit_text(cause.message, MAX_CAUSE_MESSAGE_CHARACTERS),
    )


def _fit_text(text: str, max_characters: int) -> str:
    """Half characters (lone surrogates) become `?`: neither JSON nor a store takes them."""
    return cut_text(text, max_characters).encode(errors="replace").decode()
