"""The tax of a document by rate (beyond, section 16), worked out from its lines whenever it is shown."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Table, cast, func, select

from crm.database.functions import any_of
from crm.database.query import Query
from crm.schemas.collections.base import Collection
from crm.schemas.fields import Money, Percent
from crm.schemas.totals import RateTotal, tax_breakdown


class Charged(NamedTuple):
    """What the lines of a document charge: rates and amounts. `discount` is that of the document."""

    charges: list[tuple[int, int]]
    discount: int


NOTHING = Charged([], 0)


_PERCENT, _MONEY = Percent(), Money()


class TaxBreakdown(Collection):
    """What is taxable at each rate, and the tax on it, of documents whose lines are in the table `lines`."""

    fits_its_record = True
    shows = ("line_items", "discount")

    def __init__(self, lines: Table):
        super().__init__(dump_only=True)
        self.lines = lines

    def of(self, record_ids: list[int]) -> dict[int, Any]:
        """Return the breakdown of each document that has lines, by its row id."""
        charged_by = self.charged_by(record_ids)
        return {row_id: [*map(_shown, tax_breakdown(*charged))] for row_id, charged in charged_by.items()}

    def charged_by(self, record_ids: Sequence[int]) -> dict[int, Charged]:
        """Return what each document that has lines charges, by its row id."""
        found: dict[int, Charged] = {}
        for record_id, discount, rate, amount in self._sums.rows(record_ids=[*record_ids]) if record_ids else ():
            found.setdefault(record_id, Charged([], discount)).charges.append((rate, amount))
        return found

    @cached_property
    def _sums(self) -> Query:
        """Return the query of the sums of the lines of documents by their rates."""
        lines = self.lines.c
        (key,) = lines.record_id.foreign_keys
        document = key.column.table
        of_document = (lines.record_id, func.coalesce(document.c.discount, 0), lines.tax_rate)
        amount = cast(func.sum(lines.amount), BigInteger)
        sums = select(*of_document, amount).join_from(self.lines, document).where(any_of(lines.record_id, "record_ids"))
        return Query(sums.group_by(lines.record_id, document.c.discount, lines.tax_rate))


def _shown(total: RateTotal) -> dict[str, Any]:
    money = {"taxable": _MONEY.show(total.taxable), "tax": _MONEY.show(total.tax)}
    return {"rate": _PERCENT.show(total.rate), **money}
