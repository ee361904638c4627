"""Brings the faces of stories up to where their articles stand, each with what is told of it.

Where an article stands is the truth, and one write. A face may be behind, whoever died before writing it: then it
names articles that stand elsewhere, and is found by them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from shared.clock import Clock
from shared.events.story_notices import Around, told
from shared.store import Instruction, Store, Story


async def write_faces(
    story_ids: Collection[str],
    article_ids: Collection[str],
    instructions: Collection[Instruction],
    store: Store,
    clock: Clock,
) -> bool:
    """Write the next version of these stories, and of those that name any of the articles, where it is another.

    Returns False where somebody was faster: then look again. Raises StoreAway, and may then be repeated.
    """
    known = await store.stories.naming(article_ids)
    known |= await store.stories.get({*story_ids} - known.keys())
    members = await store.stories.members(
        {*story_ids, *known}
    )  # read after the faces: of two writers the later wins
    stands = await store.stories.of({one for story in known.values() for one in story.members})
    changed = faces(known, members, stands, clock())
    absorbed = {face.superseded_by: set[str]() for face in changed if face.superseded_by}
    for face in changed:
        if face.superseded_by:
            absorbed[face.superseded_by].add(face.id)
    return all(
        await store.stories.save(
            [
                told(
                    known.get(face.id),
                    face,
                    Around(stands, absorbed.get(face.id, ()), instructions),
                )
                for face in changed
            ]
        )
    )


def faces(
    known: Mapping[str, Story],
    members: Mapping[str, Collection[str]],
    stands: Mapping[str, str],
    now: datetime,
) -> list[Story]:
    """The next version of each story whose members are no longer what is *known*. One article makes no story.

    *stands* says where the articles of known stories are now: a story that has none left is followed by the one that
    most of them went to, of equals by the smaller id.
    """
    changed: list[Story] = []
    for story_id, articles in sorted(members.items()):
        living, before = tuple(sorted(articles)), known.get(story_id)
        if before is None:
            if len(living) > 1:
                changed.append(Story(story_id, 1, living, now))
        elif before.members != living:
            heir = "" if living else _heir(before, stands)
            next_version = before.version + 1
            changed.append(
                replace(
                    before, version=next_version, members=living, changed_at=now, superseded_by=heir
                )
            )
    return changed


def _heir(story: Story, stands: Mapping[str, str]) -> str:
    went = Counter(stands[one] for one in story.members if one in stands)
    return min(went, key=lambda new: (-went[new], new), default="")
