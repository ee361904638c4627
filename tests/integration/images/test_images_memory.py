"""A worker's memory is flat, with all that it makes of a picture: a bounded form of `make bench-images PART=memory`."""

from tests.bench.images.hosts import HOSTS, hosts
from tests.bench.images.memory import measured

PICTURES, EVERY = 800, 100


def test_memory_does_not_grow_with_the_pictures_that_were_kept():
    with hosts(0, HOSTS) as port:
        points = measured(port, PICTURES, EVERY)
    settled, last = points[len(points) // 2 - 1], points[-1]
    assert last.pictures == PICTURES
    assert last.worker < 250
    assert last.worker - settled.worker < 16, (
        "MB in the later half: one picture at the limit has 15"
    )
    assert all(point.decoders < 500 for point in points)
