"""`flask crm create-user`, `update-user`, `delete-user`, `users`, `create-team`, `add-member`, `remove-member`."""

import click

from crm.access import accounts
from crm.access.directory import list_users
from crm.access.leaving import leave_team, remove_user
from crm.access.names import escape_controls
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
@click.option("--keep-tokens", is_flag=True, help="Let tokens outlast a new password; otherwise they all end.")
def update_user(
    email: str,
    name: str | None,
    password: str | None,
    role: str | None,
    crm_access: bool | None,
    keep_tokens: bool,
) -> None:
    """Change what is given of a user. With a new password failed logins count no longer."""
    changes = {"name": name, "role": role, "crm_access": crm_access}
    user = accounts.update_user(email, password=password, keep_tokens=keep_tokens, **changes)
    click.echo(f"User {user.id} updated: {user.email}.")


@crm.command()
@click.argument("email")
def delete_user(email: str) -> None:
    """Remove a user: access and tokens end, records keep their owner, the address may be used again."""
    user = remove_user(email)
    click.echo(f"User {user.id} deleted: {user.email}.")


@crm.command("users")
def show_users() -> None:
    """List the users, and with teams their roles there."""
    click.echo("id\temail\tname\trole\taccess\tteams")
    for user in list_users():
        access = "yes" if user.crm_access else "no"
        teams = ", ".join(f"{team_id}: {role}" for team_id, role in user.roles)
        texts = map(escape_controls, (user.email, user.name))
        click.echo("\t".join((str(user.id), *texts, user.role, access, teams)))


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
@click.argument("team_id", type=int)
@click.argument("email")
def remove_member(team_id: int, email: str) -> None:
    """Take a user out of a team."""
    leave_team(team_id, email)
    click.echo(f"{email} is no member of team {team_id}.")
