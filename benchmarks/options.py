"""What a run is asked for."""

from typing import NamedTuple


class Options(NamedTuple):
    """`base` is the commit to compare with; `rounds` how often each request is measured, None as the part sees fit."""

    base: str | None = None
    rounds: int | None = None
