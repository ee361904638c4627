"""The kinds of faults, and how often each is injected."""

from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from tests.faults import dependency_faults, process_faults
from tests.faults.dependency_faults import disturb_network
from tests.faults.system.engines import EngineKind
from tests.faults.system.system_under_test import SystemUnderTest

Fault = Callable[[SystemUnderTest], Coroutine[Any, Any, bool]]


@dataclass(frozen=True)
class FaultKind:
    """*weight* is how often it is injected, relative to the others.

    A fault that *hits_all* processes is never injected together with another one that does.
    """

    inject: Fault
    weight: int
    hits_all: bool = False
    only_on: EngineKind | None = None


FAULT_KINDS: Final = {
    "kill at a failpoint": FaultKind(process_faults.kill_at_failpoint, 18),
    "kill at random": FaultKind(process_faults.kill_at_random, 6),
    "zombie (SIGSTOP past the session)": FaultKind(process_faults.freeze_past_session, 5),
    "rebalance (worker added, then gone)": FaultKind(process_faults.rebalance, 5),
    "write happened, answer lost": FaultKind(process_faults.lose_answer_of_write, 14),
    "half a bulk applied": FaultKind(process_faults.apply_half_of_bulk, 8),
    "write failed": FaultKind(process_faults.fail_write, 4),
    "send happened, answer lost": FaultKind(process_faults.lose_answer_of_send, 10),
    "slow process": FaultKind(process_faults.delay_at_failpoint, 6),
    "store away for one": FaultKind(process_faults.fail_store, 4),
    "store away for all": FaultKind(dependency_faults.block_store, 2, hits_all=True),
    "broker bounced": FaultKind(dependency_faults.bounce_broker, 2, hits_all=True),
    "poison": FaultKind(dependency_faults.send_poison, 5),
    "disk full": FaultKind(process_faults.fill_disk, 4, only_on="embedded"),
    "network slow": FaultKind(disturb_network("slow", 1, 3), 2, hits_all=True),
    "network silent": FaultKind(disturb_network("silent", 1, 4), 2, hits_all=True),
    "network cut": FaultKind(disturb_network("cut", 0.5, 2), 2, hits_all=True),
    "network reset": FaultKind(dependency_faults.reset_network, 3, hits_all=True),
}
"""By the name that reports show and `--only` takes."""


def select_kinds(engine: EngineKind, only: Collection[str] = ()) -> dict[str, FaultKind]:
    """The kinds that *only* names, or all that are possible on these engines."""
    if only:
        return {name: kind for name, kind in FAULT_KINDS.items() if name in only}
    return {name: kind for name, kind in FAULT_KINDS.items() if kind.only_on in (None, engine)}
