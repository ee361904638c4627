"""The process plan, as `--only` and `--workers` ask for it."""

import pytest

from services.console.supervisor.process_plan import (
    DEFAULT_WORKERS,
    describe_change,
    make_plan,
    number_of,
    service_of,
)
from shared.errors import SettingsError

RUNNING = {**DEFAULT_WORKERS, "images": 4, "related": 2, "web": 0}


def test_without_options_every_service_is_planned():
    assert make_plan().workers == DEFAULT_WORKERS
    assert len(make_plan().process_names) >= 5


def test_only_takes_repeated_names_and_names_with_commas():
    assert list(make_plan(["ingest", "related,images"]).workers) == ["ingest", "images", "related"]


def test_workers_sets_the_number_of_processes():
    assert make_plan(workers=["images=3,related=2"]).process_names == [
        "ingest-1",
        "images-1",
        "images-2",
        "images-3",
        "related-1",
        "related-2",
        "publishing-1",
        "web-1",
        "console-1",
    ]


def test_workers_adds_a_service_to_those_of_only():
    assert make_plan(["ingest"], ["related=0", "images=1"]).process_names == [
        "ingest-1",
        "images-1",
    ]


class TestRunning:
    def test_services_that_are_not_named_keep_their_number(self):
        plan = make_plan(workers=["related=3"], running=RUNNING)
        assert plan.workers == {**RUNNING, "related": 3}

    def test_without_options_all_services_run_and_no_number_changes(self):
        assert make_plan(running=RUNNING).workers == {**DEFAULT_WORKERS, **RUNNING}
        plan = make_plan(running={"ingest": 3, "images": 0})
        assert plan.workers == {**DEFAULT_WORKERS, "ingest": 3, "images": 0}

    def test_a_service_that_did_not_run_is_added_to_those_that_do(self):
        plan = make_plan(workers=["related=2"], running={"ingest": 3})
        assert plan.workers == {"ingest": 3, "related": 2}

    def test_only_stops_the_others_and_keeps_the_numbers_of_those_it_names(self):
        plan = make_plan(["web", "images,related"], ["related=1"], RUNNING)
        assert plan.workers == {"images": 4, "related": 1, "web": 1}

    def test_what_becomes_of_each_number_is_said_in_one_line(self):
        assert (
            describe_change({"ingest": 1, "images": 4, "related": 2}, {"images": 4, "related": 3})
            == "ingest 1 → 0, images 4 (as before), related 2 → 3"
        )
        assert describe_change({"ingest": 1}, {"ingest": 1, "web": 1}) == (
            "ingest 1 (as before), web 0 → 1"
        )


def test_every_plan_has_an_id_of_its_own():
    assert make_plan().id != make_plan().id


def test_the_console_has_at_most_one_process():
    with pytest.raises(SettingsError, match="at most one console"):
        make_plan(workers=["console=2"])


def test_web_has_at_most_one_process():
    assert make_plan(workers=["web=0"]).workers["web"] == 0
    with pytest.raises(SettingsError, match="at most one web"):
        make_plan(workers=["web=2"])


@pytest.mark.parametrize(
    "workers", [["images"], ["images=two"], ["images=-1"], ["images=65"], ["imges=2"]]
)
def test_a_wrong_number_or_name_is_reported(workers):
    with pytest.raises(SettingsError, match="im"):
        make_plan(workers=workers)


def test_a_process_name_tells_service_and_number():
    assert (service_of("images-12"), number_of("images-12")) == ("images", "12")
