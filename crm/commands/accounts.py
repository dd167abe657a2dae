"""`flask crm create-user`, `update-user`, `create-team`, `add-member`: who may use the API."""

import click

from crm.access import accounts
from crm.access.permissions import ROLES
from crm.commands.group import crm
from crm.commands.passwords import ask_password, password_options

_role = click.Choice(ROLES, case_sensitive=False)
_access = click.option("--crm-access/--no-crm-access", default=None, help="Whether the user may use the API.")


@crm.command()
@click.argument("email")
@click.option("--name", required=True)
@password_options
@click.option("--role", type=_role, default="Employee", show_default=True, help="Counts where teams are off.")
@_access
def create_user(email: str, name: str, password: str | None, role: str, crm_access: bool | None) -> None:
    """Add a user. Asks for a password where none is given."""
    user = accounts.create_user(email, name, password or ask_password(), role, crm_access is not False)
    click.echo(f"User {user.id} added: {user.email}, {user.role}.")


@crm.command()
@click.argument("email")
@click.option("--name")
@password_options
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
