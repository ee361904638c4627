"""The table of Kafka's errors: complete, and what each class leads to."""

from collections.abc import Iterator

import pytest
from aiokafka import errors

from shared.broker.errors.error_classes import classify, translate_code, translate_error
from shared.broker.errors.error_table import ERROR_CLASSES, UNEXPLAINED
from shared.errors import (
    DependencyRejected,
    ErrorClass,
    KafkaUnavailable,
    SeedwireError,
    UndeliverableEvent,
)


def list_subclasses(kind: type[errors.KafkaError]) -> Iterator[type[errors.KafkaError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from list_subclasses(subclass)


def test_every_error_of_the_client_is_classed():
    known = {errors.KafkaError, *list_subclasses(errors.KafkaError)}
    of_aiokafka = {kind for kind in known if kind.__module__.startswith("aiokafka")}
    assert len(of_aiokafka) > 100
    assert of_aiokafka == set(ERROR_CLASSES)


def test_what_kafka_itself_calls_retriable_is_transient():
    retriable = [kind for kind in ERROR_CLASSES if kind.retriable]
    assert {ERROR_CLASSES[kind] for kind in retriable} == {ErrorClass.TRANSIENT}


def test_unexplained_errors_are_transient_at_first():
    assert {classify(kind()) for kind in UNEXPLAINED} == {ErrorClass.TRANSIENT}


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (errors.KafkaConnectionError("refused"), KafkaUnavailable),
        (errors.RequestTimedOutError(), KafkaUnavailable),
        (errors.NotEnoughReplicasError(), KafkaUnavailable),
        (errors.MessageSizeTooLargeError("3145800 bytes"), UndeliverableEvent),
        (errors.RecordTooLargeError(), UndeliverableEvent),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), UndeliverableEvent),
        (errors.TopicAuthorizationFailedError("published.log"), DependencyRejected),
        (errors.UnsupportedVersionError(), DependencyRejected),
        (errors.SaslAuthenticationFailed(), DependencyRejected),
        (OSError("broken pipe"), KafkaUnavailable),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_an_error_becomes_ours_and_says_what_failed(error: Exception, meaning: type[SeedwireError]):
    translated = translate_error(error, "Kafka did not do it")
    assert type(translated) is meaning
    assert str(translated).startswith(f"Kafka did not do it: {type(error).__name__}")


def test_the_code_in_an_answer_is_classed_by_the_same_table():
    rejected = translate_code(29, "no right to create", "topic seeds cannot be created")
    assert isinstance(rejected, DependencyRejected)
    assert "(no right to create): TopicAuthorizationFailedError" in str(rejected)
    assert isinstance(translate_code(38, None, "topic seeds cannot be created"), KafkaUnavailable)


def test_a_message_stays_short_whatever_the_error_holds():
    error = errors.MessageSizeTooLargeError("x" * 100_000)
    assert len(str(translate_error(error, "failed"))) < 500
