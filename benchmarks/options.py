"""What a run is asked for."""

from typing import NamedTuple


class Options(NamedTuple):
    """What was said; None as the part sees fit.

    `base` is the commit to compare with, `rounds` how often each request is measured, `leads` how many there are,
    `minutes` how long the load lasts.
    """

    base: str | None = None
    rounds: int | None = None
    leads: int | None = None
    minutes: int | None = None
