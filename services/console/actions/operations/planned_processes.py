"""Checks the settings of the services before they start, and finds those that do not run."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from services.console.supervisor.process_plan import Plan, number_of, service_of
from services.console.supervisor.state_dir import StateDir, read_if_exists
from shared.errors import SettingsError
from shared.settings import Settings, load_settings

SETTINGS: Final = {
    "ingest": ("services.ingest.settings", "IngestSettings"),
    "images": ("services.enrichment.images.settings", "ImagesSettings"),
    "related": ("services.enrichment.related.settings", "RelatedSettings"),
    "publishing": ("services.publishing.settings", "PublishingSettings"),
    "web": ("services.web.settings", "WebSettings"),
    "console": ("services.console.web.settings", "ConsoleSettings"),
}


@dataclass(frozen=True)
class MissingProcess:
    """A process that `seedwire up` planned on this machine, and that does not run."""

    name: str
    end: str  # how it ended last; empty while nothing is known of it

    @property
    def sentence(self) -> str:
        why = self.end or "it has not reported yet"
        return f"{self.name} does not run: {why}"


def check_settings(plan: Plan) -> None:
    """Load the settings of every service of *plan*, as its processes will.

    Raises SettingsError with the sentences of all services whose settings are wrong.
    """
    problems: list[str] = []
    for service, count in plan.workers.items():
        if count == 0:
            continue
        try:
            load_settings(_import_settings(service))
        except SettingsError as error:
            problems.append(f"{service}: {error}")
    if problems:
        raise SettingsError("; ".join(problems))


def find_missing(settings: Settings, running: Iterable[str]) -> list[MissingProcess]:
    """The processes of this machine's plan that are not among the instances *running*.

    An instance is what heartbeats call a process. Without a supervisor nothing is missing.
    """
    state_dir = StateDir(settings.home.absolute())
    if state_dir.supervisor_pid() is None:
        return []
    alive = {*running}
    missing: list[MissingProcess] = []
    for name in state_dir.load_plan().process_names:
        instance = f"{service_of(name)}-{state_dir.instance_prefix}-{number_of(name)}"
        if instance not in alive:
            missing.append(MissingProcess(name, read_if_exists(state_dir.end_file(name))))
    return missing


def _import_settings(service: str) -> type[Settings]:
    """Imported only where it is needed: some services bring much along."""
    module, name = SETTINGS[service]
    settings: type[Settings] = getattr(import_module(module), name)
    return settings
