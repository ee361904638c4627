"""The table of the Kafka client's errors: which are worth a repeat.

Every error class of aiokafka is in it once; a test fails for one that a new version adds.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka import errors

from shared.errors import ErrorClass

_Kinds = Iterable[type[errors.KafkaError]]

_TRANSIENT: Final[_Kinds] = (
    # Kafka, or the broker that is asked, does not answer or cannot answer now.
    errors.KafkaUnavailableError,
    errors.KafkaTimeoutError,
    errors.KafkaConnectionError,
    errors.NoBrokersAvailable,
    errors.NodeNotReadyError,
    errors.MetadataEmptyBrokerList,
    errors.StaleMetadata,
    errors.RequestTimedOutError,
    errors.BrokerNotAvailableError,
    errors.ReplicaNotAvailableError,
    errors.LeaderNotAvailableError,
    errors.NotLeaderForPartitionError,
    errors.NotControllerError,
    errors.StaleControllerEpochError,
    errors.StaleLeaderEpochCodeError,
    errors.NotEnoughReplicasError,
    errors.NotEnoughReplicasAfterAppendError,
    errors.KafkaStorageError,
    errors.LogDirNotFound,
    errors.ListenerNotFound,
    errors.ReassignmentInProgress,
    errors.QuotaViolationError,
    errors.OperationNotAttempted,
    # A topic that does not exist yet, or not everywhere yet.
    errors.UnknownTopicOrPartitionError,
    errors.TopicAlreadyExistsError,
    # Kafka rejects a replication factor above the number of brokers that it sees just now.
    errors.InvalidReplicationFactorError,
    # The client's view of a conversation that has to begin again.
    errors.KafkaProtocolError,
    errors.CorrelationIdError,
    errors.Cancelled,
    errors.TooManyInFlightRequests,
    errors.FetchSessionIdNotFound,
    errors.InvalidFetchSessionEpoch,
    errors.OffsetOutOfRangeError,
    # Consumer groups: rebalances, and coordinators that move.
    errors.CommitFailedError,
    errors.GroupLoadInProgressError,
    errors.GroupCoordinatorNotAvailableError,
    errors.NotCoordinatorForGroupError,
    errors.IllegalGenerationError,
    errors.InconsistentGroupProtocolError,
    errors.UnknownMemberIdError,
    errors.MemberIdRequired,
    errors.RebalanceInProgressError,
    errors.NonEmptyGroup,
    errors.GroupIdNotFound,
    # The producer has ended: see `is_dead_producer`.
    errors.KafkaError,
    errors.ProducerClosed,
    errors.ProducerFenced,
    # The producer has lost its place: see LOST_PLACE.
    errors.OutOfOrderSequenceNumber,
    errors.InvalidProducerEpoch,
    errors.InvalidProducerIdMapping,
    errors.UnknownProducerId,
    errors.DuplicateSequenceNumber,
    errors.InvalidTxnState,
    errors.ConcurrentTransactions,
    errors.TransactionCoordinatorFenced,
    # Answers that explain nothing: see UNEXPLAINED. aiokafka shows a code that it does not know as
    # UnknownError.
    errors.BrokerResponseError,
    errors.NoError,
    errors.UnknownError,
    errors.CorruptRecordException,
    errors.InvalidRequestError,
)

_PERMANENT: Final[_Kinds] = (
    errors.MessageSizeTooLargeError,
    errors.RecordTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidTimestampError,
    errors.UnsupportedForMessageFormatError,
)

_FATAL: Final[_Kinds] = (
    # Rights and credentials.
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabled,
    errors.DelegationTokenAuthDisabled,
    errors.DelegationTokenNotFound,
    errors.DelegationTokenOwnerMismatch,
    errors.DelegationTokenRequestNotAllowed,
    errors.DelegationTokenAuthorizationFailed,
    errors.DelegationTokenExpired,
    errors.InvalidPrincipalType,
    # Versions.
    errors.UnsupportedVersionError,
    errors.UnrecognizedBrokerVersion,
    errors.IncompatibleBrokerVersion,
    errors.UnsupportedCodecError,
    # Settings, ours or the cluster's.
    errors.InvalidTopicError,
    errors.InvalidGroupIdError,
    errors.InvalidSessionTimeoutError,
    errors.InvalidRequiredAcksError,
    errors.InvalidPartitionsError,
    errors.InvalidReplicationAssignmentError,
    errors.InvalidConfigurationError,
    errors.InvalidTransactionTimeout,
    errors.PolicyViolationError,
    errors.KafkaConfigurationError,
    errors.NoOffsetForPartitionError,
    # Mistakes of ours that no repeat corrects.
    errors.IllegalStateError,
    errors.IllegalArgumentError,
    errors.InvalidFetchRequestError,
    errors.OffsetMetadataTooLargeError,
    errors.InvalidCommitOffsetSizeError,
)


def _build_table() -> Mapping[type[errors.KafkaError], ErrorClass]:
    table: dict[type[errors.KafkaError], ErrorClass] = {}
    for error_class, kinds in (
        (ErrorClass.TRANSIENT, _TRANSIENT),
        (ErrorClass.PERMANENT, _PERMANENT),
        (ErrorClass.FATAL, _FATAL),
    ):
        for kind in kinds:
            assert kind not in table, f"{kind.__name__} is classed twice"
            table[kind] = error_class
    return table


ERROR_CLASSES: Final = _build_table()
"""The class of every error of aiokafka."""

UNEXPLAINED: Final = (
    errors.UnknownError,
    errors.CorruptRecordException,
    errors.InvalidRequestError,
)
"""Transient errors that may after all be about the record: Kafka answers, but does not say why.

A send that still fails with one of them at the retry deadline is permanent for this record.
"""

LOST_PLACE: Final = (
    errors.OutOfOrderSequenceNumber,
    errors.InvalidProducerEpoch,
    errors.InvalidProducerIdMapping,
    errors.UnknownProducerId,
)
"""An idempotent producer counts its batches, and Kafka and it no longer agree on the number.

So it is after Kafka refused one of them: aiokafka counts it nevertheless. Such a producer fails for
that partition for ever, and a new one does not.
"""

# What aiokafka raises before it sends anything if a part of a record has no form on the wire.
UNENCODABLE: Final = (AssertionError, TypeError, ValueError, OverflowError)
