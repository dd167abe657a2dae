"""`flask crm setup`, `seed`, `recount`, `openapi`: an installation and its upkeep."""

import click
import orjson
from flask import current_app

from crm.access import accounts
from crm.access.tokens import DEFAULT_TOKEN_NAME, issue_token
from crm.commands.group import crm
from crm.commands.seed import seed
from crm.database.connections import transaction
from crm.database.migrations import upgrade
from crm.records.recount import recount

FIRST_OWNER = """
A first user was made. This is shown once:

  email     {email}
  password  {password}
  token     {token}

Create a lead, in another terminal:

  curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\
       -d '{{"title": "My first lead"}}' http://127.0.0.1:8000/crm/api/v2/leads
"""


@crm.command()
def setup() -> None:
    """Prepare everything for serving: schema, look-up rows, and a first Owner if there is no user."""
    upgrade()
    seed()
    if (first := accounts.create_first_owner()) is not None:
        token = issue_token(first.user_id, DEFAULT_TOKEN_NAME)
        click.echo(FIRST_OWNER.format(email=first.email, password=first.password, token=token))


@crm.command("seed")
def seed_lookups() -> None:
    """Add the look-up rows that are missing. Repeatable."""
    click.echo(f"{seed()} look-up rows added.")


@crm.command("recount")
def mend_counters() -> None:
    """Check the kept totals of lists and the last numbers given, and mend what is wrong."""
    with transaction() as connection:
        mended = recount(connection)
    for counter in mended:
        click.echo(f"{counter.resource} of team {counter.team_id}: {counter.before[0]} -> {counter.after[0]} records")
    click.echo(f"{len(mended)} counters mended.")


@crm.command("openapi")
def print_description() -> None:
    """Print the API description as JSON."""
    from crm.openapi.document import describe  # here, so that serving does not load it

    click.echo(orjson.dumps(describe(current_app), option=orjson.OPT_INDENT_2))
