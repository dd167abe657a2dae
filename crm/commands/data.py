"""`flask crm lookups`, `demo`: what is in the database, and what to put there."""

import click
import orjson

from crm.access import acting
from crm.access.names import escape_controls
from crm.commands.group import crm
from crm.records.lookups import LOOKUPS


@crm.command("lookups")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_lookups(as_json: bool) -> None:
    """List every look-up row; in teams mode, those that all teams share."""
    acting.enter_team(None)
    rows = {table.name: table.records() for table in (lookup() for lookup in LOOKUPS)}
    if as_json:
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for name, records in rows.items():
        click.secho(name, bold=True)
        for record in records:
            click.echo(f"  {record['id']}  {escape_controls(record['name'])}")
            for stage in record.get("stages", ()):
                click.echo(f"    {stage['id']}  {escape_controls(stage['name'])}")


@crm.command()
@click.option("--leads", type=click.IntRange(min=1), default=100, show_default=True, help="The rest follows from it.")
@click.option("--team", "team_id", type=int, metavar="ID", help="Who gets the data; required in teams mode.")
def demo(leads: int, team_id: int | None) -> None:
    """Add sample data: a year of a company's sales."""
    from crm.demo import create_demo  # here, so that serving does not load it

    counts = create_demo(leads, team_id)
    click.echo(f"Added {', '.join(f'{count} {name}' for name, count in counts.items())}.")
