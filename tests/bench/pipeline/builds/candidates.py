"""What is measured: the pipeline in its forms, the floor, and the idiomatic build."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.pipeline.harness.engines import Engines
from tests.bench.pipeline.harness.processes import Role

NEWSROOM = (
    Role("ingest", ["services.ingest"]),
    Role("images", ["services.enrichment.images"]),
    Role("related", ["services.enrichment.related"]),
    Role("publishing", ["services.publishing"]),
)
NO_PAGES = {"SEEDWIRE_PAGES": "off", "SEEDWIRE_LOG_LEVEL": "WARNING"}


@dataclass(frozen=True, eq=False)
class Candidate:
    """One build of the pipeline: its processes, and the settings of its own."""

    name: str
    roles: Sequence[Role]
    settings: Mapping[str, str] = field(default_factory=dict)
    sends_arguments: bool = False  # where the engines are, as arguments

    @property
    def folder(self) -> str:
        """The name of a folder, which Kafka wants without commas."""
        return self.name.rpartition(" ")[2]

    def roles_on(self, engines: Engines) -> list[Role]:
        if not self.sends_arguments:
            return [*self.roles]
        where = [engines.kafka, engines.store]
        return [Role(role.name, [*role.arguments, *where]) for role in self.roles]


def _build_by_hand(module: str) -> tuple[Role, Role]:
    path = f"tests.bench.pipeline.builds.{module}"
    return Role("ingest", [path, "ingest"]), Role("publishing", [path, "publish"])


FLOOR = Candidate("floor", _build_by_hand("floor"), sends_arguments=True)
IDIOMATIC = Candidate("idiomatic build", _build_by_hand("idiomatic"), sends_arguments=True)
BARE = Candidate("Seedwire, relations given", NEWSROOM, {**NO_PAGES, "SEEDWIRE_RELATED": "given"})
TABLE = Candidate(
    "Seedwire, linked by table", NEWSROOM, {**NO_PAGES, "SEEDWIRE_RELATED_MODEL": "off"}
)
MODEL = Candidate(
    "Seedwire, linked by model", NEWSROOM, {**NO_PAGES, "SEEDWIRE_RELATED_MODEL": "on"}
)
