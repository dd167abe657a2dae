"""Few first: a page of rows that an index of another table finds, such as people by an e-mail address.

As a rule they are few, and sorted at once. What thousands of records share, the database looks for in the order of the
list instead, which does not wait until all of them are found.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, func, literal_column, select

from crm.lists.sorting import Ordered, in_index_order

_FEW = 5000
"""How many matches are sorted at most. Finding so many takes some 10 ms."""


def few_first(
    table: FromClause, matches: Sequence[ColumnElement[bool]], order: Sequence[Ordered], limit: int
) -> CompoundSelect[Any]:
    """Return the SELECT of the ids of a page of the rows that match, in this order."""
    size: ColumnElement[int] = literal_column(str(limit))
    keys = [(f"key_{place}", key) for place, key in enumerate(order)]
    found = select(table.c.id, *(key.value.label(name) for name, key in keys)).where(*matches)
    few = found.limit(literal_column(str(_FEW))).cte("few").prefix_with("MATERIALIZED")
    are_all = select(func.count()).select_from(few).scalar_subquery() < _FEW
    in_order = [key._replace(value=few.c[name]).sql for name, key in keys]
    first_of_few = select(few.c.id).where(are_all).order_by(*in_order).limit(size).subquery()
    walk = select(table.c.id).where(*matches, ~are_all).order_by(*in_index_order(table, order)).limit(size).subquery()
    return select(first_of_few.c.id).union_all(select(walk.c.id))
