"""What an error of the Kafka client means: repeat, give this record up, or end the process."""

from aiokafka import errors

from shared.broker.errors.error_table import ERROR_CLASSES, UNENCODABLE
from shared.errors import (
    DependencyRejected,
    ErrorClass,
    KafkaUnavailable,
    SeedwireError,
    UndeliverableEvent,
)


def classify(error: Exception) -> ErrorClass:
    """What *error*, raised by the Kafka client, means for the record at hand."""
    for kind in type(error).__mro__:
        if kind in ERROR_CLASSES:
            return ERROR_CLASSES[kind]
    if isinstance(error, UNENCODABLE):
        return ErrorClass.PERMANENT
    return ErrorClass.TRANSIENT


def is_dead_producer(error: Exception) -> bool:
    """Whether *error* says that this producer will never send again, however long we wait."""
    return is_dead_client(error) or isinstance(
        error, (errors.ProducerClosed, errors.ProducerFenced)
    )


def is_dead_client(error: Exception) -> bool:
    """Whether aiokafka calls *error* unexpected, which is a bare KafkaError.

    It has then ended the task that sends, or the one that keeps the consumer in its group (seen
    under uvloop: a write to a connection that was just reset). Each further call raises it again.
    """
    return type(error) is errors.KafkaError


def translate_error(error: Exception, sentence: str) -> SeedwireError:
    """The error of ours that *error* means; *sentence* says what failed.

    KafkaUnavailable: repeat. UndeliverableEvent: this event never succeeds. DependencyRejected: end
    the process.
    """
    message = f"{sentence}: {describe_error(error)}"
    match classify(error):
        case ErrorClass.PERMANENT:
            return UndeliverableEvent(message)
        case ErrorClass.FATAL:
            return DependencyRejected(f"{message}; no restart helps until that is changed")
        case _:
            return KafkaUnavailable(message)


def translate_code(code: int, reason: str | None, sentence: str) -> SeedwireError:
    """As `translate_error`, for the numeric code that an answer of Kafka contains."""
    error = errors.for_code(code)()
    detail = f" ({reason})" if reason else ""
    return translate_error(error, f"{sentence}{detail}")


def describe_error(error: Exception) -> str:
    """The name of the error, and what it says beyond that, in one line of bounded length."""
    name = type(error).__name__
    text = " ".join(str(argument) for argument in error.args)
    line = " ".join(text.split())[:300]
    return f"{name}: {line}" if line else name
