"""Another team can take the typed consumer without the newsroom."""

from tests.unit.test_layers import find_own_imports, is_within, list_modules

ALLOWED = (
    "shared.consumer",
    "shared.broker.reading.polling.lenient_records",
    "shared.broker.network.reset_connections",
    "shared.events.cloud_event",
    "shared.events.public",
    "shared.events.topics",
)


def test_the_consumer_knows_the_events_and_no_store_and_no_service():
    for module in list_modules("shared/consumer"):
        imports = find_own_imports(module)
        assert {name for name in imports if not is_within(name, *ALLOWED)} == set(), module
