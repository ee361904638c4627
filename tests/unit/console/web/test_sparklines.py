"""Half an hour of a rate as a line."""

from datetime import UTC, datetime, timedelta

from services.console.sampling.samples import Sample, StageSample
from services.console.web.rendering.drawing import COLUMNS, HEIGHT, WIDTH, draw_sparkline

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_sample(age: timedelta, inward: float | None, outward: float | None) -> Sample:
    stage = StageSample(
        name="ingest",
        waiting=0,
        oldest_seconds=0,
        is_oldest_at_least=False,
        in_per_second=inward,
        out_per_second=outward,
        drain_seconds=None,
        entered=0,
        committed=0,
    )
    return Sample(at=NOON - age, engines=(), stages=(stage,))


def read_points(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.split(",") for point in line.split())]


def test_the_latest_is_at_the_right_and_the_highest_at_the_top():
    history = [make_sample(timedelta(minutes=15), 4.0, 0.0), make_sample(timedelta(), 2.0, 0.0)]
    line = draw_sparkline("ingest", history, NOON)
    (first_x, first_y), (last_x, last_y) = read_points(line.inward)
    assert last_x == WIDTH
    assert 0 < first_x < WIDTH
    assert 0 < first_y < last_y < HEIGHT
    assert line.top == 4.0


def test_both_lines_have_one_scale():
    line = draw_sparkline("ingest", [make_sample(timedelta(), 8.0, 8.0)], NOON)
    assert line.inward == line.outward


def test_a_line_has_at_most_sixty_points():
    history = [make_sample(timedelta(seconds=2 * step), 1.0, 1.0) for step in range(900)]
    assert len(read_points(draw_sparkline("ingest", history, NOON).inward)) == COLUMNS


def test_what_was_not_measured_is_left_out():
    history = [make_sample(timedelta(), None, 1.0), make_sample(timedelta(hours=1), 5.0, 5.0)]
    line = draw_sparkline("ingest", history, NOON)
    assert line.inward == ""
    assert len(read_points(line.outward)) == 1


def test_a_rate_of_nothing_is_a_line_at_the_bottom():
    line = draw_sparkline("ingest", [make_sample(timedelta(), 0.0, 0.0)], NOON)
    assert read_points(line.inward) == [(WIDTH, HEIGHT - 1)]
