"""Which services have wrong settings, and which planned processes do not run."""

from pathlib import Path

import pytest

from services.console.actions.operations.planned_processes import (
    SETTINGS,
    check_settings,
    find_missing,
)
from services.console.supervisor.process_plan import MODULES, Plan, make_plan
from services.console.supervisor.state_dir import StateDir, write_atomically
from shared.errors import SettingsError
from shared.settings import Settings


def test_every_service_has_settings_to_check():
    assert SETTINGS.keys() == MODULES.keys()
    check_settings(make_plan())


def test_a_missing_token_file_is_found_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("SEEDWIRE_WEB_TOKEN_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match=r"web: .*there is no file"):
        check_settings(make_plan())
    check_settings(make_plan(workers=["web=0"]))
    check_settings(make_plan(only=["ingest"]))


def test_all_services_with_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEEDWIRE_WEB_PORT", "x")
    monkeypatch.setenv("SEEDWIRE_PUBLISH_AT", "x")
    with pytest.raises(SettingsError, match=r"publishing: .*; web: "):
        check_settings(make_plan())


def test_a_service_without_a_process_is_left_out():
    assert make_plan(workers=["images=0,related=2"]).left_out == ["images"]
    assert make_plan(only=["ingest"]).left_out == []


class TestMissing:
    PLAN = Plan({"ingest": 1, "web": 1})

    def test_nothing_is_missing_without_a_supervisor(self, tmp_path: Path):
        StateDir(tmp_path).save_plan(self.PLAN)
        assert find_missing(Settings(home=tmp_path), []) == []

    def test_a_planned_process_that_does_not_run_is_named_with_its_problem(self, tmp_path: Path):
        state_dir = StateDir(tmp_path)
        with state_dir.hold():
            state_dir.save_plan(self.PLAN)
            end = "it ended with code 2 and is not restarted; no such file"
            write_atomically(state_dir.end_file("web-1"), end)
            running = [f"ingest-{state_dir.instance_prefix}-1"]
            (missing,) = find_missing(Settings(home=tmp_path), running)
            assert missing.sentence == f"web-1 does not run: {end}"

    def test_how_a_process_ended_is_forgotten_once_all_work(self, tmp_path: Path):
        state_dir = StateDir(tmp_path)
        with state_dir.hold():
            state_dir.save_plan(self.PLAN)
            write_atomically(state_dir.end_file("web-1"), "it ended with code 3 and is restarted")
            state_dir.clear_problems()
            found = find_missing(Settings(home=tmp_path), [])
            assert [process.end for process in found] == ["", ""]

    def test_the_same_number_of_another_service_does_not_count(self, tmp_path: Path):
        state_dir = StateDir(tmp_path)
        with state_dir.hold():
            state_dir.save_plan(self.PLAN)
            running = [f"web-{state_dir.instance_prefix}-1"]
            (missing,) = find_missing(Settings(home=tmp_path), running)
            assert missing.name == "ingest-1"
