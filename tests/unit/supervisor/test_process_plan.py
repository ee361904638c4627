"""Plans of service processes, as the command line gives them."""

import pytest

from services.console.supervisor.process_plan import WORKERS, plan, service_of
from shared.errors import SettingsError


def test_without_a_word_every_service_is_planned():
    assert plan().workers == WORKERS
    assert len(plan().slots) >= 5


def test_only_takes_names_one_by_one_or_with_commas():
    assert list(plan(["ingest", "related,images"]).workers) == ["ingest", "images", "related"]


def test_workers_say_how_many_of_each():
    assert plan(workers=["images=3,related=2"]).slots == [
        "ingest-1",
        "images-1",
        "images-2",
        "images-3",
        "related-1",
        "related-2",
        "publishing-1",
        "web-1",
    ]


def test_workers_add_a_service_to_the_only_ones():
    assert plan(["ingest"], ["related=0", "images=1"]).slots == ["ingest-1", "images-1"]


def test_every_plan_has_a_number_of_its_own():
    assert plan().number != plan().number


def test_there_is_one_server_at_the_most():
    assert plan(workers=["web=0"]).workers["web"] == 0
    with pytest.raises(SettingsError, match="one web at the most"):
        plan(workers=["web=2"])


@pytest.mark.parametrize(
    "given", [["images"], ["images=two"], ["images=-1"], ["images=65"], ["imges=2"]]
)
def test_a_wrong_number_or_name_is_told(given):
    with pytest.raises(SettingsError, match="im"):
        plan(workers=given)


def test_a_slot_knows_its_service():
    assert service_of("images-12") == "images"
