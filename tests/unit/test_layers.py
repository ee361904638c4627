"""Which files may import which: no circles, a generic broker layer, independent services."""

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCTION = ("services", "shared", "deploy")

# The one exception to "services never import each other". The console runs the services' own code
# in dry runs, audits and explanations: a second implementation would drift away from the first.
CONSOLE_EXCEPTIONS: Mapping[str, Collection[str]] = {
    "services.console.actions.stories.explain_pair": (
        "services.enrichment.related.features.signature",
        "services.enrichment.related.given.explanation",
        "services.enrichment.related.explaining.article_pair",
        "services.enrichment.related.explaining.explanation",
        "services.enrichment.related.explaining.statements",
        "services.enrichment.related.main",
        "services.enrichment.related.settings",
        "services.enrichment.related.stories.overrides",
    ),
    "services.console.actions.drops.check_seed": (
        "services.ingest.identity",
        "services.ingest.seed_record",
    ),
    "services.console.actions.pictures.maintenance": (
        "services.enrichment.images.decoding.process_pool",
        "services.enrichment.images.maintenance.garbage_collection",
        "services.enrichment.images.maintenance.integrity",
    ),
    "services.console.actions.pictures.parked": (
        "services.enrichment.images.fetch_outcome",
        "services.enrichment.images.fetching.fetch_keys",
    ),
    "services.console.actions.stories.overrides": (
        "services.enrichment.related.stories.overrides",
    ),
    "services.console.actions.stories.story_forecast": (
        "services.publishing.deciding.decision",
        "services.publishing.deciding.ranking",
        "services.publishing.deciding.rules",
        "services.publishing.announcing.story_leads",
    ),
    "services.console.actions.stories.story_preview": (
        "services.publishing.deciding.ranking",
        "services.publishing.deciding.rules",
    ),
    "services.console.actions.operations.articles_to_link": (
        "services.enrichment.related.linking.feed_keeper",
        "services.enrichment.related.settings",
    ),
    "services.console.actions.articles.export": ("services.enrichment.related.settings",),
    "services.console.audit.checks.picture_checker": (
        "services.enrichment.images.maintenance.originals",
    ),
    "services.console.audit.repairs.restore_decision": (
        "services.publishing.announcing.revisions",
        "services.publishing.deciding.rules",
    ),
    "services.console.audit.checks.store_checks": (
        "services.publishing.announcing.revisions",
        "services.publishing.deciding.rules",
    ),
    "services.console.replay.offline_pipeline": (
        "services.enrichment.related.stage",
        "services.publishing.handlers",
    ),
    "services.console.replay.promotion": (
        "services.enrichment.related.main",
        "services.enrichment.related.settings",
    ),
    "services.console.replay.replay": (
        "services.enrichment.related.main",
        "services.enrichment.related.settings",
        "services.publishing.main",
        "services.publishing.settings",
    ),
    "services.console.replay.requeue": ("services.enrichment.related.stage",),
    "services.console.replay.rules_file": (
        "services.enrichment.related.settings",
        "services.publishing.settings",
    ),
    "services.console.replay.shadow_copy": (
        "services.enrichment.related.neighbours.neighbour_lists",
    ),
}


@cache
def list_modules(*folders: str) -> tuple[str, ...]:
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return tuple(sorted(name_module(path) for path in paths))


def name_module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def locate_module(name: str) -> Path | None:
    """The file of a module of this repository; None for any other."""
    path = ROOT.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def find_imports(module: str) -> frozenset[str]:
    """Every module that *module* imports, at its top or inside a function."""
    path = locate_module(module)
    assert path is not None
    imports: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= set(resolve_import(module, node))
    return frozenset(imports)


def resolve_import(module: str, node: ast.ImportFrom) -> Iterator[str]:
    """`from a import b` imports module a.b if there is one, and module a otherwise."""
    assert node.level == 0, f"{module} has a relative import"
    assert node.module is not None
    for alias in node.names:
        name = f"{node.module}.{alias.name}"
        yield name if locate_module(name) else node.module


def find_own_imports(module: str) -> set[str]:
    """Those of its imports that are files of this repository."""
    return {name for name in find_imports(module) if name != module and locate_module(name)}


def is_within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_no_files_import_each_other_in_a_circle():
    modules = list_modules(*PRODUCTION)
    graph = {module: find_own_imports(module) & set(modules) for module in modules}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules of a circle


def test_the_broker_layer_knows_nothing_of_articles_events_stories_or_the_store():
    allowed = (
        "shared.broker",
        "shared.budgets",
        "shared.clock",
        "shared.concurrency.background",
        "shared.errors",
        "shared.failpoints",
        "shared.kafka_security",
        "shared.log_context",
        "shared.settings",
    )
    for module in list_modules("shared/broker"):
        imports = find_own_imports(module)
        assert {name for name in imports if not is_within(name, *allowed)} == set(), module


def test_shared_parts_import_no_service():
    for module in list_modules("shared", "deploy"):
        imports = find_imports(module)
        assert {name for name in imports if is_within(name, "services")} == set(), module


def test_services_do_not_import_each_other():
    """The exceptions are exact: one that is no longer needed fails too."""
    found = {}
    for module in list_modules("services"):
        imports = find_own_imports(module)
        foreign = {name for name in imports if is_foreign_service(module, name)}
        if foreign:
            found[module] = foreign
    assert found == {module: set(imports) for module, imports in CONSOLE_EXCEPTIONS.items()}


def is_foreign_service(module: str, imported: str) -> bool:
    if not is_within(imported, "services") or imported == "services":
        return False
    return name_service(imported) != name_service(module)


def name_service(module: str) -> str:
    """`services.ingest`, or `services.enrichment.images`: enrichment is two services."""
    depth = 3 if is_within(module, "services.enrichment") else 2
    return ".".join(module.split(".")[:depth])


def test_actions_of_the_console_know_no_terminal_and_no_http():
    forbidden = {"typer", "click", "rich", "starlette", "uvicorn"}
    for module in list_modules("services/console/actions"):
        packages = {name.partition(".")[0] for name in find_imports(module)}
        assert packages & forbidden == set(), module


def test_production_imports_neither_tests_nor_tools():
    for module in list_modules(*PRODUCTION):
        imports = find_imports(module)
        assert {name for name in imports if is_within(name, "tests", "tools")} == set(), module
