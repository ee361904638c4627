"""Draws the pictures of the demo's seeds: `python seeds/pictures/draw.py [NAME …]`.

The same Pillow draws the same bytes each time.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import arena
import harbour
import painting
import sky
import town
import water
import workshop
from PIL import Image

HERE = Path(__file__).parent
PICTURES: dict[str, Callable[[], Image.Image]] = {
    "varnholm-cranes.jpg": harbour.varnholm_cranes,
    "varnholm-terminal.jpg": harbour.varnholm_terminal,
    "kessmark-bridge.jpg": water.kessmark_bridge,
    "kessmark-cable.png": workshop.kessmark_cable,
    "comet-vaskell.jpg": sky.comet_vaskell,
    "comet-vaskell-split.jpg": sky.comet_vaskell_split,
    "pelmoor-observatory.webp": sky.pelmoor_observatory,
    "ferry-skua.jpg": water.ferry_skua,
    "hesk-pier.jpg": water.hesk_pier,
    "tarnlow-stadium.jpg": arena.tarnlow_stadium,
    "heron-cup.jpg": arena.heron_cup,
    "oldmere-night-tram.jpg": town.oldmere_night_tram,
    "oldmere-depot.jpg": town.oldmere_depot,
    "wickenfell-lanterns.jpg": town.wickenfell_lanterns,
    "quillane-lab.jpg": workshop.quillane_lab,
    "ambleworth-landscape.jpg": painting.ambleworth_landscape,
}
ANIMATION = "marrowgold-seedling.gif"
COPY = ("tarnlow-stadium.jpg", "tarnlow-stadium-agency.jpg")  # the same bytes under two names


def main(names: list[str]) -> None:
    for name in names or [*PICTURES, ANIMATION]:
        if name == ANIMATION:
            _save_animation(HERE / name)
        else:
            _save(PICTURES[name](), HERE / name)
    shutil.copyfile(HERE / COPY[0], HERE / COPY[1])


def _save(image: Image.Image, path: Path) -> None:
    if path.suffix == ".png":
        image.quantize(64).save(path, optimize=True)
    else:
        image.save(path, quality=72, optimize=True, progressive=True)


def _save_animation(path: Path) -> None:
    frames = workshop.marrowgold_seedling()
    first, *rest = [frame.quantize(32, dither=Image.Dither.NONE) for frame in frames]
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=[*[160] * 9, 1400],
        loop=0,
        optimize=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
