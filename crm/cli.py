"""`flask crm …`: what an operator does at the command line (contract, section 9)."""

import click
import orjson
from flask import Flask, current_app, g
from flask.cli import AppGroup

from crm import seed
from crm.access import accounts
from crm.access.permissions import ROLES
from crm.access.scope import visible
from crm.access.tokens import DEFAULT_TOKEN_NAME, TOKEN_NAME_LENGTH, issue_token, revoke_token
from crm.database.connections import transaction
from crm.records import lookups
from crm.records.recount import recount

crm = AppGroup("crm", help="Run the CRM: users, teams, tokens, look-up tables.", short_help="Run the CRM.")

FIRST_OWNER = """
A first user was made. This is shown once:

  email     {email}
  password  {password}
  token     {token}

Create a lead, in another terminal:

  curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\
       -d '{{"title": "My first lead"}}' http://127.0.0.1:8000/crm/api/v2/leads
"""

_role = click.Choice(ROLES, case_sensitive=False)
_access = click.option("--crm-access/--no-crm-access", default=None, help="Whether the user may use the API.")


def init_app(app: Flask) -> None:
    """Add the commands to the `flask` command line."""
    app.cli.add_command(crm)


@crm.command()
def setup() -> None:
    """Prepare everything for serving: schema, look-up rows, and a first Owner if there is no user."""
    from flask_migrate import upgrade  # here, so that serving does not load it

    upgrade()
    seed.seed()
    if (first := accounts.create_first_owner()) is not None:
        token = issue_token(first.user_id, DEFAULT_TOKEN_NAME)
        click.echo(FIRST_OWNER.format(email=first.email, password=first.password, token=token))


@crm.command("seed")
def seed_lookups() -> None:
    """Add the look-up rows that are missing. Repeatable."""
    click.echo(f"{seed.seed()} look-up rows added.")


@crm.command()
@click.option("--leads", type=click.IntRange(min=1), default=100, show_default=True, help="The rest follows from it.")
@click.option("--team", "team_id", type=int, metavar="ID", help="Who gets the data; required in teams mode.")
def demo(leads: int, team_id: int | None) -> None:
    """Add sample data: a year of a company's sales."""
    from crm.demo import create_demo  # here, so that serving does not load it

    counts = create_demo(leads, team_id)
    click.echo(f"Added {', '.join(f'{count} {name}' for name, count in counts.items())}.")


@crm.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--password", help="Asked for when not given.")
@click.option("--role", type=_role, default="Employee", show_default=True, help="Counts where teams are off.")
@_access
def create_user(email: str, name: str, password: str | None, role: str, crm_access: bool | None) -> None:
    """Add a user."""
    password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    user = accounts.create_user(email, name, password, role, crm_access is not False)
    click.echo(f"User {user.id} added: {user.email}, {user.role}.")


@crm.command()
@click.argument("email")
@click.option("--name")
@click.option("--password")
@click.option("--role", type=_role)
@_access
def update_user(email: str, name: str | None, password: str | None, role: str | None, crm_access: bool | None) -> None:
    """Change what is given of a user."""
    user = accounts.update_user(email, name=name, password=password, role=role, crm_access=crm_access)
    click.echo(f"User {user.id} updated: {user.email}.")


@crm.command()
@click.argument("name")
@click.option("--owner", required=True, metavar="EMAIL")
@click.option("--adopt", is_flag=True, help="Give the team every record that has none.")
def create_team(name: str, owner: str, adopt: bool) -> None:
    """Add a team and print its id."""
    click.echo(accounts.create_team(name, owner, adopt))


@crm.command()
@click.argument("team_id", type=int)
@click.argument("email")
@click.option("--role", type=_role, default="Employee", show_default=True)
@click.option("--current", is_flag=True, help="Make it the user's current team.")
def add_member(team_id: int, email: str, role: str, current: bool) -> None:
    """Add a user to a team, or change the role there."""
    accounts.add_member(team_id, email, role, current)
    click.echo(f"{email} is {role} of team {team_id}.")


@crm.command()
@click.argument("email")
@click.option("--name", default=DEFAULT_TOKEN_NAME, show_default=True)
def api_token(email: str, name: str) -> None:
    """Print a new token for a user, once."""
    user = accounts.find_user(email)
    if not user.crm_access:
        raise click.ClickException(f"{user.email} has no CRM access.")
    click.echo(issue_token(user.id, name[:TOKEN_NAME_LENGTH]))


@crm.command()
@click.argument("email")
def tokens(email: str) -> None:
    """List a user's tokens."""
    held = accounts.tokens_of(email)
    click.echo("id\tname\tcreated\tlast used")
    for token in held:
        used = token.last_used_at.isoformat() if token.last_used_at else "never"
        click.echo(f"{token.id}\t{token.name}\t{token.created_at.isoformat()}\t{used}")


@crm.command("revoke-token")
@click.argument("token_id", metavar="ID", type=int)
def revoke(token_id: int) -> None:
    """Delete a token."""
    if not revoke_token(token_id):
        raise click.ClickException(f"There is no token {token_id}.")
    click.echo(f"Token {token_id} revoked.")


@crm.command("openapi")
def print_description() -> None:
    """Print the API description as JSON."""
    from crm.openapi.document import describe  # here, so that serving does not load it

    click.echo(orjson.dumps(describe(current_app), option=orjson.OPT_INDENT_2))


@crm.command("recount")
def mend_counters() -> None:
    """Check the kept totals of lists and the last numbers given, and mend what is wrong."""
    with transaction() as connection:
        mended = recount(connection)
    for counter in mended:
        click.echo(f"{counter.resource} of team {counter.team_id}: {counter.before[0]} -> {counter.after[0]} records")
    click.echo(f"{len(mended)} counters mended.")


@crm.command("lookups")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_lookups(as_json: bool) -> None:
    """List every look-up row; in teams mode, those that all teams share."""
    g.team_id = None
    tables = [lookups.Lookup(model, schema, visible(model)) for model, schema in lookups.LOOKUPS]
    rows = {table.name: table.records() for table in tables}
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for name, records in rows.items():
        click.secho(name, bold=True)
        for record in records:
            click.echo(f"  {record['id']}  {record['name']}")
            for stage in record.get("stages", ()):
                click.echo(f"    {stage['id']}  {stage['name']}")
