"""The products that lines name: which rows they are, and at which rate each is taxed (contract, section 5)."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, and_, func, select

from crm.access.scope import alive, visible
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models import Product, TaxRate
from crm.schemas.collections.line_rows import GIVEN
from crm.schemas.own_keys import OwnKey, records_named

_OF_LINES = (*GIVEN, "tax_rate")


class TaxedProduct(NamedTuple):
    """A product by its row id, and its tax rate in ten-thousandths of a percent."""

    row_id: int
    tax_rate: int


class OwnLine(NamedTuple):
    """A line that a document has: the UUID of its product, that product, and the line's columns."""

    product_key: str
    product: TaxedProduct
    columns: dict[str, Any]


OwnLines = dict[str, OwnLine]
"""Lines that a document has, by their UUIDs."""


class TaxedProducts:
    """The products that can be named in the request's scope, and those that the lines of `table` have already."""

    def __init__(self, table: Table):
        self.table = table

    def find(self, names: Iterable[Any]) -> dict[Any, TaxedProduct]:
        """Return those of the products that are visible, by the UUIDs and own keys that name them."""
        named = {*names}
        own_keys = {(Product.__tablename__, key) for key in named if isinstance(key, OwnKey)}
        keys = [key for key in named if not isinstance(key, OwnKey)]
        found: dict[Any, TaxedProduct] = {}
        if keys:
            found |= {str(key): TaxedProduct(*taxed) for key, *taxed in self._by_key.rows(keys=keys)}
        if row_ids := records_named(own_keys):
            by_id = {taxed[0]: TaxedProduct(*taxed) for _, *taxed in self._by_id.rows(row_ids=[*row_ids.values()])}
            found |= {key: by_id[row_id] for (_, key), row_id in row_ids.items() if row_id in by_id}
        return found

    def of_lines(self, record_ids: list[int], keys: list[str]) -> dict[int | None, OwnLines]:
        """Return these lines of documents, by the row id of the document."""
        own: dict[int | None, OwnLines] = defaultdict(dict)
        for record_id, key, *line in self._of_lines.rows(record_ids=record_ids, keys=keys) if keys else ():
            product, row_id, rate, *columns = line
            columns_by_name = dict(zip(_OF_LINES, columns, strict=True))
            own[record_id][str(key)] = OwnLine(str(product), TaxedProduct(row_id, rate), columns_by_name)
        return own

    @cached_property
    def _by_key(self) -> Query:
        return Query(self._visible.where(any_of(Product.external_id, "keys")))

    @cached_property
    def _by_id(self) -> Query:
        return Query(self._visible.where(any_of(Product.id, "row_ids")))

    @property
    def _visible(self) -> Select[str, int, int]:
        statement = select(Product.external_id, Product.id, _tax_rate()).select_from(_TAXED)
        return statement.where(*visible(Product))

    @cached_property
    def _of_lines(self) -> Query:
        table = self.table
        source = table.join(_TAXED, Product.id == table.c.product_id)
        product = (Product.external_id, Product.id, _tax_rate())
        columns = (table.c.record_id, table.c.external_id, *product, *(table.c[name] for name in _OF_LINES))
        of_records = any_of(table.c.record_id, "record_ids")
        return Query(select(*columns).select_from(source).where(of_records, any_of(table.c.external_id, "keys")))


_TAXED = Product.__table__.outerjoin(
    TaxRate.__table__, and_(TaxRate.id == Product.tax_rate_id, alive(TaxRate.__table__))
)


def _tax_rate() -> ColumnElement[int]:
    """Return the rate at which a product is taxed: of its look-up rate, its own, the default one, or none."""
    default = select(TaxRate.rate).where(*visible(TaxRate), TaxRate.default.is_(True))
    nearest = default.order_by(TaxRate.team_id.is_(None), TaxRate.id).limit(1).scalar_subquery()
    return func.coalesce(TaxRate.rate, Product.tax_rate, nearest, 0)
