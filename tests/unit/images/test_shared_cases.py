"""The cases that lie beside the repository, where they do: pictures, pages, robots.txt."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.enrichment.images.decoding.thumbnails import make_derivatives
from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import Failure, FailureKind, VerifiedPicture
from services.enrichment.images.pages.page_metadata import extract_metadata
from services.enrichment.images.pages.robots import RobotsPolicy

CASES = Path(__file__).parents[4] / "shared" / "cases"
PICTURES, PAGES = CASES / "07-bytes-of-pictures", CASES / "08-pages-and-robots"

LARGE_PICTURES = {  # straight from cameras
    "mpo2_12mp.jpg": (4032, 3024),
    "mpo2_24mp.jpg": (5712, 4284),
    "mpo3_24mp.jpg": (5712, 4284),
    "mpo2_small.jpg": (1600, 1200),
    "mpo_stale.jpg": (1600, 1200),
}
SMALL_PICTURES = (  # of 400 x 300 pixels
    "anim_cut.gif",
    "badcrc_anc.png",
    "badcrc_text.png",
    "i16.png",
    "iccp_2mb.png",
    "itxt_2mb.png",
    "mif1.avif",
    "noeoi.jpg",
    "noiend.png",
    "ok.jpg",
    "xmp_or6.jpg",
    "xmp_or6.png",
    "xmp_or6.webp",
    "ztxt_2mb.png",
)
DISALLOWED = {1: "p1", 5: "p1e", 6: "p1f"}  # by the last number of the host


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not PICTURES.is_dir():
        pytest.skip("the shared cases are not here")
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "img").mkdir()
    script = str(PICTURES / "mkimg.py")
    subprocess.run([sys.executable, script], cwd=folder, check=True, capture_output=True)
    return folder / "img"


def test_pictures_are_taken_as_browsers_take_them(pictures: Path):
    sizes = LARGE_PICTURES | dict.fromkeys(SMALL_PICTURES, (400, 300))
    measured = {}
    for name in sizes:
        picture = verify_picture((pictures / name).read_bytes())
        assert isinstance(picture, VerifiedPicture), f"{name}: {picture}"
        measured[name] = (picture.width, picture.height)
    assert measured == sizes
    assert make_derivatives((pictures / "i16.png").read_bytes()).colour == "#757575"
    for name in ("pixel.gif", "tiny.png"):
        outcome = verify_picture((pictures / name).read_bytes())
        assert isinstance(outcome, Failure)
        assert outcome.kind is FailureKind.TOO_SMALL


@pytest.mark.filterwarnings("ignore::UserWarning")  # of broken EXIF
def test_no_reason_of_a_failure_holds_a_memory_address(pictures: Path):
    for path in sorted(pictures.iterdir()):
        outcome = verify_picture(path.read_bytes())
        if isinstance(outcome, Failure):
            assert "0x" not in outcome.reason


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("name", ["p2", "p2b", "p3", "p3b"])
def test_a_picture_behind_what_looks_like_the_end_of_the_head_is_found(name: str):
    page = (PAGES / "pages" / f"{name}.html").read_bytes().replace(b"@HOST@", b"h.example")
    metadata = extract_metadata(page, "text/html; charset=utf-8", "http://h.example/page")
    assert metadata.images == ("http://h.example/f/ok.jpg",)


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("number", DISALLOWED)
async def test_a_robots_txt_with_a_mark_is_obeyed(number: int):
    async def fetch(url: str, seconds: float) -> bytes:
        return (PAGES / "robots" / f"127.0.5.{number}").read_bytes()

    url = f"http://127.0.5.{number}:8799/page/{DISALLOWED[number]}.html"
    refusal = await RobotsPolicy(fetch, "Seedwire", lambda: 0.0).check(url, 3)
    assert isinstance(refusal, Failure)
    assert refusal.kind is FailureKind.ROBOTS
