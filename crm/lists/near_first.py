"""Looking near first: a page of rows that an index finds, though not in the order of the list.

Where many rows match, the list begins with a page of them. Where few do, the index finds them all, and they are
sorted. The database would choose one of the ways as if matches were spread evenly, and read a whole list whose matches
are all at its end. So both are gone: the first rows of the list are looked through, and unless they hold a page, all
matches are found.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, func, literal_column, select

from crm.lists.sorting import Ordered, in_index_order

_NEAR = 5000
"""How many rows are looked through. A page of 25 is among them if one row in 200 matches."""


def near_first(
    table: FromClause,
    in_scope: Sequence[ColumnElement[bool]],
    asked: Callable[[FromClause], Sequence[ColumnElement[bool]]],
    order: Callable[[FromClause], Sequence[Ordered]],
    limit: int,
) -> CompoundSelect[Any]:
    """Return the SELECT of the ids of a page; what is asked and how it is sorted are told of a table."""
    size: ColumnElement[int] = literal_column(str(limit))
    first_rows = select(table).where(*in_scope).order_by(*in_index_order(table, order(table)))
    nearest = first_rows.limit(literal_column(str(_NEAR))).subquery("nearest")
    matches = select(nearest.c.id).where(*asked(nearest)).order_by(*in_index_order(nearest, order(nearest)))
    near = matches.limit(size).cte("near").prefix_with("MATERIALIZED")
    is_too_little = select(func.count()).select_from(near).scalar_subquery() < size
    keys = [(f"key_{place}", key) for place, key in enumerate(order(table))]
    found = select(table.c.id, *(key.value.label(name) for name, key in keys))
    everywhere = found.where(*in_scope, *asked(table), is_too_little).cte("everywhere").prefix_with("MATERIALIZED")
    in_order = [key._replace(value=everywhere.c[name]).sql for name, key in keys]
    first_of_all = select(everywhere.c.id).order_by(*in_order).limit(size).subquery()
    return select(near.c.id).union_all(select(first_of_all.c.id))
