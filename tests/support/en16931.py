"""An independent model of a document's totals in decimal numbers, and random documents to compare it with.

It follows the business terms of EN 16931: BT-131 (net amount of a line), BG-23 (the breakdown by rate, with BT-116 and
BT-117), BT-110 (tax) and BT-112 (total with tax). That adjustments are added at the end is our own.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import groupby
from random import Random
from typing import Any, NamedTuple

CENT = Decimal("0.01")
RATES = [Decimal(rate) for rate in ("0", "0", "5", "7", "10", "19", "20", "7.7", "8.1", "5.5", "33.3333", "0.0001")]
LARGE = Decimal("99999999.99")


class Line(NamedTuple):
    """A line: how much, what one costs in dollars, and at which rate in percent it is taxed."""

    quantity: Decimal
    unit_price: Decimal
    rate: Decimal

    @property
    def amount(self) -> Decimal:
        """BT-131: quantity times price, to the cent."""
        return rounded(self.quantity * self.unit_price)


class Document(NamedTuple):
    """Lines, and what is taken off or added for the document as a whole, in dollars."""

    lines: Sequence[Line]
    discount: Decimal
    adjustments: Decimal

    @property
    def subtotal(self) -> Decimal:
        """BT-106: the sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def breakdown(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """BG-23: rate, BT-116 (taxable amount) and BT-117 (tax), by rate."""
        ordered = sorted(self.lines, key=lambda line: line.rate)
        groups = [(rate, [line.amount for line in lines]) for rate, lines in groupby(ordered, lambda line: line.rate)]
        sums = [(rate, sum(amounts, Decimal(0))) for rate, amounts in groups]
        return [
            (rate, base - off, rounded((base - off) * rate / 100))
            for (rate, base), off in zip(sums, self._allowances([base for _, base in sums]), strict=True)
        ]

    @property
    def tax(self) -> Decimal:
        """BT-110: the sum of BT-117."""
        return sum((tax for _, _, tax in self.breakdown), Decimal(0))

    @property
    def total(self) -> Decimal:
        """BT-112, with the adjustments."""
        return self.subtotal - self.discount + self.tax + self.adjustments

    def _allowances(self, bases: Sequence[Decimal]) -> list[Decimal]:
        """The discount as an allowance of each rate: whoever is furthest below the exact share gets the next cent."""
        if not self.subtotal:
            return [Decimal(0) for _ in bases]
        cents = 100 * self.discount
        exact = [cents * base for base in bases]  # times the subtotal, so that nothing is divided
        given = [(each / self.subtotal).quantize(Decimal(1), ROUND_DOWN) for each in exact]
        while sum(given) < cents:
            short = [each - got * self.subtotal for each, got in zip(exact, given, strict=True)]
            given[short.index(max(short))] += 1
        return [got * CENT for got in given]


def rounded(amount: Decimal) -> Decimal:
    """Return an amount to the cent, half a cent upwards."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def random_document(random: Random, rates: Sequence[Decimal] = RATES) -> Document:
    """Return a document of up to twelve lines, at few rates or at many."""
    some = random.choices(rates, k=random.randint(1, 6))
    lines = [_random_line(random, some) for _ in range(random.randint(0, 12))]
    subtotal = Document(lines, Decimal(0), Decimal(0)).subtotal
    share = random.choice((Decimal(0), Decimal(1), Decimal(random.randint(1, 9999)) / 10000))
    return Document(
        lines, rounded(subtotal * share), Decimal(random.choice((0, 0, 1, -1)) * random.randint(1, 99999)) / 100
    )


def _random_line(random: Random, rates: Sequence[Decimal]) -> Line:
    quantity = Decimal(random.choice((10000, random.randint(1, 9) * 10000, random.randint(1, 300000)))) / 10000
    largest = random.choice((3, 1000, 100000, int(LARGE)))
    return Line(quantity, Decimal(random.randint(0, largest)) / 100, random.choice(rates))


def shuffled(random: Random, items: Sequence[Any]) -> list[Any]:
    """Return items in another order."""
    return random.sample(items, len(items))
