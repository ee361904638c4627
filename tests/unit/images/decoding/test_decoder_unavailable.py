"""What follows when this machine starts no process to decode in: the worker waits, and says why."""

from shared.broker.reading.progress import DECODER, Progress
from shared.errors import DecoderUnavailable
from shared.runtime.exit_codes import DEPENDENCY_UNAVAILABLE, exit_code_for

ERROR = DecoderUnavailable("no process to decode in could be started: too many open files")


def test_the_worker_waits_for_a_decoder_and_not_for_kafka_or_the_store():
    progress = Progress()
    progress.mark_waiting(ERROR)
    assert progress.waiting is not None
    assert progress.waiting.dependency == DECODER
    assert progress.note == str(ERROR)


def test_a_restart_helps():
    assert exit_code_for(ERROR) == DEPENDENCY_UNAVAILABLE
