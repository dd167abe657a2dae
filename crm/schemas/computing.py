"""Totals that are worked out as a body is read (beyond, section 16), and of what.

What a body leaves out, its document has: lines, a discount, and whether there is anything to work out. So a body is
judged by the document as it is when the body is read, and when the document is locked, it must still be that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from crm.database.connections import in_transaction
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models.base import Record
from crm.schemas.collections.computed_lines import COMPUTE_TOTALS
from crm.schemas.collections.tax_breakdown import NOTHING, Charged
from crm.schemas.fields import LARGEST_MONEY, TOO_MUCH_MONEY
from crm.schemas.reading import Faults, Reading
from crm.schemas.totals import Charges, Totals, totals_of

COMPUTED = Totals._fields
"""The fields that are worked out."""
BEARING = frozenset((COMPUTE_TOTALS, "line_items", "discount", "adjustments", *COMPUTED))
"""The fields of a body that bear on totals; without any of them they stay as they are."""
JUDGED_BY = "judged_by"
"""Where the values of a document hold the version by which they were judged. It is no column, and so never written."""

_LINES = "line_items"
_COUNTING = ("currency", "discount", "adjustments")


class PresentDocument(NamedTuple):
    """A document as it is when a body for it is read; `counting` are its columns that totals depend on."""

    version: int
    is_computed: bool
    counting: dict[str, Any]


class PresentDocuments:
    """The documents of `model` as they are."""

    def __init__(self, model: type[Record]):
        self.table = model.__table__

    def find(self, row_ids: Iterable[int | None]) -> dict[int | None, PresentDocument]:
        """Return those of these documents that are there, by their row ids, in one query.

        Within a transaction they are locked from now on. So whoever has been overtaken, and comes again in one, is not
        overtaken another time.
        """
        wanted = [row_id for row_id in row_ids if row_id is not None]
        query = self._locking if in_transaction() else self._by_id
        rows = query.typed_rows(row_ids=wanted) if wanted else []
        return {
            row_id: PresentDocument(version, is_computed, dict(zip(_COUNTING, counting, strict=True)))
            for row_id, version, is_computed, *counting in rows
        }

    @cached_property
    def _by_id(self) -> Query:
        return Query(self._select)

    @cached_property
    def _locking(self) -> Query:
        return Query(self._select.order_by(self.table.c.id).with_for_update(key_share=True))

    @property
    def _select(self) -> Select[Any]:
        columns = (self.table.c[name] for name in ("id", "version", COMPUTE_TOTALS, *_COUNTING))
        return select(*columns).where(any_of(self.table.c.id, "row_ids"))


def work_out(readings: Sequence[Reading], charged_by: Callable[[Sequence[int]], Mapping[int, Charged]]) -> None:
    """Add their totals to the values of documents, or faults where there can be none.

    `charged_by` finds what documents charge that keep their lines, by their row ids.
    """
    known = [reading for reading in readings if not {_LINES, "currency"} & reading.faults.keys()]
    kept = charged_by([reading.record_id for reading in known if reading.record_id and _LINES not in reading.values])
    for reading in readings:
        if (reading.values.get("discount") or 0) < 0:
            reading.refuse({"discount": ["The :field field must be at least 0."]})
    for reading in known:
        if (given := reading.values.get(_LINES)) is None:
            _add_totals(reading, kept.get(reading.record_id or 0, NOTHING).charges)
        else:
            _add_totals(reading, [(line["tax_rate"], line["amount"]) for line in given.values()])


def _add_totals(reading: Reading, charges: Charges) -> None:
    discount, adjustments = (reading.values.get(name) or 0 for name in ("discount", "adjustments"))
    totals = totals_of(charges, discount, adjustments)
    if faults := _faults(totals, discount):
        reading.refuse(faults)
    reading.values.update(totals._asdict())


def _faults(totals: Totals, discount: int) -> Faults:
    """Return what is wrong with totals: a discount of more than there is, or a sum beyond the bounds of money."""
    if totals.subtotal > LARGEST_MONEY:
        return {"subtotal": [TOO_MUCH_MONEY]}
    if discount > totals.subtotal:
        return {"discount": [f"The :field field must not be greater than {Decimal(totals.subtotal).scaleb(-2)}."]}
    return {"total": [TOO_MUCH_MONEY]} if max(totals.tax, totals.total) > LARGEST_MONEY else {}
