"""`flask crm setup`, `seed`, `recount`, `openapi`: an installation and its upkeep."""

import os
import secrets
import sys
from pathlib import Path

import click
import orjson
from flask import current_app

from crm.access import accounts
from crm.access.tokens import DEFAULT_TOKEN_NAME, issue_token
from crm.commands.group import crm
from crm.commands.seed import seed
from crm.database.connections import transaction
from crm.database.migrations import upgrade
from crm.operate.address import own_url
from crm.operate.fitness import check_not_newer, check_teams
from crm.records.recount import recount

SHOWN_ONCE = """
A first user was made. This is shown once:

  email     {email}
  password  {password}
  token     {token}

Create a lead, in another terminal:

  curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\
       -d '{{"title": "My first lead"}}' {url}/crm/api/v2/leads
"""
KEPT_FROM_LOGS = """
A first user was made: {email}. This output may be kept, so it holds no password and no token.{known}

  {flask} --app wsgi crm update-user {email} --password   asks for a password
  {flask} --app wsgi crm api-token {email}                prints a token
"""


@crm.command(checks=(check_not_newer, check_teams))
def setup() -> None:
    """Prepare everything for serving: schema, look-up rows, and a first Owner if there is no user."""
    upgrade()
    seed()
    chosen: str | None = current_app.config["FIRST_PASSWORD"]
    password = chosen or secrets.token_urlsafe(12)
    owner = accounts.create_first_owner(password)
    if owner is None:
        return
    if not sys.stdout.isatty():
        known = "\nThe password is that of CRM_FIRST_PASSWORD." if chosen else ""
        click.echo(KEPT_FROM_LOGS.format(email=owner.email, known=known, flask=_own_name()))
        return
    token = issue_token(owner.id, DEFAULT_TOKEN_NAME)
    url = own_url(os.environ)
    click.echo(SHOWN_ONCE.format(email=owner.email, password=password, token=token, url=url))


def _own_name() -> str:
    """Return what to type for the `flask` that runs, such as `.venv/bin/flask`."""
    return sys.argv[0] if Path(sys.argv[0]).name == "flask" else "flask"


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


@crm.command("openapi", checks=(check_teams,))
def print_description() -> None:
    """Print the API description as JSON."""
    from crm.openapi.document import describe  # here, so that serving does not load it

    click.echo(orjson.dumps(describe(current_app), option=orjson.OPT_INDENT_2))
