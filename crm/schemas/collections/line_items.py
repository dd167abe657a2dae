"""The line items of quotes, orders and invoices (contract, section 5)."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from operator import itemgetter
from typing import Any

from marshmallow.exceptions import ValidationError
from sqlalchemy import ColumnElement, FromClause, and_, bindparam, func, select

from crm.access.scope import alive, visible
from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import Product, TaxRate
from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.collections.line_rows import Line, LineRows
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import INVALID_REFERENCE, ExternalId, Field, Integer, Money, Percent, Quantity, Reader, Text
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


class LineItems(WrittenCollection):
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

    def resolve(self, lines: dict[Index, Line], record_id: int | None) -> dict[Index, Line]:
        """Return the lines with the row id and the tax rate of their products. Raises ValidationError."""
        products = self._find_products(lines)
        present = self._find_present(lines, record_id)
        errors: dict[Index, dict[str, list[str]]] = defaultdict(dict)
        named: set[str] = set()
        for index, line in lines.items():
            external_id, product = line.get("external_id") or "", line.get("product_id") or ""
            if external_id and (external_id not in present or external_id in named):
                errors[index]["id"] = [INVALID_REFERENCE]
            named.add(external_id)
            own = present.get(external_id)
            if found := products.get(product) or (own[1:] if own and own[0] == product else None):
                line["product_id"], line["tax_rate"] = found
            elif product:
                errors[index]["product_id"] = [INVALID_REFERENCE]
        if errors:
            raise ValidationError(dict(errors))
        return lines

    def write(self, lines_of: Mapping[int, dict[Index, Line]], *, new: bool) -> set[int]:
        """Make these the lines of documents, and return whose lines are others now. Raises ValidationFailed."""
        return self._rows.write(lines_of, new=new)

    def _find_products(self, lines: dict[Index, Line]) -> dict[str, tuple[int, int]]:
        """Return row id and tax rate of the lines' products that are visible, by UUID, in one query."""
        keys = list({line["product_id"] for line in lines.values() if "product_id" in line})
        rows = self._products.rows(keys=keys) if keys else []
        return {str(key): (row_id, rate) for key, row_id, rate in rows}

    def _find_present(self, lines: dict[Index, Line], record_id: int | None) -> dict[str, tuple[Any, ...]]:
        """Return product UUID, product row id and tax rate of those lines that the document has, by the line's UUID."""
        keys = list({line["external_id"] for line in lines.values() if line.get("external_id")})
        rows = self._present.rows(record_id=record_id, keys=keys) if keys else []
        return {str(key): (str(product), row_id, rate) for key, product, row_id, rate in rows}

    @cached_property
    def _rows(self) -> LineRows:
        return LineRows(self.table, str(self.name))

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
        statement = select(Product.external_id, Product.id, _tax_rate()).select_from(_TAXED_PRODUCT)
        return Query(statement.where(*visible(Product), any_of(Product.external_id, "keys")))

    @cached_property
    def _present(self) -> Query:
        table = self.table
        source = table.join(_TAXED_PRODUCT, Product.id == table.c.product_id)
        statement = select(table.c.external_id, Product.external_id, Product.id, _tax_rate()).select_from(source)
        return Query(statement.where(table.c.record_id == bindparam("record_id"), any_of(table.c.external_id, "keys")))


_TAXED_PRODUCT = Product.__table__.outerjoin(
    TaxRate.__table__, and_(TaxRate.id == Product.tax_rate_id, alive(TaxRate.__table__))
)


def _tax_rate() -> ColumnElement[int]:
    """Return the rate at which a product is taxed: of its look-up rate, its own, the default one, or none."""
    default = select(TaxRate.rate).where(*visible(TaxRate), TaxRate.default.is_(True))
    nearest = default.order_by(TaxRate.team_id.is_(None), TaxRate.id).limit(1).scalar_subquery()
    return func.coalesce(TaxRate.rate, Product.tax_rate, nearest, 0)
