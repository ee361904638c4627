"""`seedwire replay`: tries other rules on a copy of the newsroom; promotes or discards them."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.store_session import open_store
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.output import (
    AsJson,
    print_error,
    print_json,
    print_line,
    print_table,
)
from services.console.cli.progress_bars import progress_bars
from services.console.counts import format_count
from services.console.replay.diff import Change, ChangeKind, count_by_kind
from services.console.replay.newsroom_state import NewsroomState
from services.console.replay.shadow_dir import ShadowDir
from shared.errors import SettingsError
from shared.settings import Settings, load_settings

MAX_ROWS: Final = 20  # of a table; --json shows all
TITLE_WIDTH: Final = 60
HEADINGS: Final[dict[ChangeKind, str]] = {
    "created": "stories created",
    "ended": "stories ended",
    "merged": "stories merged",
    "split": "stories split",
    "joined": "stories joined by articles that stood alone",
    "left": "stories left by articles that now stand alone",
    "lead": "articles that become a lead or stop being one",
    "published": "articles published",
    "unpublished": "articles no longer published",
    "heat": "articles with another heat",
}


Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="FILE", help="Lines such as publish_at = 80: TOML, YAML or .env."
    ),
]
Shadow = Annotated[
    bool, typer.Option("--shadow", help="Try the rules on a copy, and show what would change.")
]
Promote = Annotated[bool, typer.Option("--promote", help="Put the rules of the shadow into force.")]
Discard = Annotated[bool, typer.Option("--discard", help="Delete the shadow.")]


def replay(
    rules: Rules = None,
    shadow: Shadow = False,
    promote: Promote = False,
    discard: Discard = False,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Try other rules of linking and publishing on everything in the store.

    The live state does not change until the rules are promoted. With --json, the counts come first,
    then one change a line.

    Examples:

      seedwire replay --rules stricter.toml --shadow

      seedwire replay --promote

      seedwire replay --discard
    """
    if [shadow, promote, discard].count(True) != 1 or shadow != (rules is not None):
        raise SettingsError("expected --rules FILE --shadow, or --promote, or --discard")
    settings = load_settings(Settings)
    shadow_dir = ShadowDir(settings.home)
    with shadow_dir.lock():
        if shadow_dir.is_promoting and not promote:
            raise SettingsError(
                "a promotion was cut short: `seedwire replay --promote` finishes it"
            )
        if rules is not None:
            asyncio.run(_try_rules(settings, rules, shadow_dir, as_json))
        elif promote:
            asyncio.run(_promote(settings, shadow_dir, ActCause(resolve_author(by), reason)))
        else:
            _discard(shadow_dir)


def _discard(shadow_dir: ShadowDir) -> None:
    print_line("the shadow was deleted" if shadow_dir.exists else "there was no shadow")
    shadow_dir.delete()


async def _try_rules(settings: Settings, file: Path, shadow_dir: ShadowDir, as_json: bool) -> None:
    # Imported here because linking takes long to import and no other command needs it.
    from services.console.replay.replay import replay_rules
    from services.console.replay.rules_file import load_rules

    rules = load_rules(file)
    async with open_store(settings) as live:
        with progress_bars() as report_progress:
            result = await replay_rules(live, shadow_dir, rules, report_progress)
    if as_json:
        _emit(result.changes, result.rules)
    else:
        _show(result.changes, result.before, result.after)


async def _promote(settings: Settings, shadow_dir: ShadowDir, cause: ActCause) -> None:
    from services.console.replay.promotion import promote_rules

    async with open_store(settings) as live:
        with progress_bars() as report_progress:
            promotion = await promote_rules(live, shadow_dir, cause, report_progress)
    for name, value in promotion.rules.items():
        print_line(f"  {name} = {value}")
    print_line(describe_promotion(promotion.articles))
    for name in promotion.overriding_variables:
        print_error(
            f"{name} is set in the environment, which takes precedence over promoted rules: "
            "unset it for the workers"
        )


def describe_promotion(articles: int) -> str:
    return (
        "promoted: every worker restarts with these rules, but a variable in its environment takes "
        f"precedence over them; {format_count(articles, 'article')} will be linked and decided "
        "again (`seedwire wait`)"
    )


def _emit(changes: list[Change], rules: Mapping[str, str]) -> None:
    print_json({"rules": dict(rules), "counts": dict(count_by_kind(changes))})
    for change in changes:
        print_json(
            {
                "change": change.kind,
                "id": change.subject,
                "before": change.before,
                "after": change.after,
            }
        )


def _show(changes: list[Change], before: NewsroomState, after: NewsroomState) -> None:
    counts = {kind: number for kind, number in count_by_kind(changes).items() if number}
    rows = [(HEADINGS[kind], number) for kind, number in counts.items()]
    print_table(("what would change", "#"), rows)
    stories = format_count(len(before.stories), "story", "stories")
    print_line(
        f"{stories} before, {len(after.stories)} after; "
        f"{format_count(len(before.published), 'article')} published before, "
        f"{len(after.published)} after"
    )
    for kind in counts:
        _show_kind(kind, [change for change in changes if change.kind == kind], after)
    if changes:
        print_line("put the rules into force: seedwire replay --promote; or drop them: --discard")
    else:
        print_line("nothing would change")


def _show_kind(kind: ChangeKind, changes: Sequence[Change], after: NewsroomState) -> None:
    rows = []
    for change in changes[:MAX_ROWS]:
        subject = _shorten_title(change.subject, after)
        rows.append((subject, _format(change.before, after), _format(change.after, after)))
    title = HEADINGS[kind]
    if len(changes) > MAX_ROWS:
        title += f" (the first {MAX_ROWS} of {len(changes)}; --json shows all)"
    print_line()
    print_table(("", "before", "after"), rows, title=title)


def _format(value: object, after: NewsroomState) -> str:
    """A value for people: articles by their titles."""
    if isinstance(value, list):
        return "; ".join(_shorten_title(article_id, after) for article_id in value) or "-"
    if isinstance(value, bool) or value is None:
        return "yes" if value else "no"
    return _shorten_title(str(value), after)


def _shorten_title(article_id: str, after: NewsroomState) -> str:
    """The title of the article; the id itself if it is that of a story."""
    title = after.titles.get(article_id, article_id)
    return title if len(title) <= TITLE_WIDTH else f"{title[: TITLE_WIDTH - 1]}…"
