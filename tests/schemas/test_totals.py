"""The arithmetic of totals, against an independent model in decimal numbers.

`make soak` tries more random documents: CRM_TEST_SOAK_DOCUMENTS is how many.
"""

import os
from decimal import Decimal
from random import Random

import pytest

from crm.models.document import amount_of
from crm.schemas.totals import RateTotal, tax_breakdown, totals_of
from tests.support.en16931 import Document, Line, random_document, shuffled

DOCUMENTS = int(os.environ.get("CRM_TEST_SOAK_DOCUMENTS", "500"))
Charge = tuple[int, int]


def units(number: Decimal, decimals: int) -> int:
    """Return a number that has so many decimals at most in units of the last."""
    scaled = number.scaleb(decimals)
    assert scaled == int(scaled)
    return int(scaled)


def charges(document: Document) -> list[Charge]:
    """Return what the application makes of the lines of a document."""
    return [
        (units(line.rate, 4), amount_of(units(line.quantity, 4), units(line.unit_price, 2))) for line in document.lines
    ]


def test_random_documents_are_as_the_model_has_them_whichever_order_their_lines_come_in() -> None:
    random = Random(16931)
    seen = set()
    for _ in range(DOCUMENTS):
        document = random_document(random)
        lines, discount, adjustments = charges(document), units(document.discount, 2), units(document.adjustments, 2)
        totals = totals_of(lines, discount, adjustments)
        breakdown = tax_breakdown(lines, discount)

        assert totals == tuple(units(each, 2) for each in (document.subtotal, document.tax, document.total)), document
        modelled = [(units(rate, 4), units(base, 2), units(tax, 2)) for rate, base, tax in document.breakdown]
        assert breakdown == modelled, document
        assert sum(each.tax for each in breakdown) == totals.tax
        assert sum(each.taxable for each in breakdown) == totals.subtotal - discount
        assert totals.total == totals.subtotal - discount + totals.tax + adjustments
        assert all(each.taxable >= 0 for each in breakdown)
        other = shuffled(random, lines)
        assert (totals_of(other, discount, adjustments), tax_breakdown(other, discount)) == (totals, breakdown)
        seen.add((len(breakdown) > 2, discount > 0, adjustments < 0, totals.tax != document_tax_by_line(lines)))
    assert len(seen) > 10, "these documents are too much alike"


def document_tax_by_line(lines: list[Charge]) -> int:
    """Return the sum of the taxes of the lines, each rounded: what the tax of a document is not."""
    return sum(tax_breakdown([each], 0)[0].tax for each in lines)


def test_tax_is_rounded_once_for_a_rate_and_not_for_each_line() -> None:
    lines = [(190_000, 97_50), (190_000, 65_00), (190_000, 32_50)]
    assert document_tax_by_line(lines) == 37_06
    assert totals_of(lines, 0, 0) == (195_00, 37_05, 232_05)


@pytest.mark.parametrize(
    ("lines", "discount", "taxable"),
    [
        ([(0, 100), (50_000, 100)], 1, [99, 100]),  # equal remainders: the lower rate first
        ([(50_000, 100), (0, 100)], 1, [99, 100]),
        ([(0, 100), (50_000, 100), (100_000, 100)], 2, [99, 99, 100]),
        ([(0, 100), (50_000, 200)], 1, [100, 199]),  # 1/3 and 2/3 of a cent
        ([(0, 0), (50_000, 10)], 3, [0, 7]),
        ([(0, 1), (50_000, 1), (100_000, 1)], 3, [0, 0, 0]),
        ([(0, 0)], 0, [0]),
        ([], 0, []),
    ],
)
def test_a_discount_is_spread_in_proportion_to_the_last_cent(
    lines: list[Charge], discount: int, taxable: list[int]
) -> None:
    assert [each.taxable for each in tax_breakdown(lines, discount)] == taxable


@pytest.mark.parametrize("discount", [-1, 301])
def test_a_discount_that_is_none_is_not_spread(discount: int) -> None:
    lines = [(200_000, 100), (0, 200)]
    assert tax_breakdown(lines, discount) == [RateTotal(0, 200, 0), RateTotal(200_000, 100, 20)]
    assert tax_breakdown(lines, 300) == [RateTotal(0, 0, 0), RateTotal(200_000, 0, 0)]


@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount"),
    [
        (10_000, 999, 999),
        (1, 4_999, 0),
        (1, 5_000, 1),
        (5_000, 1, 1),
        (4_999, 1, 0),
        (15_000, 33, 50),
        (13_333, 75, 100),
    ],
)
def test_an_amount_is_quantity_times_price_half_up(quantity: int, unit_price: int, amount: int) -> None:
    assert amount_of(quantity, unit_price) == amount


def test_the_largest_documents_are_exact() -> None:
    """Five hundred lines of the largest amount, at the highest rate."""
    largest = 999_999_999_999_999
    (at_rate,) = tax_breakdown([(10_000_000, largest)] * 500, 1)
    assert at_rate == (10_000_000, 500 * largest - 1, 10 * (500 * largest - 1))


def test_the_model_is_one() -> None:
    line = Line(Decimal("1.5"), Decimal("0.33"), Decimal(19))
    document = Document([line, Line(Decimal(1), Decimal(1), Decimal(0))], Decimal("0.10"), Decimal("-0.05"))
    assert line.amount == Decimal("0.50")
    assert document.breakdown == [(0, Decimal("0.93"), 0), (19, Decimal("0.47"), Decimal("0.09"))]
    assert (document.subtotal, document.tax, document.total) == (Decimal("1.50"), Decimal("0.09"), Decimal("1.44"))
