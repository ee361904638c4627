"""The clock of sessions stands still while the gateway does."""

from deploy.embedded.gateway.groups.awake_clock import LONGEST_STEP, AwakeClock


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_time_that_is_looked_at_often_counts_in_full():
    fake = FakeClock()
    clock = AwakeClock(fake)
    for _ in range(100):
        fake.now += 0.125
        clock.read()
    assert clock.read() == 12.5


def test_a_suspended_machine_ends_no_session():
    fake = FakeClock()
    clock = AwakeClock(fake)
    fake.now += 3600
    assert clock.read() == LONGEST_STEP
