"""Style sheet and scripts: small, known, and as they were vendored."""

import hashlib
import re

from services.console.web.rendering.static_files import STATIC, StaticFiles
from services.console.web.rendering.templates import TEMPLATES, build_environment
from tests.conftest import ROOT

MAX_CSS = 10 * 1024
MAX_ALL = 90 * 1024  # leaves ten of the hundred kilobytes that a page may need


def test_the_style_sheet_has_ten_kilobytes_at_most():
    assert (STATIC / "console.css").stat().st_size <= MAX_CSS


def test_all_of_it_leaves_room_for_the_page():
    sizes = [path.stat().st_size for path in STATIC.rglob("*") if path.suffix in (".js", ".css")]
    assert 40_000 < sum(sizes) <= MAX_ALL


def test_vendored_files_are_those_that_the_notice_names():
    notice = (ROOT / "NOTICE").read_text()
    for path in (STATIC / "vendor").glob("*.js"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in notice, path.name


def test_nothing_names_another_host():
    for folder in (TEMPLATES, STATIC):
        for path in folder.rglob("*"):
            if path.is_file() and "vendor" not in path.parts:
                addresses = re.findall(r"https?://[^\s\"'<>)]+", path.read_text())
                assert {*addresses} <= {"http://www.w3.org/2000/svg"}, path


def test_every_template_can_be_read():
    environment = build_environment(StaticFiles())
    for name in environment.list_templates():
        environment.get_template(name)


def test_no_template_passes_text_by_the_escaping():
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text()
        assert "| safe" not in text, path.name
        assert "|safe" not in text, path.name
        assert "autoescape false" not in text, path.name
