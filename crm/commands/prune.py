"""`flask crm prune`: removes what is past its time."""

from datetime import timedelta

import click
from flask import current_app

from crm.changes.pruning import count_changes, prune_changes
from crm.commands.group import crm
from crm.models.types import now


@crm.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def prune(dry_run: bool) -> None:
    """Remove changes that are older than CRM_CHANGES_DAYS."""
    days: int | None = current_app.config["CHANGES_DAYS"]
    if days is None:
        click.echo("Changes are kept for ever: CRM_CHANGES_DAYS is not set.")
        return
    before = now() - timedelta(days=days)
    removed = count_changes(before) if dry_run else sum(prune_changes(before))
    found = f"{removed} {'change' if removed == 1 else 'changes'} older than {days} {'day' if days == 1 else 'days'}"
    click.echo(f"Would remove {found}." if dry_run else f"Removed {found}.")
