"""Real seeds as files, with images that a test machine can fetch."""

from collections.abc import Mapping
from pathlib import Path

from tests.real_data import move_images

SERVICES = [
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
]


def write_seeds(seeds: Mapping[str, bytes], host: str, folder: Path) -> Path:
    """Write each seed to the new folder under its file name, with its images at *host*."""
    folder.mkdir()
    for name, seed in seeds.items():
        (folder / name).write_bytes(move_images(host, seed))
    return folder
