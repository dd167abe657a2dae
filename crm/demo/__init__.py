"""Sample data: a year of a company's sales, over all resources (contract, section 9)."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random

import click
from flask import current_app

from crm.access.working_team import enter_named_team
from crm.blueprints import resources_of
from crm.database.connections import transaction
from crm.demo.company import Company
from crm.demo.deals import make_deals
from crm.demo.drafts import Draft, write
from crm.demo.invoices import make_invoices
from crm.demo.leads import make_leads
from crm.demo.lookups import read_lookups
from crm.demo.orders import make_orders
from crm.demo.organizations import make_organizations
from crm.demo.people import make_people
from crm.demo.plan import make_plan
from crm.demo.products import make_products
from crm.demo.quotes import make_quotes
from crm.models import Deal, Invoice, Lead, Order, Organization, Person, Product, Quote
from crm.models.base import Record
from crm.models.types import now
from crm.records.counters import numbers_given

SEED = 2025
DEMOS: dict[type[Record], Callable[[Company], Iterator[Draft]]] = {
    Product: make_products,
    Organization: make_organizations,
    Person: make_people,
    Lead: make_leads,
    Deal: make_deals,
    Quote: make_quotes,
    Order: make_orders,
    Invoice: make_invoices,
}
"""What makes the sample records of each resource, in the order of writing: each after those that it refers to."""


def create_demo(
    leads: int, team_id: int | None = None, today: datetime | None = None, seed: int = SEED
) -> dict[str, int]:
    """Add a company's year in one transaction and return how many records each resource got.

    `leads` says how many leads there are; everything else follows from it. The year ends at `today`, an aware start
    of a day, by default of this one. The same seed gives the same data in a database that holds the same records.
    Raises AccountError for a team that is missing, not asked for or unknown, ClickException for missing look-up rows.
    """
    enter_named_team(team_id)
    lookups = read_lookups()
    today = today or now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction():
        # Numbers are never given twice: so every run has another chance, and UUIDs that no other run drew.
        chance = Random(f"{seed} {team_id} {numbers_given()}")  # noqa: S311 (sample data is no secret)
        company = Company(chance, today, leads, current_app.config["DEFAULT_CURRENCY"], lookups)
        make_plan(company)
        return {model.__tablename__: _write(company, model) for model in DEMOS}


def _write(company: Company, model: type[Record]) -> int:
    """Write the records of one resource, the oldest first, and return how many there are."""
    writer = resources_of(current_app)[model.__tablename__].writer
    drafts = sorted(DEMOS[model](company), key=lambda draft: draft.created_at)
    label = f"{model.__tablename__:13}"
    with click.progressbar(length=len(drafts), label=label, file=sys.stderr) as bar:
        for written in write(writer, drafts, company.new_id):
            bar.update(written)
    return len(drafts)
