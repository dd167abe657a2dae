"""`flask crm api-token`, `tokens`, `revoke-token`, `revoke-tokens`: the bearer tokens of users."""

from datetime import timedelta
from typing import Any

import click

from crm.access import accounts
from crm.access.abilities import ABILITIES
from crm.access.held_tokens import revoke_token, revoke_tokens, tokens_of
from crm.access.names import escape_controls, has_control
from crm.access.tokens import DEFAULT_TOKEN_NAME, TOKEN_NAME_LENGTH, issue_token
from crm.commands.group import crm
from crm.models.types import now
from crm.models.user import ALL_ABILITIES
from crm.operate.values import MAX_DAYS


def _read_abilities(_context: Any, _option: Any, given: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [each for each in given if each not in ABILITIES]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(ABILITIES)}.")
    return tuple(dict.fromkeys(given)) or (ALL_ABILITIES,)


@crm.command()
@click.argument("email")
@click.option("--name", default=DEFAULT_TOKEN_NAME, show_default=True)
@click.option(
    "--ability",
    "abilities",
    multiple=True,
    metavar="A",
    callback=_read_abilities,
    help="What it may do, such as leads:view or *:view; repeatable. By default all that the user may.",
)
@click.option("--expires", "days", metavar="DAYS", type=click.IntRange(1, MAX_DAYS), help="After so many days.")
def api_token(email: str, name: str, abilities: tuple[str, ...], days: int | None) -> None:
    """Print a new token for a user, once."""
    if has_control(name):
        raise click.ClickException("The name of a token cannot hold control characters.")
    user = accounts.find_user(email)
    if not user.crm_access:
        raise click.ClickException(f"{user.email} has no CRM access.")
    expires_at = now() + timedelta(days=days) if days else None
    click.echo(issue_token(user.id, name[:TOKEN_NAME_LENGTH], abilities, expires_at))


@crm.command()
@click.argument("email")
def tokens(email: str) -> None:
    """List a user's tokens."""
    held = tokens_of(accounts.find_user(email).id)
    click.echo("id\tname\tcreated\tlast used")
    for token in reversed(held):
        used = token["last_used_at"].isoformat() if token["last_used_at"] else "never"
        name = escape_controls(token["name"])
        click.echo(f"{token['id']}\t{name}\t{token['created_at'].isoformat()}\t{used}")


@crm.command("revoke-token")
@click.argument("token_id", metavar="ID", type=int)
def revoke(token_id: int) -> None:
    """Delete a token."""
    if not revoke_token(token_id):
        raise click.ClickException(f"There is no token {token_id}.")
    click.echo(f"Token {token_id} revoked.")


@crm.command("revoke-tokens")
@click.argument("email")
def revoke_all(email: str) -> None:
    """Delete all tokens of a user."""
    user = accounts.find_user(email)
    click.echo(f"{revoke_tokens(user.id)} tokens of {user.email} revoked.")
