"""A hundred cases, each of them there."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


class Collected:
    def __init__(self) -> None:
        self.cases: dict[int, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            numbers = {n for marker in item.iter_markers("hostile") for n in marker.args}
            case = getattr(item, "callspec", None) and item.callspec.params.get("case")
            for number in {case} & numbers if case in numbers else numbers:
                self.cases.setdefault(number, set()).add(item.nodeid)


def test_a_hundred_of_a_hundred_cases_are_tested():
    collected = Collected()
    code = pytest.main(
        ["--collect-only", "-q", "-p", "no:cacheprovider", str(FOLDER)], plugins=[collected]
    )
    assert code == pytest.ExitCode.OK
    assert sorted(collected.cases) == list(range(1, 101))
