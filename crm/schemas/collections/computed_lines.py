"""What lines may leave out where the totals of their document are worked out (beyond, section 16)."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from crm.database.functions import any_of
from crm.database.query import Query
from crm.models import ProductPrice
from crm.models.document import amount_of
from crm.schemas.collections.line_rows import Line, is_given_as
from crm.schemas.collections.taxed_products import OwnLines
from crm.schemas.fields import LARGEST_MONEY, TOO_MUCH_MONEY, Field
from crm.schemas.reading import Faults, Reading

COMPUTE_TOTALS = "compute_totals"
"""The field of a document which says that its totals are worked out."""

Prices = Mapping[tuple[int, str], int]
"""Prices in cents by the row ids of products and currencies."""


def complete_lines(readings: Sequence[Reading], name: str, own: Mapping[int | None, OwnLines]) -> None:
    """Give the lines of documents, in the field `name`, the prices and amounts that they leave out.

    Their products are resolved. Adds a fault where a product has no price in the document's currency. A line that is
    given as the document has it already, among its `own`, is taxed as it is there.
    """
    prices = _prices_of(line for reading in readings for line in reading.values[name].values())
    for reading in readings:
        told, currency = reading.faults.get(name, {}), reading.values.get("currency")
        faults = {}
        for index, line in reading.values[name].items():
            if found := _complete(line, told.get(index, {}), currency, prices):
                faults[index] = found
            present = own.get(reading.record_id, {}).get(line.get("external_id") or "")
            if present and is_given_as(present.columns, line):
                line["tax_rate"] = present.columns["tax_rate"]
        if faults:
            reading.refuse({name: faults})


def require_whole_lines(reading: Reading, name: str) -> None:
    """Add a fault for each price and amount that lines leave out, in the field `name`: nothing is worked out there."""
    required = Field.default_error_messages["required"]
    for index, line in reading.values[name].items():
        if missing := [each for each in ("unit_price", "amount") if line.get(each) is None]:
            reading.refuse({name: {index: {each: [required] for each in missing}}})


def _complete(line: Line, told: Faults, currency: str | None, prices: Prices) -> Faults:
    """Fill in price and amount of a line, as far as what else it says has no faults; return those of what is filled."""
    if _leaves_out("unit_price", line, told) and "tax_rate" in line and currency:
        if (line["product_id"], currency) not in prices:
            return {"unit_price": [f"The product has no price in {currency}."]}
        line["unit_price"] = prices[line["product_id"], currency]
    if _leaves_out("amount", line, told) and "quantity" in line and line.get("unit_price") is not None:
        line["amount"] = amount_of(line["quantity"], line["unit_price"])
        if line["amount"] > LARGEST_MONEY:
            return {"amount": [TOO_MUCH_MONEY]}
    return {}


def _leaves_out(name: str, line: Line, told: Faults) -> bool:
    return line.get(name) is None and name not in told


def _prices_of(lines: Iterable[Line]) -> dict[tuple[int, str], int]:
    """Return the prices of the products of all lines that leave theirs out, in one query."""
    unpriced = {line["product_id"] for line in lines if line.get("unit_price") is None and "tax_rate" in line}
    rows = _PRICES.rows(product_ids=sorted(unpriced)) if unpriced else []
    return {(product_id, currency): unit_price for product_id, currency, unit_price in rows}


_PRICES = Query(
    select(ProductPrice.product_id, ProductPrice.currency, ProductPrice.unit_price).where(
        any_of(ProductPrice.product_id, "product_ids")
    )
)
