"""There are a hundred cases, and each of them has a test."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


class CaseCollector:
    """A plugin of pytest that collects which tests belong to which case."""

    def __init__(self) -> None:
        self.cases: dict[int, set[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for number in self._list_cases(item):
                self.cases.setdefault(number, set()).add(item.nodeid)

    def _list_cases(self, item: pytest.Item) -> set[int]:
        """The numbers in its markers; of a test that has a parameter *case*, that one alone."""
        numbers: set[int] = set()
        for marker in item.iter_markers("hostile"):
            numbers |= set(marker.args)
        callspec = getattr(item, "callspec", None)
        case = callspec.params.get("case") if callspec else None
        return {case} if case in numbers else numbers


def test_each_of_the_hundred_cases_has_a_test():
    collector = CaseCollector()
    options = ["--collect-only", "-q", "-p", "no:cacheprovider"]
    code = pytest.main([*options, str(FOLDER)], plugins=[collector])
    assert code == pytest.ExitCode.OK
    assert sorted(collector.cases) == list(range(1, 101))
