"""`seedwire replay`: try other rules on a copy of the newsroom; then promote them or throw them away."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from services.console.cli.output import AsJson, complain, emit, progress_console, say, table
from services.console.cli.session import open_store
from services.console.cli.story import author
from services.console.replay.diff import Change, State, What, changes, counts
from services.console.supervisor.lockfile import locked
from shared.clock import now
from shared.errors import SeedwireError, SettingsError
from shared.runtime.ruleset import adopt, variable
from shared.settings import Settings, read
from shared.store import Promoted, Store, connect

SHOWN: Final = 20  # rows of a table; --json has all
WIDTH: Final = 60  # of a title in it
PROMOTING: Final = (
    "promoting"  # a file beside the rules, from before they are written until all is judged anew
)
HEADS: Final[dict[What, str]] = {
    "created": "stories created",
    "ended": "stories ended",
    "merged": "stories merged",
    "split": "stories split",
    "joined": "stories joined by articles that stood alone",
    "left": "stories left by articles that stand alone then",
    "lead": "articles that gain or lose the lead",
    "published": "articles published",
    "unpublished": "articles no longer published",
    "heat": "articles of another heat",
}


class NoShadow(SeedwireError):
    """There is no shadow to promote. Consequence: exit code 1."""


def replay(
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules", metavar="FILE", help="Lines such as publish_at = 80: TOML, YAML or .env."
        ),
    ] = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Try them on a copy, and show what would change.")
    ] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Let the rules of the shadow hold from now on.")
    ] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Throw the shadow away.")] = False,
    by: Annotated[
        str, typer.Option("--by", help="Who promotes; the login name if not given.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Try other rules of linking and publishing on everything in the store.

    The live state is left alone until they are promoted. With --json one change a line, the counts first.

    Examples:

      seedwire replay --rules stricter.toml --shadow

      seedwire replay --promote

      seedwire replay --discard
    """
    if [shadow, promote, discard].count(True) != 1 or shadow != (rules is not None):
        raise SettingsError("expected --rules FILE --shadow, or --promote, or --discard")
    settings = read(Settings)
    folder = settings.home.absolute() / "shadow"
    with alone(folder):
        if not promote and (folder / PROMOTING).exists():
            raise SettingsError(
                "a promotion was cut short: `seedwire replay --promote` finishes it"
            )
        if rules is not None:
            asyncio.run(_try(settings, rules, folder, as_json))
        elif promote:
            asyncio.run(_promote(settings, folder, author(by)))
        else:
            say("thrown away" if folder.exists() else "there was no shadow")
            shutil.rmtree(folder, ignore_errors=True)


def alone(folder: Path) -> AbstractContextManager[None]:
    """One replay at a time: what is promoted must be what was shown. Raises SettingsError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    taken = f"another `seedwire replay` is at work in {folder.parent}: wait for its end"
    return locked(folder.with_name("shadow.lock"), SettingsError(taken))


async def _try(settings: Settings, file: Path, folder: Path, as_json: bool) -> None:
    # not above: what links articles takes its time to import, and no other command needs it
    from services.console.replay.rules_file import rules_in
    from services.console.replay.shadow import rehearse

    rules = rules_in(file)
    shutil.rmtree(folder, ignore_errors=True)
    copy = connect(f"sqlite:///{folder / 'seedwire.db'}?synchronous=normal")
    async with open_store(settings) as live:
        await adopt(live)
        await copy.open()
        try:
            with _shown() as progress:
                before, after = await rehearse(live, copy, rules, progress)
        finally:
            await copy.close()
    (folder / "rules.json").write_text(json.dumps(rules))
    found = changes(before, after)
    _emit(found, rules) if as_json else _show(found, before, after)


async def _promote(settings: Settings, folder: Path, by: str) -> None:
    """Write the rules first: from then on nothing is begun by older ones. Then everything is judged anew."""
    from services.console.replay.shadow import judge_anew
    from services.enrichment.related.main import related
    from services.enrichment.related.settings import RelatedSettings

    rules = _tried(folder)
    shadowed = [variable(name) for name in rules if variable(name) in os.environ]
    async with open_store(settings) as live:
        (folder / PROMOTING).touch()
        await _write(live, rules, by, folder)
        await adopt(live)
        with _shown() as progress:
            number = await judge_anew(live, related(read(RelatedSettings)), progress)
    shutil.rmtree(folder)
    for name, value in rules.items():
        say(f"  {name} = {value}")
    say(
        f"promoted: every worker starts anew by these rules; {number} articles are judged anew (`seedwire wait`)"
    )
    for name in shadowed:
        complain(
            f"{name} is set in the environment, which stands above what is promoted: unset it for the workers"
        )


async def _write(live: Store, rules: Mapping[str, str], by: str, folder: Path) -> None:
    """Promote *rules* on top of those that stand, unless they stand already."""
    standing = await live.rules.latest()
    merged = {**standing.settings, **rules}
    if merged != standing.settings and not await live.rules.promote(
        Promoted(standing.number + 1, merged, by, now())
    ):
        (folder / PROMOTING).unlink()
        raise SeedwireError("somebody else promoted rules meanwhile: look again with --shadow")


def _tried(folder: Path) -> dict[str, str]:
    try:
        rules: dict[str, str] = json.loads((folder / "rules.json").read_text())
    except FileNotFoundError as error:
        raise NoShadow(
            "there is no shadow: try rules first, with `seedwire replay --rules FILE --shadow`"
        ) from error
    return rules


@contextmanager
def _shown() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on standard error, a line for each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=progress_console(), transient=True) as bars:
        steps: dict[str, TaskID] = {}

        def report(what: str, done: int, of: int) -> None:
            if what not in steps:
                steps[what] = bars.add_task(what, total=of)
            bars.update(steps[what], completed=done, total=of)

        yield report


def _emit(found: list[Change], rules: Mapping[str, str]) -> None:
    emit({"rules": dict(rules), "counts": dict(counts(found))})
    for change in found:
        emit(
            {
                "change": change.what,
                "id": change.subject,
                "before": change.before,
                "after": change.after,
            }
        )


def _show(found: list[Change], before: State, after: State) -> None:
    numbers = counts(found)
    rows = [(HEADS[what], number) for what, number in numbers.items() if number]
    table(("what would change", "#"), rows)
    say(
        f"{len(before.stories)} stories before, {len(after.stories)} after; "
        f"{len(before.published)} articles published before, {len(after.published)} after"
    )
    for what, number in numbers.items():
        if number:
            _show_kind(what, [change for change in found if change.what == what], after)
    say(
        "nothing would change"
        if not found
        else "let them hold: seedwire replay --promote; if not: --discard"
    )


def _show_kind(what: What, found: Sequence[Change], after: State) -> None:
    rows = [
        (_named(one.subject, after), _told(one.before, after), _told(one.after, after))
        for one in found[:SHOWN]
    ]
    more = f" (the first {SHOWN} of {len(found)}; --json has all)" if len(found) > SHOWN else ""
    say("")
    table(("", "before", "after"), rows, title=f"{HEADS[what]}{more}")


def _told(value: object, after: State) -> str:
    """A value for people: ids of articles by their titles."""
    if isinstance(value, list):
        return "; ".join(_named(one, after) for one in value) or "-"
    if isinstance(value, bool) or value is None:
        return "yes" if value else "no"
    return _named(str(value), after)


def _named(one: str, after: State) -> str:
    title = after.titles.get(one, one)
    return title if len(title) <= WIDTH else f"{title[: WIDTH - 1]}…"
