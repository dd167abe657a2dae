"""Two sides in turns, and the figures that are made of their pairs."""

from benchmarks.parts import floor, versions
from benchmarks.turns import Ratio, in_turns, ratio
from benchmarks.wrk import Round


def test_every_second_round_begins_with_the_other_side_and_the_first_does_not_count():
    called = []

    def side(name):
        def call():
            called.append(name)
            return name, called.count(name)

        return call

    pairs = in_turns(side("new"), side("old"), 3)
    assert called == ["new", "old", "new", "old", "old", "new", "new", "old"]
    assert pairs == [(("new", n), ("old", n)) for n in (2, 3, 4)]


def test_a_ratio_is_the_median_of_the_pairs_ratios_with_the_extremes():
    assert ratio([(10, 10), (30, 20), (8, 10)]) == Ratio(1.0, 0.8, 1.5)


def rounds():
    """Pairs whose median ratio is not the ratio of their medians."""
    return [
        (Round(rate=100, p50=1, p99=2, cpu=3), Round(rate=100, p50=1, p99=2, cpu=1)),
        (Round(rate=300, p50=3, p99=6, cpu=1), Round(rate=200, p50=1, p99=2, cpu=1)),
        (Round(rate=200, p50=2, p99=4, cpu=2), Round(rate=400, p50=1, p99=2, cpu=1)),
    ]


def test_the_figures_of_versions_are_new_over_base():
    assert versions.figures(rounds()) == {
        "ratio_to_base": 1.0,
        "lowest_ratio": 0.5,
        "highest_ratio": 1.5,
        "requests_per_second": 200,
        "base_requests_per_second": 200,
        "cpu_ratio_to_base": 2.0,
    }


def test_the_figures_beside_the_floor_are_medians():
    assert floor.figures(rounds()) == {
        "ratio_to_floor": 1.0,
        "requests_per_second": 200,
        "floor_requests_per_second": 200,
        "p50_ms": 2,
        "p99_ms": 4,
        "cpu_ms": 2,
        "floor_cpu_ms": 1,
    }
