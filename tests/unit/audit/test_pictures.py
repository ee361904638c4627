"""What is noted of a picture against its bytes."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image

from services.console.audit.pictures import inspect, judge
from services.console.audit.repair_actions import Refetch, Remeasure
from shared.store import Picture


def png(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (1, 2, 3)).save(buffer, "PNG")
    return buffer.getvalue()


CONTENT = inspect(png())
NOTED = Picture(
    url="https://p.example/1.png",
    state="cached",
    checked_at=datetime(2026, 3, 2, tzinfo=UTC),
    sha256=CONTENT.sha256,
    media_type="image/png",
    width=40,
    height=30,
    frames=1,
    size=CONTENT.size,
)


def test_a_true_note_is_no_breach():
    assert judge(NOTED, CONTENT) is None


@pytest.mark.parametrize(
    "wrong",
    [{"width": 41}, {"height": 1}, {"size": 2}, {"media_type": "image/jpeg"}, {"frames": 2}],
)
def test_a_wrong_note_is_corrected(wrong):
    breach = judge(replace(NOTED, **wrong), CONTENT)
    assert breach
    assert breach.mend == Remeasure(NOTED)


@pytest.mark.parametrize("content", [None, inspect(png(41)), inspect(png()[:30]), inspect(b"")])
def test_wrong_bytes_are_fetched_anew(content):
    breach = judge(NOTED, content)
    assert breach
    assert breach.mend == Refetch(NOTED)


def test_the_right_bytes_that_are_no_picture_are_fetched_anew():
    noted = replace(NOTED, sha256=inspect(b"text").sha256)
    breach = judge(noted, inspect(b"text"))
    assert breach
    assert "no picture" in breach.sentence
