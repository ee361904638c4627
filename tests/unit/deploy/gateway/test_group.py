"""A consumer group of the gateway: who is a member, and what each learns when."""

import asyncio

import pytest
from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.groups.coordinator import Coordinator
from deploy.embedded.gateway.groups.group import FIRST_WAIT, Group, State
from deploy.embedded.gateway.groups.member import Joined, Profile, Refused

SESSION = 10.0
REBALANCE = 60.0


def profile(name: str = "reader", **changes) -> Profile:
    values = {
        "client_id": name,
        "host": "/127.0.0.1",
        "instance_id": None,
        "session_timeout": SESSION,
        "rebalance_timeout": REBALANCE,
        "protocol_type": "consumer",
        "protocols": {"range": b"topics"},
    }
    return Profile(**{**values, **changes})


async def form(group: Group, *profiles: Profile) -> list[Joined]:
    """Let all of them join at second 0, and the leader assign its own id to each."""
    joining = [group.join("", each, 0.0) for each in profiles]
    group.check_time(FIRST_WAIT)
    joined = [await future for future in joining]
    assignments = {each.member_id: each.member_id.encode() for each in joined}
    leader = joined[0].leader
    await group.sync(leader, group.generation, assignments, FIRST_WAIT)
    return joined


def refusal(action, *arguments) -> ErrorCode:
    with pytest.raises(Refused) as refused:
        action(*arguments)
    return refused.value.code


async def test_members_that_start_together_are_of_one_generation():
    group = Group()
    first, second = await form(group, profile("a"), profile("b"))
    assert (first.generation, second.generation) == (1, 1)
    assert [member.id for member in first.members] == [first.member_id, second.member_id]
    assert second.members == [], "only the leader learns of the others"
    assert group.state is State.STABLE


async def test_every_member_gets_what_the_leader_assigned_to_it():
    group = Group()
    _, second = await form(group, profile("a"), profile("b"))
    assert await group.sync(second.member_id, 1, {}, 1.0) == second.member_id.encode()


async def test_a_follower_waits_for_the_leader():
    group = Group()
    joining = [group.join("", profile(name), 0.0) for name in "ab"]
    group.check_time(FIRST_WAIT)
    leader, follower = [await future for future in joining]
    waiting = group.sync(follower.member_id, 1, {}, 1.0)
    assert not waiting.done()
    await group.sync(leader.member_id, 1, {follower.member_id: b"all"}, 1.0)
    assert await waiting == b"all"


async def test_a_newcomer_has_the_others_join_again():
    group = Group()
    (first,) = await form(group, profile("a"))
    newcomer = group.join("", profile("b"), 1.0)
    assert refusal(group.heartbeat, first.member_id, 1, 2.0) is ErrorCode.rebalance_in_progress
    assert not newcomer.done()
    again = group.join(first.member_id, profile("a"), 3.0)
    assert (await newcomer).generation == (await again).generation == 2
    assert (await again).leader == first.member_id, "the leader stays"


async def test_whoever_does_not_join_again_in_time_is_removed():
    group = Group()
    first = (await form(group, profile("a", session_timeout=1000.0)))[0]
    newcomer = group.join("", profile("b"), 1.0)
    group.check_time(1.0 + REBALANCE)
    assert not newcomer.done()
    group.check_time(1.1 + REBALANCE)
    assert (await newcomer).leader == (await newcomer).member_id
    code = refusal(group.heartbeat, first.member_id, 2, 70.0)
    assert code is ErrorCode.unknown_member_id


async def test_a_leader_that_assigns_nothing_is_removed():
    group = Group()
    joining = [group.join("", profile(name, session_timeout=1000.0), 0.0) for name in "ab"]
    group.check_time(FIRST_WAIT)
    leader, follower = [await future for future in joining]
    waiting = group.sync(follower.member_id, 1, {}, 1.0)
    group.check_time(FIRST_WAIT + REBALANCE + 0.1)
    with pytest.raises(Refused, match="rebalance_in_progress"):
        await waiting
    assert leader.member_id not in group.members


