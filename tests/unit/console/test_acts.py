"""An act is recorded before it is done, once, and says what came of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.console.actions.acts import ActCause, perform
from services.console.actions.overtaken import Overtaken
from shared.errors import KafkaUnavailable, SeedwireError
from shared.store import Act, Store, connect


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = connect(f"sqlite:///{tmp_path / 'acts.db'}")
    await store.open()
    yield store
    await store.close()


class Deed:
    """Something to do: fails with *error* if there is one."""

    def __init__(self, store: Store, error: Exception | None = None) -> None:
        self._store = store
        self._error = error
        self.recorded: list[Act] = []
        self.count = 0

    async def __call__(self) -> int:
        self.recorded = await self._store.history.list_acts()
        if self._error is not None:
            raise self._error
        self.count += 1
        return self.count


async def test_an_act_is_in_the_log_before_it_is_done(store: Store):
    deed = Deed(store)
    cause = ActCause("ann", "the morning")
    result = await perform(
        store,
        "test",
        cause,
        deed,
        subjects=["a1"],
        describe=lambda count: f"{count} done",
        details=lambda count: {"count": count},
    )
    assert result == 1
    (before,) = deed.recorded
    assert (before.by, before.reason, before.outcome) == ("ann", "the morning", "")
    (after,) = await store.history.list_acts("a1")
    assert (after.id, after.outcome, after.details) == (cause.act_id, "1 done", {"count": 1})
    assert after.answered_at is not None


async def test_a_repeat_after_a_crash_is_done_again_and_is_one_act(store: Store):
    cause = ActCause("ann", act_id="form-1")
    with pytest.raises(KafkaUnavailable):
        await perform(store, "test", cause, Deed(store, KafkaUnavailable("gone")))
    (unknown,) = await store.history.list_acts()
    assert unknown.outcome == ""
    await perform(store, "test", cause, Deed(store))
    (known,) = await store.history.list_acts()
    assert (known.id, known.outcome, known.at) == ("form-1", "done", unknown.at)


async def test_an_act_that_is_done_is_not_done_again(store: Store):
    cause, deed = ActCause("ann", act_id="form-1"), Deed(store)
    await perform(store, "test", cause, deed)
    with pytest.raises(Overtaken, match="done already"):
        await perform(store, "test", cause, deed)
    assert deed.count == 1


async def test_what_was_refused_may_be_done_later(store: Store):
    cause, deed = ActCause("ann", act_id="form-1"), Deed(store)
    with pytest.raises(SeedwireError):
        await perform(store, "test", cause, Deed(store, SeedwireError("not now")))
    await perform(store, "test", cause, deed)
    (act,) = await store.history.list_acts()
    assert (deed.count, act.outcome) == (1, "done")


async def test_a_refusal_is_an_outcome(store: Store):
    with pytest.raises(SeedwireError):
        await perform(store, "test", ActCause("ann"), Deed(store, SeedwireError("no " * 400)))
    (act,) = await store.history.list_acts()
    assert act.outcome.startswith("refused: no no")
    assert len(act.outcome) < 600


async def test_two_acts_of_one_person_are_two(store: Store):
    for _ in range(2):
        await perform(store, "test", ActCause("ann"), Deed(store))
    assert len(await store.history.list_acts()) == 2


@pytest.mark.parametrize(
    "again",
    [
        ("test", ActCause("ann", "why", "form-1"), ("a1", "a3")),
        ("other", ActCause("ann", "why", "form-1"), ("a1", "a2")),
        ("test", ActCause("bob", "why", "form-1"), ("a1", "a2")),
        ("test", ActCause("ann", "because", "form-1"), ("a1", "a2")),
    ],
)
@pytest.mark.parametrize("error", [SeedwireError("not these"), KafkaUnavailable("gone")])
async def test_a_form_sent_again_with_other_content_is_not_hidden_behind_the_first(
    store: Store, error: Exception, again: tuple[str, ActCause, tuple[str, ...]]
):
    first = ActCause("ann", "why", "form-1")
    with pytest.raises(SeedwireError):
        await perform(store, "test", first, Deed(store, error), subjects=["a1", "a2"])
    (before,) = await store.history.list_acts()
    kind, cause, subjects = again
    deed = Deed(store)
    with pytest.raises(Overtaken, match="other content"):
        await perform(store, kind, cause, deed, subjects=subjects)
    assert deed.count == 0
    assert await store.history.list_acts() == [before]
