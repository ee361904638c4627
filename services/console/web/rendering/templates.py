"""The templates: everything is escaped, and characters without a shape are shown as escapes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.console.actions.operations.standstill import format_duration
from services.console.actions.timestamps import format_timestamp
from services.console.web.rendering.static_files import StaticFiles
from shared.clock import now
from shared.visible_text import make_lines_visible, make_visible

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
CLOCK_SKEW: Final = timedelta(minutes=1)  # what another machine's clock may be ahead


def build_environment(static: StaticFiles, folder: Path = TEMPLATES) -> Environment:
    """The environment of all pages. A name that a template misspells is an error."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=show_hidden_characters,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "lines": show_lines,
        "editable": keep_all_characters,
        "when": show_time,
        "ago": show_age,
        "clock": show_clock,
        "seconds": format_seconds,
        "thousands": group_thousands,
        "duration": format_duration,
    }
    environment.filters.update(filters)
    environment.globals["static"] = static.locate
    environment.globals["integrity"] = static.digest
    return environment


def show_hidden_characters(value: Any) -> Any:
    """What every `{{ … }}` goes through before it is escaped."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return make_visible(value)


def show_lines(text: str) -> Markup:
    """Text of several lines, for <pre>: line feeds stay."""
    return escape(make_lines_visible(text))


def keep_all_characters(text: str) -> Markup:
    """Text to be edited, for <textarea>: what is not changed is sent back as it was.

    HTML drops a line feed that comes first, so there is one more.
    """
    return Markup("\n") + escape(text)


def show_time(at: datetime | None, otherwise: str = "never") -> Markup:
    """A <time> in UTC, which a script shows in the reader's zone."""
    if at is None:
        return escape(otherwise)
    text = at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time datetime="{}">{}</time>').format(format_timestamp(at), text)


def show_age(at: datetime | None, otherwise: str = "never") -> Markup:
    """How long ago, with the time itself in the title; of a time to come, the time itself."""
    if at is None:
        return escape(otherwise)
    age = now() - at
    if age < -CLOCK_SKEW:
        return Markup("dated in the future, {}").format(show_time(at))
    age = max(age, timedelta())
    title = at.strftime("%Y-%m-%d %H:%M:%S UTC")
    markup = Markup('<time data-age datetime="{}" title="{}">{} ago</time>')
    return markup.format(format_timestamp(at), title, format_duration(age))


def show_clock(at: datetime) -> Markup:
    """The time of day in UTC, which a script shows in the reader's zone; the day, if not today."""
    is_today = at.date() == now().date()
    text = at.strftime("%H:%M UTC" if is_today else "%Y-%m-%d %H:%M UTC")
    markup = Markup('<time data-clock datetime="{}">{}</time>')
    return markup.format(format_timestamp(at), text)


def format_seconds(seconds: float) -> str:
    """A length of time, in the largest unit that fits."""
    return format_duration(timedelta(seconds=seconds))


def group_thousands(number: float | None, otherwise: str = "–") -> str:
    """`12,345`, as the command writes numbers."""
    return otherwise if number is None else f"{number:,}"
