"""What articles wait for, in MongoDB: `pending.TASK` in the article, with the time since when."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from pymongo import UpdateMany, UpdateOne

from shared.store.mongo.engine.batches import split_ids
from shared.store.ports.article.articles import Task


def touch(ids: Collection[str]) -> list[UpdateMany]:
    """Count these articles as touched, and have them decided again."""
    change = {"$inc": {"touches": 1}, "$set": {"pending.decision": datetime.now(UTC)}}
    return [UpdateMany({"_id": {"$in": part}}, change) for part in split_ids(ids)]


def wait_for(task: Task, ids: Collection[str]) -> list[UpdateMany]:
    """Make these articles wait for *task*, from now on."""
    change = {"$set": {f"pending.{task}": datetime.now(UTC)}}
    return [UpdateMany({"_id": {"$in": part}}, change) for part in split_ids(ids)]


def postpone(task: Task, until: Mapping[str, datetime]) -> list[UpdateOne]:
    """Make those of these articles that wait for *task* wait for it since a time to come."""
    name = f"pending.{task}"
    return [
        UpdateOne({"_id": article_id, name: {"$exists": True}}, {"$set": {name: time}})
        for article_id, time in until.items()
    ]


def complete_task(task: Task, versions: Mapping[str, int]) -> list[UpdateOne]:
    """The task is done for these versions; an article of another version goes on waiting."""
    change = {"$unset": {f"pending.{task}": ""}}
    return [
        UpdateOne({"_id": article_id, "version": version}, change)
        for article_id, version in versions.items()
    ]


def complete_decision(touches: Mapping[str, int]) -> list[UpdateOne]:
    """These articles are decided; those that were touched again since go on waiting."""
    change = {"$unset": {"pending.decision": ""}}
    return [
        UpdateOne({"_id": article_id, "touches": count}, change)
        for article_id, count in touches.items()
    ]
