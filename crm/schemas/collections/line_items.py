"""The line items of quotes, orders and invoices (contract, section 5)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import FromClause, select

from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import Product
from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.base import WrittenArray
from crm.schemas.collections.line_rows import Line, LineRows
from crm.schemas.collections.taxed_products import OwnProducts, TaxedProduct, TaxedProducts
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import INVALID_REFERENCE, ExternalId, Field, Integer, Money, Percent, Quantity, Reader, Text
from crm.schemas.reading import Reading
from crm.schemas.relations import Related, ShownReference
from crm.schemas.summaries import ProductSummary


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
        products = self._products.find(line["product_id"] for line in lines if "product_id" in line)
        keys = list({line["external_id"] for line in lines if line.get("external_id")})
        own = self._products.of_lines([reading.record_id for reading in readings if reading.record_id], keys)
        for reading in readings:
            if faults := _resolve_lines(reading.values[name], products, own.get(reading.record_id, {})):
                reading.refuse({name: faults})

    def write(self, lines_of: Mapping[int, dict[Index, Line]], *, new: bool) -> set[int]:
        """Make these the lines of documents, and return whose lines are others now. Raises Overtaken."""
        return self._rows.write(lines_of, new=new)

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
    def _products(self) -> TaxedProducts:
        return TaxedProducts(self.table)


def _resolve_lines(
    lines: Mapping[Index, Line], products: Mapping[Any, TaxedProduct], own: OwnProducts
) -> dict[Index, dict[str, list[str]]]:
    """Give the lines of one document the row ids and tax rates of their products; return the faults.

    `own` are the products that lines of the document have already: such a line may keep its product though that is
    deleted.
    """
    faults: dict[Index, dict[str, list[str]]] = defaultdict(dict)
    named: set[str] = set()
    for index, line in lines.items():
        external_id, product = line.get("external_id") or "", line.get("product_id") or ""
        if external_id and (external_id not in own or external_id in named):
            faults[index]["id"] = [INVALID_REFERENCE]
        named.add(external_id)
        kept, taxed = own.get(external_id, (None, None))
        if found := products.get(product) or (taxed if kept == product else None):
            line["product_id"], line["tax_rate"] = found
        elif product:
            faults[index]["product_id"] = [INVALID_REFERENCE]
    return faults
