"""`flask crm prune`: removes what is past its time, and says how much of each kind."""

from datetime import timedelta

import click
from flask import current_app

from crm.access.held_tokens import EXPIRED_DAYS, count_expired, prune_tokens
from crm.changes.pruning import count_changes, prune_changes
from crm.commands.group import crm
from crm.http.idempotency import oldest_kept
from crm.models.types import now
from crm.records.kept_answers import count_answers, prune_answers
from crm.webhooks.pruning import DELIVERY_DAYS, count_deliveries, first_unsent, prune_deliveries


@crm.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def prune(dry_run: bool) -> None:
    """Remove what is past its time: changes, kept answers, deliveries to webhooks, and expired tokens."""
    days: int | None = current_app.config["CHANGES_DAYS"]
    if days is None:
        click.echo("Changes are kept for ever: CRM_CHANGES_DAYS is not set.")
    else:
        before = now() - timedelta(days=days)
        removed = count_changes(before, first_unsent) if dry_run else sum(prune_changes(before, first_unsent))
        _tell(dry_run, _counted(removed, "change"), _counted(days, "day"))
    hours: int = current_app.config["IDEMPOTENCY_HOURS"]
    removed = count_answers(oldest_kept()) if dry_run else sum(prune_answers(oldest_kept()))
    _tell(dry_run, _counted(removed, "kept answer"), _counted(hours, "hour"))
    before = now() - timedelta(days=DELIVERY_DAYS)
    removed = count_deliveries(before) if dry_run else sum(prune_deliveries(before))
    _tell(dry_run, _counted(removed, "webhook message"), _counted(DELIVERY_DAYS, "day"))
    removed = count_expired() if dry_run else prune_tokens()
    _tell(dry_run, _counted(removed, "expired token"), _counted(EXPIRED_DAYS, "day"))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _tell(dry_run: bool, removed: str, age: str) -> None:
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {removed} older than {age}.")
