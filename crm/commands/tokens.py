"""`flask crm api-token`, `tokens`, `revoke-token`: the bearer tokens of users."""

import click

from crm.access import accounts
from crm.access.names import escape_controls, has_control
from crm.access.tokens import DEFAULT_TOKEN_NAME, TOKEN_NAME_LENGTH, issue_token, revoke_token
from crm.commands.group import crm


@crm.command()
@click.argument("email")
@click.option("--name", default=DEFAULT_TOKEN_NAME, show_default=True)
def api_token(email: str, name: str) -> None:
    """Print a new token for a user, once."""
    if has_control(name):
        raise click.ClickException("The name of a token cannot hold control characters.")
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
        click.echo(f"{token.id}\t{escape_controls(token.name)}\t{token.created_at.isoformat()}\t{used}")


@crm.command("revoke-token")
@click.argument("token_id", metavar="ID", type=int)
def revoke(token_id: int) -> None:
    """Delete a token."""
    if not revoke_token(token_id):
        raise click.ClickException(f"There is no token {token_id}.")
    click.echo(f"Token {token_id} revoked.")
