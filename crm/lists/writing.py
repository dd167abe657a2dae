"""The records of a page as JSON text, so that of large documents only a few are in memory as objects at a time."""

from collections.abc import Sequence

import orjson

from crm.database.projection import Projection
from crm.database.query import Row
from crm.http.responses import WrittenArray
from crm.lists.showing import Shown

AT_ONCE = 25
"""How many records are always read at once: a page of the default size takes no query more."""

_LIGHT = 4_000_000  # bytes of text


def write_records(projection: Projection, rows: Sequence[Row], shown: Shown) -> WrittenArray:
    """Return the JSON text of rows; after the first ones, so many are read at once as are light by experience."""
    written = WrittenArray()
    count = AT_ONCE
    while len(written) < len(rows):
        some = rows[len(written) : len(written) + count]
        written.extend(map(orjson.dumps, shown.records(projection, some)))
        count = max(1, _LIGHT * len(written) // sum(map(len, written)))
    return written
