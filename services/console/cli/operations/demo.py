"""`seedwire demo`: everything from nothing, on an invented newsroom."""

import time
from collections.abc import Sequence
from pathlib import Path

from services.console.actions import demo as actions
from services.console.actions.demo import DemoArticle
from services.console.actions.demo_host import serve_demo_files
from services.console.actions.drops.receipt_text import describe_receipt, summarize_receipts
from services.console.audit import audit
from services.console.cli.output import print_error, print_line, print_table
from services.console.cli.session import run_with_store
from services.console.supervisor.state_dir import StateDir
from shared.drops.receipt import Receipt
from shared.settings import Settings


def demo() -> int:
    """Run everything from nothing, on an invented newsroom.

    Starts the engines and services, drops seeds, shows what was published and why, and stops
    everything. The data is in a folder of its own, `demo` in SEEDWIRE_HOME, which each run empties
    first. With SEEDWIRE_KAFKA or SEEDWIRE_STORE set, the demo uses those engines and leaves its
    articles there.

    Examples:

      seedwire demo
    """
    actions.require_seeds()
    started_at = time.monotonic()
    settings = actions.prepare_demo()
    with serve_demo_files(actions.SEEDS / "pictures") as host:
        with actions.run_services(StateDir(settings.home)) as process_names:
            _print_start(settings, process_names, time.monotonic() - started_at)
            receipts = _drop_waves(settings, host)
            report = run_with_store(lambda store: audit(settings, store))
        articles = run_with_store(lambda store: actions.load_demo_articles(store, receipts))
    _print_articles(articles)
    _print_rejected(receipts)
    print_line()
    print_line(f"audit: {report}")
    _print_next_steps(settings, articles, time.monotonic() - started_at)
    return int(not articles)


def _print_start(settings: Settings, process_names: Sequence[str], seconds: float) -> None:
    kafka = "the embedded broker" if settings.is_embedded else f"Kafka at {settings.kafka}"
    print_line(f"Running after {seconds:.1f} s: {', '.join([kafka, *process_names])}")
    print_line(f"Kafka clients connect to {settings.kafka_address} while it runs")


def _drop_waves(settings: Settings, host: str) -> list[Receipt]:
    """Drop the seeds folder by folder, each after the one before passed every stage."""
    receipts: list[Receipt] = []
    for folder in actions.list_wave_folders():
        wave = actions.drop_wave(settings, folder, host)
        receipts += wave.receipts
        summary = summarize_receipts(wave.receipts)
        print_line()
        print_line(f"seeds/{wave.name}: {summary}; through every stage after {wave.seconds:.1f} s")
    return receipts


def _print_articles(articles: Sequence[DemoArticle]) -> None:
    published, retracted, never_published = _group_articles(articles)
    _print_heading("Published stories, hottest first")
    for article in published:
        _print_published(article)
    _print_heading("Published once, and retracted")
    for article in retracted:
        print_line(f"  {article.view['title']}")
        print_line(f"      {article.decision.reason}")
    _print_heading("Never published")
    rows = [
        ("", article.decision.heat, article.view["title"], article.decision.reason)
        for article in never_published
    ]
    print_table(("", "heat#", "title", "why"), rows)


def _group_articles(
    articles: Sequence[DemoArticle],
) -> tuple[list[DemoArticle], list[DemoArticle], list[DemoArticle]]:
    """Those that are published, that were retracted, and that were never published."""
    published, retracted, never_published = [], [], []
    for article in articles:
        if article.decision.published:
            published.append(article)
        elif article.decision.latest:
            retracted.append(article)
        else:
            never_published.append(article)
    return published, retracted, never_published


def _print_heading(text: str) -> None:
    print_line()
    print_line(text)


def _print_published(article: DemoArticle) -> None:
    view, decision = article.view, article.decision
    provider = view["provider"]["name"]
    print_line()
    print_line(f"  {decision.heat:>4}  {view['title']}")
    print_line(f"        {provider}, quality {view['quality']}, revision {decision.revision}")
    for image in view.get("images") or []:
        if image["isCached"]:
            print_line(f"        picture  {image['width']} x {image['height']}  {image['url']}")
    for relative in view["related"]:
        print_line(f"        related  {relative['title']} ({relative['provider']['name']})")
    print_line(f"        why      {decision.reason}")


def _print_rejected(receipts: Sequence[Receipt]) -> None:
    _print_heading("Rejected")
    for receipt in receipts:
        if receipt.status == "rejected":
            for line in describe_receipt(receipt):
                print_line(f"  {line}")


def _print_next_steps(settings: Settings, articles: Sequence[DemoArticle], seconds: float) -> None:
    folder = settings.home
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    print_line()
    print_line(f"Done in {seconds:.0f} s; everything has stopped. The data is in {folder}.")
    print_line("Look around:")
    hottest = articles[0].view["id"]
    for command in ("list", f"why {hottest}", "rejected list", "images sheet", "export out/"):
        print_line(f"  SEEDWIRE_HOME={folder} .venv/bin/seedwire {command}")
    print_line("To drop your own seeds:  make up,  then  .venv/bin/seedwire drop FILE")
    if not settings.is_embedded or settings.store or settings.store_file:
        print_error("the demo used the engines of your settings, and left its articles there")
