"""What all sample data of one run shares: chance, time, look-up rows, and the plan of who bought what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from crm.demo.drafts import Draft
from crm.demo.lookups import Lookups
from crm.demo.words import Ware
from crm.models import Label

YEAR = timedelta(days=365)
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Item:
    """A product: its price in cents, its tax rate in ten-thousandths of a percent."""

    product: Draft
    ware: Ware
    unit_price: int
    tax_rate_id: int
    tax_rate: int


@dataclass(slots=True, eq=False)
class Contact:
    """A person, at an organization or on their own."""

    person: Draft
    organization: Draft | None


@dataclass(slots=True, eq=False)
class Sale:
    """One lead and how far it has come. What has not happened, or not yet, is None."""

    contact: Contact
    basket: list[tuple[Item, int]]
    """What is asked for, and how many of it."""
    lead: Draft
    converted_at: datetime | None = None
    lost_at: datetime | None = None
    deal: Draft | None = None
    closed_at: datetime | None = None
    quote: Draft | None = None
    accepted_at: datetime | None = None
    rejected_at: datetime | None = None
    order: Draft | None = None
    invoice: Draft | None = None
    paid_at: datetime | None = None

    @property
    def subtotal(self) -> int:
        """The price of the basket before tax, in cents."""
        return sum(item.unit_price * quantity for item, quantity in self.basket)


@dataclass(slots=True, eq=False)
class Company:
    """The company that the sample data is of. Its year ends at `today`; `leads` says how many it had."""

    random: Random
    today: datetime
    leads: int
    currency: str
    lookups: Lookups
    items: list[Item] = field(default_factory=list)
    organizations: list[Draft] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)

    @property
    def year_start(self) -> datetime:
        """When its first record was made."""
        return self.today - YEAR

    def chance(self, probability: float) -> bool:
        """Tell whether something happens that has this probability."""
        return self.random.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return self.random.choice(choices)

    def later(self, moment: datetime, fewest: int, most: int) -> datetime | None:
        """Return a moment some days after another, or None if that is still to come."""
        then = moment + timedelta(seconds=self.random.randint(fewest * 86400, most * 86400))
        return then if then <= self.today else None

    def new_id(self) -> str:
        """Return a UUID."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def labels(self) -> set[int]:
        """Return the row ids of a record's labels: mostly none, sometimes one or two."""
        if not self.chance(0.3):
            return set()
        ids = self.lookups.ids(Label)
        count = min(len(ids), self.random.randint(1, 2))
        return set(self.random.sample(ids, count))
