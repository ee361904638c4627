"""What can go wrong, and what follows from it.

SeedwireError
├── SettingsError            a setting is wrong           the process ends with exit code 2
├── DependencyUnavailable    Kafka or the store is down   wait and retry: nothing is lost
│   ├── StoreUnavailable
│   ├── DecoderUnavailable   this machine starts no process that decodes pictures
│   ├── MachineUnavailable   this machine has no disk or no open files left
│   └── KafkaUnavailable
│       └── UnexplainedError Kafka answers, without reason the same, then: UndeliverableEvent
├── UnprocessableRecord      this record always fails     reject it, go on with the others
│   └── SeedError            a seed breaks the format     shared.article: every fault is listed
├── UndeliverableEvent       Kafka never takes this event keep it, go on with the others
├── DependencyRejected       we are rejected for good     the process stops; a person must look
├── GroupJoinRejected        the group rejects our join   the process is restarted
├── RulesetChanged           a ruleset was promoted       the process is restarted, commits nothing
└── ProcessingHalted         too much is wrong            the process stops; a person must look
"""

from enum import Enum


class ErrorClass(Enum):
    """What an error of a client, Kafka's or a store's, means for the record at hand.

    Each client has one table that classes every error of its own once, such as
    `shared.broker.errors.error_table`. Nothing else decides whether an error is worth a repeat.
    """

    TRANSIENT = "transient"
    """It passes by itself: wait and repeat until the retry deadline (DependencyUnavailable)."""
    PERMANENT = "permanent for this record"
    """A repeat fails alike: put this one record or event aside with its cause, and go on with the
    others (UnprocessableRecord, UndeliverableEvent)."""
    FATAL = "fatal"
    """No record can succeed until a person changes something: the process ends, and no supervisor
    restarts it (DependencyRejected)."""


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


class DecoderUnavailable(DependencyUnavailable):
    """This machine starts no process to decode in: it has no memory or too many processes.

    No picture is to blame. Whatever was begun is repeated.
    """


class MachineUnavailable(DependencyUnavailable):
    """This machine has no room on a disk, no open files or no memory left.

    No record is to blame. Whatever was begun is repeated.
    """


class KafkaUnavailable(DependencyUnavailable):
    """Kafka does not answer, or did not acknowledge a send.

    Sends are safe to repeat: event ids are deterministic.
    """


class UnexplainedError(KafkaUnavailable):
    """Kafka answered a send with an error that does not say what is wrong.

    Consequence: as KafkaUnavailable until the retry deadline. What Kafka still does not take then
    counts as undeliverable, and the process goes on.
    """


class UnprocessableRecord(SeedwireError):
    """A record can never be processed.

    Consequence: it is kept as a rejected record, and the rest of its batch goes on.
    """


class UndeliverableEvent(SeedwireError):
    """Kafka will never take this event: it is too large, for example.

    Consequence: it is kept in the store as an undelivered event with its cause and counts as
    announced; the events around it are sent.
    """


class DependencyRejected(SeedwireError):
    """Kafka or the store answers, and rejects this process for good.

    It lacks a right, or one side does not support the other's version. Consequence: exit code 4,
    and nothing is committed. A person must look, as no restart helps.
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
