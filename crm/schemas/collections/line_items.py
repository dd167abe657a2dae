"""The line items of quotes, orders and invoices (contract, section 5)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from operator import itemgetter
from typing import Any

from sqlalchemy import FromClause

from crm.database.projection import Projection
from crm.models import Product
from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.computed_lines import COMPUTE_TOTALS, complete_lines
from crm.schemas.collections.line_rows import Line, LineRows
from crm.schemas.collections.ordered_rows import OrderedRows
from crm.schemas.collections.taxed_products import OwnLines, TaxedProduct, TaxedProducts
from crm.schemas.fields import INVALID_REFERENCE, ExternalId, Field, Integer, Money, Percent, Quantity, Reader, Text
from crm.schemas.reading import Reading
from crm.schemas.relations import Related, ShownReference
from crm.schemas.summaries import ProductSummary

UNIT_PRICE_BY_DEFAULT = "Required, but with `compute_totals`: then by default the product's price in the currency."
AMOUNT_BY_DEFAULT = "Required, but with `compute_totals`: then by default quantity times unit price."


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


class ComputedLineSchema(LineItemSchema):
    """A line of a document whose totals are worked out, which may leave out what can be."""

    unit_price = Money(min=0, metadata={"description": UNIT_PRICE_BY_DEFAULT})
    amount = Money(min=0, metadata={"description": AMOUNT_BY_DEFAULT})


class LineItems(OrderedRows):
    """The lines of a document, in their order. A line with the `id` of one of them is updated in place."""

    member = LineItemSchema
    max_items = 500
    fits_its_record = True  # a total beside another moment's lines is no document
    shows = ("currency",)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        """Return the lines of a document, whose body says by then whether its totals are worked out.

        If it does not say so of one that is made of another, that one decides, once it is locked.
        """
        computed = (data or {}).get(COMPUTE_TOTALS)
        if computed is True or (computed is None and getattr(self.root, "is_for_copy", False)):
            return self.parse_members(value, partial(self.parse_by, self._computed_line_schema))
        return self.parse(value)

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Give the lines of documents the row ids and the tax rates of their products, and what they may leave out."""
        name = str(self.name)
        lines = [line for reading in readings for line in reading.values[name].values()]
        products = self._products.find(line["product_id"] for line in lines if "product_id" in line)
        keys = list({line["external_id"] for line in lines if line.get("external_id")})
        own = self._products.of_lines([reading.record_id for reading in readings if reading.record_id], keys)
        for reading in readings:
            if faults := _resolve_lines(reading.values[name], products, own.get(reading.record_id, {})):
                reading.refuse({name: faults})
        complete_lines([reading for reading in readings if reading.values.get(COMPUTE_TOTALS)], name, own)

    def write(self, lines_of: Mapping[int, dict[Index, Line]], *, new: bool) -> set[int]:
        """Make these the lines of documents, and return whose lines are others now. Raises Overtaken."""
        return self._rows.write(lines_of, new=new)

    def as_given(self, record_id: int) -> dict[Index, Line]:
        """Return the lines of a document, each at the rate at which it is taxed."""
        return self._rows.of(record_id)

    @cached_property
    def _rows(self) -> LineRows:
        return LineRows(self.table)

    @cached_property
    def _member_schema(self) -> LineItemSchema:
        return LineItemSchema(exclude=self._ignored)

    @cached_property
    def _computed_line_schema(self) -> LineItemSchema:
        return ComputedLineSchema(exclude=self._ignored)

    @property
    def _ignored(self) -> tuple[str, ...]:
        """What is ignored of a line: in a new document its `id`."""
        return ("id",) if getattr(self.root, "is_for_new", True) else ()

    @cached_property
    def _products(self) -> TaxedProducts:
        return TaxedProducts(self.table)


def _resolve_lines(
    lines: Mapping[Index, Line], products: Mapping[Any, TaxedProduct], own: OwnLines
) -> dict[Index, dict[str, list[str]]]:
    """Give the lines of one document the row ids and tax rates of their products; return the faults.

    `own` are lines that the document has already: such a line may keep its product though that is deleted.
    """
    faults: dict[Index, dict[str, list[str]]] = defaultdict(dict)
    named: set[str] = set()
    for index, line in lines.items():
        external_id, product = line.get("external_id") or "", line.get("product_id") or ""
        if external_id and (external_id not in own or external_id in named):
            faults[index]["id"] = [INVALID_REFERENCE]
        named.add(external_id)
        present = own.get(external_id)
        kept = present.product if present and present.product_key == product else None
        if found := products.get(product) or kept:
            line["product_id"], line["tax_rate"] = found
        elif product:
            faults[index]["product_id"] = [INVALID_REFERENCE]
    return faults
