"""From values to HTML."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from services.console.web.pages.runbook import RUNBOOK, make_anchor, render_runbook
from services.console.web.rendering.static_files import StaticFiles
from services.console.web.rendering.templates import build_environment
from shared.clock import now

LINK = re.compile(r'href="([^"]*)"')


def render(template: str, **values: object) -> str:
    return build_environment(StaticFiles()).from_string(template).render(**values)


def test_markup_is_escaped():
    assert render("{{ text }}", text="<b>'\"&") == "&lt;b&gt;&#39;&#34;&amp;"


def test_characters_that_hide_are_shown():
    assert render("{{ text }}", text="a\u202eb\x07\u200b\n") == "a\\u202eb\\x07\\u200b\\n"


def test_lines_stay_lines_where_a_template_asks_for_them():
    assert render("{{ text | lines }}", text="<a\n\u202eb") == "&lt;a\n\\u202eb"


def test_a_text_to_edit_keeps_every_character():
    assert render("{{ text | editable }}", text="\n\u202e<x>") == "\n\n\u202e&lt;x&gt;"


def test_a_name_that_a_template_misspells_is_an_error():
    with pytest.raises(UndefinedError):
        render("{{ titel }}", title="x")


def test_a_time_is_in_utc_until_a_script_knows_better():
    html = render("{{ at | when }}", at=datetime(2026, 3, 2, 12, 5, tzinfo=UTC))
    assert html.startswith('<time datetime="2026-03-02T12:05:00')
    assert "2026-03-02 12:05:00 UTC</time>" in html


def test_headings_of_the_runbook_can_be_linked_and_its_html_is_text(tmp_path: Path):
    page = tmp_path / "runbook.md"
    page.write_text("# Runbook\n\n## Engine away\n\n<script>x</script> [a](javascript:x)\n")
    html = render_runbook(page)
    assert '<h2 id="engine-away">' in html
    assert "<script>" not in html
    assert 'href="javascript' not in html


def test_links_of_the_runbook_to_pages_that_are_not_served_are_text(tmp_path: Path):
    page = tmp_path / "runbook.md"
    page.write_text(
        "See [metrics](metrics.md#names), [*audit*](audit.md), [below](#lost) "
        "and [Kafka](https://kafka.example/docs).\n"
    )
    html = render_runbook(page)
    assert "See metrics, <em>audit</em>, " in html
    assert LINK.findall(html) == ["#lost", "https://kafka.example/docs"]


def test_the_runbook_has_no_dead_link():
    html = render_runbook(RUNBOOK)
    headings = {f"#{name}" for name in re.findall(r' id="([^"]*)"', html)}
    assert {link for link in LINK.findall(html) if not link.startswith("http")} <= headings


def test_an_age_is_rounded_and_a_time_to_come_is_named():
    assert "3 min ago</time>" in render("{{ at | ago }}", at=now() - timedelta(minutes=3))
    assert "0 s ago</time>" in render("{{ at | ago }}", at=now() + timedelta(seconds=20))
    html = render("{{ at | ago }}", at=datetime(2926, 3, 2, 12, 5, tzinfo=UTC))
    assert html.startswith("dated in the future, <time datetime=")
    assert "2926-03-02 12:05:00 UTC</time>" in html
    assert "data-age" not in html


def test_an_anchor_is_made_as_code_hosts_make_it():
    assert make_anchor("A process is lost: now") == "a-process-is-lost-now"
