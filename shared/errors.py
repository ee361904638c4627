"""What can go wrong, and what follows from it.

SeedwireError
├── SettingsError            a setting is wrong           the process ends with exit code 2
├── DependencyUnavailable    Kafka or the store is down   wait and retry: nothing is lost
│   ├── StoreUnavailable
│   └── KafkaUnavailable
├── UnprocessableRecord      this record always fails     reject it, go on with the others
│   └── SeedError            a seed breaks the format     shared.article: every fault is listed
├── GroupJoinRejected        the group rejects our join   the process is restarted
├── RulesetChanged           a ruleset was promoted       the process is restarted, commits nothing
└── ProcessingHalted         too much is wrong            the process stops; a person must look
"""


class SeedwireError(Exception):
    """Root of everything that Seedwire raises itself."""


class SettingsError(SeedwireError):
    """A setting is missing or wrong. Consequence: exit code 2 and one sentence for the operator."""


class DependencyUnavailable(SeedwireError):
    """Kafka or the store does not answer.

    Consequence: services retry with backoff, and leave the batch uncommitted; commands exit with
    code 3.
    """


class StoreUnavailable(DependencyUnavailable):
    """The store does not answer, or a write may or may not have happened.

    Writes are safe to repeat.
    """


class KafkaUnavailable(DependencyUnavailable):
    """Kafka does not answer, or did not acknowledge a send.

    Sends are safe to repeat: event ids are deterministic.
    """


class UnprocessableRecord(SeedwireError):
    """A record can never be processed.

    Consequence: it is kept as a rejected record, and the rest of its batch goes on.
    """


class GroupJoinRejected(SeedwireError):
    """Kafka answers, but the consumer group keeps rejecting our join.

    Consequence: exit code 5 and a restart. The groups of the embedded broker can stay like that for
    good, so there everything is restarted.
    """


class RulesetChanged(SeedwireError):
    """Another ruleset was promoted since this process started.

    Consequence: exit code 3, nothing is committed, and the process is restarted.
    """


class ProcessingHalted(SeedwireError):
    """Going on would do harm: too many invalid records, or two processes with one instance id.

    Consequence: exit code 4, and nothing is committed. A person must look.
    """