async def test_a_silent_member_is_removed():
    group = Group()
    first, second = await form(group, profile("a"), profile("b"))
    group.heartbeat(first.member_id, 1, SESSION)
    group.check_time(SESSION + FIRST_WAIT + 0.1)
    assert list(group.members) == [first.member_id]
    assert group.state is State.JOINING
    assert second.member_id not in group.members


async def test_a_member_that_waits_for_the_others_is_not_silent():
    group = Group()
    first = (await form(group, profile("a", session_timeout=1000.0)))[0]
    newcomer = group.join("", profile("b"), 1.0)
    group.check_time(1.0 + 2 * SESSION)
    again = group.join(first.member_id, profile("a"), 2.0 + 2 * SESSION)
    assert (await newcomer).generation == (await again).generation


async def test_a_group_that_everybody_left_is_empty():
    group = Group()
    (only,) = await form(group, profile())
    group.leave(only.member_id, 1.0)
    assert group.state is State.EMPTY
    assert refusal(group.leave, only.member_id, 2.0) is ErrorCode.unknown_member_id


async def test_a_follower_that_joins_again_learns_what_it_knew():
    group = Group()
    _, second = await form(group, profile("a"), profile("b"))
    again = await group.join(second.member_id, profile("b"), 1.0)
    assert again.generation == 1
    assert group.state is State.STABLE


async def test_other_subscriptions_begin_a_rebalance():
    group = Group()
    _, second = await form(group, profile("a"), profile("b"))
    changed = profile("b", protocols={"range": b"other topics"})
    waiting = group.join(second.member_id, changed, 1.0)
    assert not waiting.done()
    assert group.state is State.JOINING


async def test_the_strategy_is_one_that_all_know():
    group = Group()
    both = {"cooperative": b"", "range": b""}
    first, _ = await form(group, profile("a", protocols=both), profile("b"))
    assert first.protocol == "range"


async def test_members_without_a_common_strategy_are_refused():
    group = Group()
    await form(group, profile("a"))
    other = profile("b", protocols={"sticky": b""})
    assert refusal(group.join, "", other, 1.0) is ErrorCode.inconsistent_group_protocol


async def test_an_unknown_member_begins_anew():
    code = refusal(Group().join, "of-another-time", profile(), 0.0)
    assert code is ErrorCode.unknown_member_id


async def test_an_old_generation_may_not_commit():
    group = Group()
    (only,) = await form(group, profile())
    group.require_may_commit(only.member_id, 1, 1.0)
    code = refusal(group.require_may_commit, only.member_id, 0, 1.0)
    assert code is ErrorCode.illegal_generation
    code = refusal(group.require_may_commit, "", -1, 1.0)
    assert code is ErrorCode.unknown_member_id


async def test_whoever_is_no_member_may_commit_in_a_group_without_members():
    Group().require_may_commit("", -1, 0.0)


async def test_a_member_with_a_name_takes_its_former_place():
    group = Group()
    (former,) = await form(group, profile(instance_id="desk-1"))
    successor = group.join("", profile(instance_id="desk-1"), 1.0)
    assert (await successor).member_id != former.member_id
    code = refusal(group.join, former.member_id, profile(instance_id="desk-1"), 2.0)
    assert code is ErrorCode.fenced_instance_id
    assert group.find_static_member("desk-1") == (await successor).member_id


async def test_a_repeated_join_waits_for_the_same_answer():
    group = Group()
    first, _ = await form(group, profile("a"), profile("b"))
    earlier = group.join(first.member_id, profile("a"), 1.0)
    later = group.join(first.member_id, profile("a"), 2.0)
    assert earlier is later
    assert isinstance(earlier, asyncio.Future)


async def test_a_group_is_forgotten_at_once_only_when_everybody_left():
    coordinator = Coordinator(clock=lambda: 1.0)
    group = coordinator.find_or_create("readers")
    (member,) = await form(group, profile())
    assert refusal(coordinator.forget, "readers") == ErrorCode.non_empty_group
    group.leave(member.member_id, 1.0)
    coordinator.forget("readers")
    assert "readers" not in coordinator.groups
