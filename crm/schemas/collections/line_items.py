"""The line items of quotes, orders and invoices (contract, section 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select

from crm.access.scope import alive, visible
from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import Product, TaxRate
from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.base import WrittenArray
from crm.schemas.collections.line_rows import Line, LineRows
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import INVALID_REFERENCE, ExternalId, Field, Integer, Money, Percent, Quantity, Reader, Text
from crm.schemas.own_keys import OwnKey, records_named
from crm.schemas.reading import Reading
from crm.schemas.relations import Related, ShownReference
from crm.schemas.summaries import ProductSummary

Present = dict[str, tuple[str, int, int]]
"""Of lines that a document has, by their UUIDs: UUID, row id and tax rate of the product."""


class DocumentCurrency(Field):
    """The currency of the document that a line belongs to."""

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Join the document and return the reader of its currency."""
        (key,) = table.c.record_id.foreign_keys
        document = projection.join(table.c.record_id, key.column.table)
        return itemgetter(projection.add(document.c.currency))


class LineItemSchema(BodySchema):
    """One line: money in dollars, `tax_rate` in percent."""

    id = ExternalId(dump_only=False)
    product_id = ShownReference(Product, required=True, deleted_too=True)
    product = Related(Product, ProductSummary, key="product_id", deleted_too=True)
    quantity = Quantity(required=True)
    unit_price = Money(required=True, min=0)
    amount = Money(required=True, min=0)
    tax_rate = Percent(dump_only=True)
    tax_amount = Money(dump_only=True)
    currency = DocumentCurrency(dump_only=True)
    comments = Text(load_default=None)
    order = Integer(attribute="position", dump_only=True)


class LineItems(WrittenArray):
    """The lines of a document, in their order. A line with the `id` of one of them is updated in place."""

    max_items = 500
    fits_its_record = True  # a total beside another moment's lines is no document
    shows = ("currency",)

    def parse_member(self, value: Any) -> Line:
        """Return the values of one line. Raises ValidationError."""
        if not isinstance(value, Mapping):
            raise self.make_error("array")
        line: Line = self._line_schema.load(value)
        return line

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Give the lines of documents the row ids and the tax rates of their products."""
        name = str(self.name)
        lines = [line for reading in readings for line in reading.values[name].values()]
        products = self._find_products(lines)
        present = self._find_present(readings, lines)
        for reading in readings:
            if faults := _resolve_lines(reading.values[name], products, present.get(reading.record_id, {})):
                reading.refuse({name: faults})

    def write(self, lines_of: Mapping[int, dict[Index, Line]], *, new: bool) -> set[int]:
        """Make these the lines of documents, and return whose lines are others now. Raises Overtaken."""
        return self._rows.write(lines_of, new=new)

    def _find_products(self, lines: Iterable[Line]) -> dict[Any, tuple[int, int]]:
        """Return row id and tax rate of the lines' products that are visible, by the UUID or own key that was sent."""
        named = {line["product_id"] for line in lines if "product_id" in line}
        own_keys = [(Product.__tablename__, key) for key in named if isinstance(key, OwnKey)]
        keys = [key for key in named if not isinstance(key, OwnKey)]
        found: dict[Any, tuple[int, int]] = {}
        if keys:
            found |= {str(key): (row_id, rate) for key, row_id, rate in self._products.rows(keys=keys)}
        if row_ids := records_named(own_keys):
            rates = {row_id: rate for _, row_id, rate in self._products_by_id.rows(row_ids=[*row_ids.values()])}
            found |= {key: (row_id, rates[row_id]) for (_, key), row_id in row_ids.items() if row_id in rates}
        return found

    def _find_present(self, readings: Sequence[Reading], lines: Iterable[Line]) -> dict[int | None, Present]:
        """Return those of the lines that their documents have, by the row id of the document."""
        keys = list({line["external_id"] for line in lines if line.get("external_id")})
        record_ids = [reading.record_id for reading in readings if reading.record_id]
        rows = self._present.rows(record_ids=record_ids, keys=keys) if keys else []
        present: dict[int | None, Present] = defaultdict(dict)
        for record_id, key, product, row_id, rate in rows:
            present[record_id][str(key)] = str(product), row_id, rate
        return present

    @cached_property
    def _rows(self) -> LineRows:
        return LineRows(self.table)

    @cached_property
    def _line_schema(self) -> LineItemSchema:
        """Return the schema of a line, whose `id` is ignored in a new document."""
        updates = self.root is not None and self.root.partial
        return LineItemSchema() if updates else LineItemSchema(exclude=("id",))

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        lines = Projection(shown_fields(LineItemSchema()), self.table)
        statement = select(*lines.columns, self.table.c.record_id).select_from(lines.source)
        return Query(
            statement.where(any_of(self.table.c.record_id, "record_ids")).order_by(self.table.c.position)
        ), lines

    @cached_property
    def _products(self) -> Query:
        return Query(self._visible_products.where(any_of(Product.external_id, "keys")))

    @cached_property
    def _products_by_id(self) -> Query:
        return Query(self._visible_products.where(any_of(Product.id, "row_ids")))

    @property
    def _visible_products(self) -> Select[str, int, int]:
        statement = select(Product.external_id, Product.id, _tax_rate()).select_from(_TAXED_PRODUCT)
        return statement.where(*visible(Product))

    @cached_property
    def _present(self) -> Query:
        table = self.table
        source = table.join(_TAXED_PRODUCT, Product.id == table.c.product_id)
        columns = (table.c.record_id, table.c.external_id, Product.external_id, Product.id, _tax_rate())
        of_records = any_of(table.c.record_id, "record_ids")
        return Query(select(*columns).select_from(source).where(of_records, any_of(table.c.external_id, "keys")))


def _resolve_lines(
    lines: Mapping[Index, Line], products: Mapping[Any, tuple[int, int]], present: Present
) -> dict[Index, dict[str, list[str]]]:
    """Give the lines of one document the row ids and tax rates of their products; return the faults."""
    faults: dict[Index, dict[str, list[str]]] = defaultdict(dict)
    named: set[str] = set()
    for index, line in lines.items():
        external_id, product = line.get("external_id") or "", line.get("product_id") or ""
        if external_id and (external_id not in present or external_id in named):
            faults[index]["id"] = [INVALID_REFERENCE]
        named.add(external_id)
        own = present.get(external_id)
        if found := products.get(product) or (own[1:] if own and own[0] == product else None):
            line["product_id"], line["tax_rate"] = found
        elif product:
            faults[index]["product_id"] = [INVALID_REFERENCE]
    return faults


_TAXED_PRODUCT = Product.__table__.outerjoin(
    TaxRate.__table__, and_(TaxRate.id == Product.tax_rate_id, alive(TaxRate.__table__))
)


def _tax_rate() -> ColumnElement[int]:
    """Return the rate at which a product is taxed: of its look-up rate, its own, the default one, or none."""
    default = select(TaxRate.rate).where(*visible(TaxRate), TaxRate.default.is_(True))
    nearest = default.order_by(TaxRate.team_id.is_(None), TaxRate.id).limit(1).scalar_subquery()
    return func.coalesce(TaxRate.rate, Product.tax_rate, nearest, 0)
