"""Kafka's requests by their numbers, and which versions of each the gateway speaks.

Source: the Kafka protocol guide. The versions are those that Kafka 4 speaks (kio has no others),
as far as the broker does.
"""

from collections.abc import Mapping
from typing import Final

PRODUCE: Final = 0
FETCH: Final = 1
LIST_OFFSETS: Final = 2
METADATA: Final = 3
OFFSET_COMMIT: Final = 8
OFFSET_FETCH: Final = 9
FIND_COORDINATOR: Final = 10
JOIN_GROUP: Final = 11
HEARTBEAT: Final = 12
LEAVE_GROUP: Final = 13
SYNC_GROUP: Final = 14
DESCRIBE_GROUPS: Final = 15
LIST_GROUPS: Final = 16
API_VERSIONS: Final = 18
CREATE_TOPICS: Final = 19
DELETE_TOPICS: Final = 20
DELETE_RECORDS: Final = 21
INIT_PRODUCER_ID: Final = 22
DESCRIBE_CONFIGS: Final = 32
DELETE_GROUPS: Final = 42
DESCRIBE_CLUSTER: Final = 60

# Not here, so that clients use something else or say that it is missing: transactions, SASL, ACLs,
# changing a topic's settings, and the newer consumer groups (KIP-848).
VERSIONS: Final[Mapping[int, tuple[int, int]]] = {
    PRODUCE: (3, 11),
    FETCH: (4, 17),
    LIST_OFFSETS: (1, 6),  # from 7 on a client may ask for what the broker does not know
    METADATA: (0, 12),
    OFFSET_COMMIT: (2, 9),
    OFFSET_FETCH: (1, 9),
    FIND_COORDINATOR: (0, 4),
    JOIN_GROUP: (0, 9),
    HEARTBEAT: (0, 4),
    LEAVE_GROUP: (0, 5),
    SYNC_GROUP: (0, 5),
    DESCRIBE_GROUPS: (0, 5),
    LIST_GROUPS: (0, 4),
    API_VERSIONS: (0, 4),
    CREATE_TOPICS: (2, 7),
    DELETE_TOPICS: (1, 6),
    DELETE_RECORDS: (0, 2),
    INIT_PRODUCER_ID: (0, 5),
    DESCRIBE_CONFIGS: (1, 4),
    DELETE_GROUPS: (0, 2),
    DESCRIBE_CLUSTER: (0, 1),
}


def is_supported(api: int, version: int) -> bool:
    lowest, highest = VERSIONS.get(api, (0, -1))
    return lowest <= version <= highest
