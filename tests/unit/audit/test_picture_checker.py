"""What the store records about a picture, compared with its bytes."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image

from services.console.audit.checks.picture_checker import check_picture
from services.console.audit.repairs.repair_actions import CorrectPicture, RefetchPicture
from services.enrichment.images.maintenance.originals import inspect_original
from shared.store import Picture


def png(width: int = 40, height: int = 30) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (1, 2, 3)).save(buffer, "PNG")
    return buffer.getvalue()


CONTENT = inspect_original(png())
RECORDED = Picture(
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


def test_a_true_record_is_no_breach():
    assert check_picture(RECORDED, CONTENT) is None


@pytest.mark.parametrize(
    "wrong",
    [{"width": 41}, {"height": 1}, {"size": 2}, {"media_type": "image/jpeg"}, {"frames": 2}],
)
def test_a_wrong_record_is_corrected(wrong):
    breach = check_picture(replace(RECORDED, **wrong), CONTENT)
    assert breach
    assert breach.repair_action == CorrectPicture(RECORDED)


@pytest.mark.parametrize(
    "content",
    [
        None,
        inspect_original(png(41)),
        inspect_original(png()[:30]),
        inspect_original(b""),
    ],
)
def test_wrong_bytes_are_fetched_again(content):
    breach = check_picture(RECORDED, content)
    assert breach
    assert breach.repair_action == RefetchPicture(RECORDED)


def test_the_right_bytes_that_are_no_picture_are_fetched_again():
    recorded = replace(RECORDED, sha256=inspect_original(b"text").sha256)
    breach = check_picture(recorded, inspect_original(b"text"))
    assert breach
    assert "no picture" in breach.sentence
