"""Which strategy of assigning partitions a group uses: its members know several, in their order."""

from collections.abc import Sequence

from deploy.embedded.gateway.groups.member import Profile


def is_compatible(profile: Profile, others: Sequence[Profile]) -> bool:
    """Whether all have one kind of protocol, and a strategy in common."""
    if any(other.protocol_type != profile.protocol_type for other in others):
        return False
    return bool(_find_common([profile, *others]))


def choose_strategy(profiles: Sequence[Profile]) -> str:
    """The strategy that most members like best, of those that all know."""
    common = _find_common(profiles)
    votes: list[str] = []
    for profile in profiles:
        votes.append(next(name for name in profile.protocols if name in common))
    return max(votes, key=votes.count)


def _find_common(profiles: Sequence[Profile]) -> set[str]:
    first, *others = profiles
    return set(first.protocols).intersection(*(other.protocols for other in others))
