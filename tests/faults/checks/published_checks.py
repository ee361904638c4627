"""The topics `published.log` and `published.state` beside the decisions in the store."""

import json
from collections.abc import Iterable, Iterator, Mapping

from shared.events.topics import PUBLISHED_STATE
from shared.store import Decision
from tests.faults.system.external_client import ConsumedRecord, ExternalClient

RevisionKey = tuple[str, int]  # article id, number of the revision
RevisionForm = tuple[str, str | None, bytes | None]  # event id, event type, data


def check_log(
    log: Iterable[ConsumedRecord], decisions: Mapping[str, Decision], generation: int
) -> Iterator[str]:
    """Each revision always has one id and one content, there are no gaps, and all are saved."""
    forms: dict[RevisionKey, set[RevisionForm]] = {}
    revisions: dict[str, set[int]] = {}
    for record in log:
        number = json.loads(record.value or b"{}")["revision"]
        form = (record.headers["ce_id"], record.headers["ce_type"], record.value)
        forms.setdefault((record.key, number), set()).add(form)
        if record.generation == generation:
            revisions.setdefault(record.key, set()).add(number)
    yield from _check_forms(forms)
    yield from _check_gaps(revisions, is_first_generation=generation == 1)
    yield from _check_latest(revisions, decisions)


def _check_forms(forms: Mapping[RevisionKey, set[RevisionForm]]) -> Iterator[str]:
    for (key, number), different in forms.items():
        ids = sorted({event_id for event_id, _, _ in different})
        if len(different) > 1 or ids != [f"{key}.{number}"]:
            yield f"{key} revision {number} has {len(different)} forms, with the ids {ids}"


def _check_gaps(revisions: Mapping[str, set[int]], is_first_generation: bool) -> Iterator[str]:
    """A broker that began with empty topics has the latest revision of then, and all after it."""
    for key, numbers in revisions.items():
        first = 1 if is_first_generation else min(numbers)
        if sorted(numbers) != list(range(first, max(numbers) + 1)):
            yield f"{key} has revisions {sorted(numbers)}"


def _check_latest(
    revisions: Mapping[str, set[int]], decisions: Mapping[str, Decision]
) -> Iterator[str]:
    for key in decisions.keys() | revisions.keys():
        saved = decisions[key].revision if key in decisions else 0
        announced = max(revisions.get(key, {0}))
        if saved != announced:
            yield f"{key}: revision {saved} is saved, {announced} is announced"


def check_state(client: ExternalClient, decisions: Mapping[str, Decision]) -> Iterator[str]:
    """The last record of each key is what the store says is published.

    A compacted topic keeps nothing else.
    """
    last: dict[str, bytes] = {}
    for record in sorted(client.consumed[PUBLISHED_STATE], key=lambda record: record.position):
        if record.generation == client.generation:
            last.pop(record.key, None)
            if record.value is not None:
                last[record.key] = record.value
    expected = {}
    for key, decision in decisions.items():
        if decision.published and decision.latest:
            expected[key] = decision.latest.data
    for key in expected.keys() | last.keys():
        if expected.get(key) != last.get(key):
            actual, wanted = _describe(last.get(key)), _describe(expected.get(key))
            yield f"{key}: published.state ends with {actual}, not {wanted}"


def _describe(data: bytes | None) -> str:
    return "nothing" if data is None else f"revision {json.loads(data)['revision']}"
