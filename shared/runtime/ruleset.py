"""The ruleset: settings that were promoted to the store, used where the environment sets nothing.

Every process reads the ruleset when it starts. Before each batch it checks whether that ruleset is
still the latest; if not, it ends before the batch begins, and is restarted. So once a promotion is
written, no process begins anything by an older ruleset.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace

from shared.broker.records import Event, Record
from shared.errors import RulesetChanged
from shared.runtime.service import PeriodicTask, Service
from shared.settings import SomeSettings, load_settings
from shared.store import Ruleset, Store

Environment = MutableMapping[str, str]


def environment_variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"SEEDWIRE_{name.upper()}"


async def adopt_ruleset(store: Store, environment: Environment = os.environ) -> Ruleset:
    """Put the latest ruleset into *environment*, whose own values win, and return the ruleset.

    Call it once per process, before settings are read.
    """
    ruleset = await store.rulesets.get_latest()
    for name, value in ruleset.settings.items():
        environment.setdefault(environment_variable(name), value)
    return ruleset


async def load_settings_in_force(
    kind: type[SomeSettings], store: Store, environment: Mapping[str, str] = os.environ
) -> SomeSettings:
    """The settings of the latest ruleset, where *environment* has no values of its own.

    For a process that outlives rulesets: the environment stays as it is. Raises SettingsError.
    """
    ruleset = await store.rulesets.get_latest()
    values: dict[str, str] = {}
    for name, value in ruleset.settings.items():
        if name in kind.model_fields and environment_variable(name) not in environment:
            values[name] = value
    return load_settings(kind, values)


def bind_ruleset(service: Service, number: int) -> Service:
    """A service that raises RulesetChanged once another ruleset than *number* is the latest.

    Its handler and its periodic tasks check this before they begin.
    """

    async def handle(records: Sequence[Record], store: Store) -> list[Event]:
        await _require_latest(store, number)
        return await service.handle(records, store)

    tasks = [replace(task, run=_bind_task(task, number)) for task in service.periodic_tasks]
    return replace(service, handle=handle, periodic_tasks=tuple(tasks))


def _bind_task(task: PeriodicTask, number: int) -> Callable[[Store], Awaitable[list[Event]]]:
    async def run(store: Store) -> list[Event]:
        await _require_latest(store, number)
        return await task.run(store)

    return run


async def _require_latest(store: Store, number: int) -> None:
    latest = (await store.rulesets.get_latest()).number
    if latest != number:
        raise RulesetChanged(
            f"ruleset {latest} was promoted, this process works by ruleset {number}: it restarts"
        )
