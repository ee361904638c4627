"""What can go wrong, and what follows from it.

SeedwireError
├── SettingsError        wrong settings        the process ends with exit code 2, before it touches anything
├── EngineAway           an engine is gone     wait and try again: nothing is lost, the batch stays uncommitted
│   ├── StoreAway
│   └── BrokerAway
├── Unprocessable        this record, always   reject the record, go on with the others
│   └── SeedError        a seed breaks the format (shared.article): answered with every fault, field and line
├── ShutOut              its group has no place    the process is started anew; with the embedded broker, everything is
├── Outdated             other rules stand     the process stops without committing and is started anew
└── Halted               too much is wrong     the process stops without committing; a person looks
"""


class SeedwireError(Exception):
    """Root of everything Seedwire raises itself."""


class SettingsError(SeedwireError):
    """A setting is missing or wrong. Consequence: exit code 2 and one sentence for the operator."""


class EngineAway(SeedwireError):
    """An engine does not answer. Consequence: services wait with backoff and repeat; commands exit with 3."""


class StoreAway(EngineAway):
    """The store does not answer, or a write may or may not have happened. Writes are safe to repeat."""


class BrokerAway(EngineAway):
    """Kafka does not answer, or a send was not acknowledged. Sends are safe to repeat: event ids are deterministic."""


class Unprocessable(SeedwireError):
    """One record can never be handled. Consequence: it is kept as rejected, the rest of its batch goes on."""


class ShutOut(SeedwireError):
    """Kafka answers, but our group lets us in no more. Consequence: exit code 5 and a restart; with the embedded
    broker, whose groups can stay like that for good, a restart of everything."""


class Outdated(SeedwireError):
    """Other rules were promoted since this process started. Consequence: exit code 3, and it is started anew."""


class Halted(SeedwireError):
    """Going on would do harm (too many invalid records, or an identity fight). Consequence: stop, commit nothing."""
