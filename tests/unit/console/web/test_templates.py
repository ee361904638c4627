"""From values to HTML."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from services.console.web.pages.runbook import make_anchor, render_runbook
from services.console.web.rendering.static_files import StaticFiles
from services.console.web.rendering.templates import build_environment


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


def test_an_anchor_is_made_as_code_hosts_make_it():
    assert make_anchor("A process is lost: now") == "a-process-is-lost-now"
