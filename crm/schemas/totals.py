"""The totals of a document (beyond, section 16): tax is worked out for each rate, not for each line (EN 16931).

Whole numbers alone: money is in cents, a rate in ten-thousandths of a percent. The order of lines makes no difference.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from crm.models.document import tax_of

Charges = Iterable[tuple[int, int]]
"""What is charged: rates, each with an amount of zero or more. A rate may come several times."""


class RateTotal(NamedTuple):
    """What a document charges at one rate: the amounts less their share of the discount, and the tax on that."""

    rate: int
    taxable: int
    tax: int


class Totals(NamedTuple):
    """The totals of a whole document."""

    subtotal: int
    tax: int
    total: int


def totals_of(charges: Charges, discount: int, adjustments: int) -> Totals:
    """Return the totals of a document whose discount lies between 0 and the sum of its amounts."""
    by_rate = _sums(charges)
    subtotal = sum(by_rate.values())
    tax = sum(each.tax for each in _taxed(by_rate, discount))
    return Totals(subtotal, tax, subtotal - discount + tax + adjustments)


def tax_breakdown(charges: Charges, discount: int) -> list[RateTotal]:
    """Return what is charged at each rate, ascending. A discount outside 0 to the sum of the amounts is not spread."""
    by_rate = _sums(charges)
    return _taxed(by_rate, discount if 0 <= discount <= sum(by_rate.values()) else 0)


def _sums(charges: Charges) -> dict[int, int]:
    """Return the sum of the amounts of each rate, by the rates ascending."""
    sums: Counter[int] = Counter()
    for rate, amount in charges:
        sums[rate] += amount
    return dict(sorted(sums.items()))


def _taxed(by_rate: Mapping[int, int], discount: int) -> list[RateTotal]:
    shares = _spread(discount, by_rate)
    taxable = {rate: amount - shares[rate] for rate, amount in by_rate.items()}
    return [RateTotal(rate, base, tax_of(base, rate)) for rate, base in taxable.items()]


def _spread(discount: int, by_rate: Mapping[int, int]) -> dict[int, int]:
    """Return each rate's share of a discount, in proportion to its amounts.

    What rounding down leaves goes to the largest remainders, a cent to each; of equal ones to the lower rate first.
    """
    whole = sum(by_rate.values()) or 1
    shares = {rate: discount * amount // whole for rate, amount in by_rate.items()}
    remainders = {rate: discount * amount % whole for rate, amount in by_rate.items()}
    largest = sorted(by_rate, key=lambda rate: (-remainders[rate], rate))
    for rate in largest[: discount - sum(shares.values())]:
        shares[rate] += 1
    return shares
