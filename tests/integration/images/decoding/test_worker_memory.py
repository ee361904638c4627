"""A worker's memory is flat while it stores pictures: a short `make bench-images PART=memory`."""

from tests.bench.images.hosts import HOSTS, run_hosts
from tests.bench.images.memory import measure_memory

PICTURES, EVERY = 800, 100


def test_memory_does_not_grow_with_the_pictures_stored():
    with run_hosts(0, HOSTS) as port:
        points = measure_memory(port, PICTURES, EVERY)
    middle, last = points[len(points) // 2 - 1], points[-1]
    assert last.pictures == PICTURES
    assert last.worker < 250
    growth = last.worker - middle.worker
    assert growth < 16, "MB in the later half; one picture of the largest size has 15"
    assert all(point.decoders < 500 for point in points)
