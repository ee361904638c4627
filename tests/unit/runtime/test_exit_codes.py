"""What a process ends with, by what ended it."""

import pytest

from services.console.supervisor.service_process import PERMANENT_FAILURES
from shared.errors import (
    DependencyRejected,
    GroupJoinRejected,
    KafkaUnavailable,
    ProcessingHalted,
    SeedwireError,
    SettingsError,
    UndeliverableEvent,
)
from shared.runtime.exit_codes import exit_code_for


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("wrong"), 2),
        (KafkaUnavailable("gone"), 3),
        (ProcessingHalted("too many"), 4),
        (DependencyRejected("no right"), 4),
        (GroupJoinRejected("again"), 5),
        (UndeliverableEvent("too large"), 1),
        (SeedwireError("the producer has died"), 1),
    ],
)
def test_each_error_has_its_exit_code(error: SeedwireError, code: int):
    assert exit_code_for(error) == code


def test_what_no_restart_helps_is_not_restarted():
    assert exit_code_for(DependencyRejected("no right")) in PERMANENT_FAILURES
