"""What `seedwire rejected` prints for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from services.console.actions.record_values import decode_seed_text
from services.console.actions.rejected.redrive import Redrive
from services.console.actions.rejected.rejected_records import (
    UNFINISHED,
    RejectedGroup,
    describe_causes,
    iterate_rejected,
    path_of,
)
from services.console.cli.output import print_json, print_line, print_rows, print_table
from services.console.counts import format_count
from services.console.redaction import contains_secured, decode_seed
from shared.events.topics import SEEDS
from shared.store import Cause, RedriveAttempt, RejectedRecord, Store
from shared.store.ports.operations.rejected import REJECTED_AGAIN, digest_value

MAX_LINES: Final = 60  # of a record's content on the terminal
MAX_LINE_CHARACTERS: Final = 400
PLACE: Final = "           "  # below the sentence of an attempt
LIST_WIDTHS: Final = (36, 9, 6, 9, 40, 0)


async def print_list(store: Store, with_dismissed: bool) -> None:
    """One row for the records of a topic with the same bytes and state: its first."""
    first: dict[tuple[str, str, str], RejectedRecord] = {}
    times: Counter[tuple[str, str, str]] = Counter()
    states: Counter[str] = Counter()
    async for record in iterate_rejected(store, with_dismissed=True):
        states[record.state] += 1
        if with_dismissed or record.state != "dismissed":
            same = (record.topic, record.state, digest_value(record.value))
            times[same] += 1
            first.setdefault(same, replace(record, value=None))
    rows = [_build_row(record, times[same]) for same, record in first.items()]
    print_rows(("id", "state", "times#", "redrives#", "path", "why"), LIST_WIDTHS, rows)
    summary = f"{times.total()} rejected, {states['open']} of them open"
    if states["dismissed"] and not with_dismissed:
        summary += f"; {states['dismissed']} dismissed (--all shows them)"
    print_line(summary)


def print_groups(groups: Sequence[RejectedGroup]) -> None:
    rows = [(group.count, group.field, group.message, group.example_id) for group in groups]
    print_table(("records#", "field", "what is wrong", "for example"), rows)


def print_record(record: RejectedRecord) -> None:
    print_line(record.id)
    print_line(path_of(record) or "(no path)")
    print_line(f"rejected by {record.service} at {_format_time(record.rejected_at)}")
    for cause in record.causes:
        print_line(f"  {_describe_cause(cause)}")
    print_line(f"{record.state}; redriven {format_count(record.attempts, 'time')}")
    for attempt in record.redrives:
        _print_attempt(attempt)
    if record.dismissal is not None:
        dismissal = record.dismissal
        at = _format_time(dismissal.at)
        closed = "resolved" if record.state == "resolved" else "dismissed"
        print_line(f"  {closed} by {dismissal.by} at {at}: {dismissal.reason}")
    if record.state in UNFINISHED:
        print_line(f"to mend it: {_explain_mending(record)}")
    _print_content(record)


def _explain_mending(record: RejectedRecord) -> str:
    """The commands. Only a seed is corrected: anything else is sent again as it was."""
    if record.topic != SEEDS:
        return f"`seedwire rejected redrive {record.id}` sends it again"
    flags = "--content"
    if contains_secured(decode_seed(record.value or b"")):
        flags += " --with-secured"
    return (
        f"`seedwire rejected show {record.id} {flags} > corrected.md`, correct the file, then "
        f"`seedwire rejected redrive {record.id} --with corrected.md`"
    )


def print_redrives(
    redrives: Sequence[Redrive],
    answers: Mapping[str, RedriveAttempt],
    dry_run: bool,
    as_json: bool,
) -> None:
    """*answers* has the attempts of the records that were sent, as far as they are known."""
    sent = "would be sent" if dry_run else "sent"
    for redrive in redrives:
        outcome = sent if redrive.is_sent else redrive.outcome
        attempt = answers.get(redrive.record_id)
        if as_json:
            _print_redrive_as_json(redrive, attempt, outcome, dry_run)
            continue
        answer = f": {_describe_outcome(attempt)}" if attempt else ""
        print_line(f"{redrive.record_id}  {outcome}{answer}")
        for cause in attempt.causes if attempt else ():
            print_line(f"{PLACE}{_describe_cause(cause)}")
        for warning in redrive.warnings:
            print_line(f"{PLACE}warning: {warning}")
    if not as_json:
        count = sum(redrive.is_sent for redrive in redrives)
        print_line(f"{count} of {len(redrives)} {sent}")


def _print_redrive_as_json(
    redrive: Redrive, attempt: RedriveAttempt | None, outcome: str, dry_run: bool
) -> None:
    causes = attempt.causes if attempt else ()
    print_json(
        {
            "id": redrive.record_id,
            "sent": redrive.is_sent and not dry_run,
            "outcome": outcome,
            "answer": (attempt.outcome or None) if attempt else None,
            "errors": describe_causes(causes),
            "warnings": [asdict(warning) for warning in redrive.warnings],
        }
    )


def _build_row(record: RejectedRecord, times: int) -> tuple[object, ...]:
    why = _describe_cause(record.causes[0])
    more = len(record.causes) - 1
    if more:
        why += f" (and {more} more)"
    return (record.id, record.state, times, record.attempts, path_of(record), why)


def _print_attempt(attempt: RedriveAttempt) -> None:
    what = "other bytes" if attempt.is_corrected else "the same bytes"
    line = f"  attempt {attempt.number}: {attempt.sent_by or 'somebody'} sent {what}"
    print_line(f"{line} at {_format_time(attempt.sent_at)}; {_describe_outcome(attempt)}")
    for cause in attempt.causes:
        print_line(f"{PLACE}{_describe_cause(cause)}")


def _describe_outcome(attempt: RedriveAttempt) -> str:
    if not attempt.outcome or attempt.answered_at is None:
        return "no answer yet"
    outcome = "rejected again" if attempt.outcome == REJECTED_AGAIN else attempt.outcome
    return f"{outcome} at {_format_time(attempt.answered_at)}"


def _print_content(record: RejectedRecord) -> None:
    """The content with line numbers, as the faults name them."""
    print_line(f"{format_count(len(record.value or b''), 'byte')}:")
    print_line()
    lines = (decode_seed_text(record.value) or "").replace("\r\n", "\n").split("\n")
    for number, text in enumerate(lines[:MAX_LINES], 1):
        print_line(f"{number:4}  {_shorten(text)}".rstrip())
    if len(lines) > MAX_LINES:
        print_line(f"      … and {len(lines) - MAX_LINES:,} more lines")


def _shorten(text: str) -> str:
    if len(text) <= MAX_LINE_CHARACTERS:
        return text
    return f"{text[:MAX_LINE_CHARACTERS]}… ({len(text):,} characters)"


def _describe_cause(cause: Cause) -> str:
    line = f" (line {cause.line})" if cause.line is not None else ""
    return f"{cause.field}{line}: {cause.message}" if cause.field else cause.message


def _format_time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
