"""`flask crm export-person`, `erase-person`, `purge`: personal data, shown and removed (beyond, section 22)."""

from datetime import UTC, datetime

import click
import orjson
from flask import current_app

from crm.blueprints import resources_of
from crm.commands.group import crm
from crm.models import Person
from crm.records.purging import count_purged, purge


@crm.command()
@click.argument("uuid")
def export_person(uuid: str) -> None:
    """Print all that names a person, deleted or not, as JSON."""
    from crm.personal.exporting import export  # here, so that serving does not load it
    from crm.personal.person import enter_team_of

    person = enter_team_of(uuid)
    shown = export(resources_of(current_app).values(), person)
    click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2))


@crm.command()
@click.argument("uuid")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_person(uuid: str, yes: bool) -> None:
    """Overwrite who a person, deleted or not, is, wherever that is kept; documents stay. It cannot be undone."""
    from crm.personal.erasing import StillWritingError, erase  # here, so that serving does not load it
    from crm.personal.person import enter_team_of

    person = enter_team_of(uuid)
    if not yes:
        click.confirm(f"Overwrite for good who person {person.external_id} is?", abort=True)
    try:
        erased = erase(resources_of(current_app)[Person.__tablename__], person)
    except StillWritingError:
        raise click.ClickException("Overwritten, but for what is still being written: run it again.") from None
    click.echo(f"Overwritten: {_counts(erased)}.")


@crm.command("purge")
@click.option(
    "--deleted-before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="A day in UTC: YYYY-MM-DD.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def purge_deleted(deleted_before: datetime, dry_run: bool) -> None:
    """Remove for good the records that were deleted before a day and that nothing refers to."""
    before = deleted_before.replace(tzinfo=UTC)
    removed = count_purged(before) if dry_run else purge(before)
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {', '.join(f'{n} {name}' for name, n in removed.items())}.")


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for noun, number in numbers.items())
