"""`flask crm import`, `export`: records out of a CSV file, and into one."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
from flask import current_app

from crm.access.names import escape_controls
from crm.access.working_team import enter_named_team
from crm.blueprints import RESOURCES, resources_of
from crm.commands.group import crm
from crm.schemas.own_keys import is_source

if TYPE_CHECKING:
    from crm.transfer.importing import Import, Report

_STDOUT = "-"
_resource = click.argument("resource", type=click.Choice([kind.model.__tablename__ for kind in RESOURCES]))
_team = click.option("--team", "team_id", type=int, metavar="ID", help="Whose records; required in teams mode.")


def _read_maps(_context: Any, _option: Any, given: tuple[str, ...]) -> dict[str, str]:
    if wrong := [each for each in given if "=" not in each]:
        raise click.BadParameter(f"{wrong[0]!r} is not of the form Column=field.")
    return {name.strip(): field.strip() for name, _, field in (each.rpartition("=") for each in given)}


def _read_delimiter(_context: Any, _option: Any, given: str | None) -> str | None:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(given or "", given)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise click.BadParameter("It is one character, or tab.")
    return delimiter


def _read_source(_context: Any, _option: Any, given: str | None) -> str | None:
    if given is not None and not is_source(given):
        raise click.BadParameter("It is 1 to 40 of a-z, 0-9, _ and -.")
    return given


@crm.command("import")
@_resource
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--source", metavar="NAME", callback=_read_source, help="The system whose keys the rows have.")
@click.option("--key", metavar="COLUMN", help="The column of the key: its record is changed, or made if it is new.")
@click.option(
    "--map", "mapped", multiple=True, metavar="COLUMN=FIELD", callback=_read_maps, help="Or COLUMN= for none."
)
@click.option("--dry-run", is_flag=True, help="Check all rows and write nothing.")
@click.option("--keep-going", is_flag=True, help="Write the good rows, and the others to FILE.rejected.csv.")
@_team
@click.option("--delimiter", metavar="C", callback=_read_delimiter, help="Found out from the header by default.")
def import_records(
    resource: str,
    path: Path,
    source: str | None,
    key: str | None,
    mapped: dict[str, str],
    dry_run: bool,
    keep_going: bool,
    team_id: int | None,
    delimiter: str | None,
) -> None:
    """Add the rows of a CSV file, or with --source and --key change what is there."""
    if (source is None) != (key is None):
        raise click.UsageError("--source and --key belong together.")
    enter_named_team(team_id)
    importing = _open(resource, path, delimiter, mapped, source, key)
    with _progress("Checking", importing.sheet.size) as told:
        found = importing.check(told)
    _tell_faults(found)
    if dry_run or (found.refused and not keep_going):
        _end_without_writing(found, dry_run)
    else:
        _write(importing, found, keep_going)


@crm.command("export")
@_resource
@click.argument(
    "path", metavar="[FILE]", type=click.Path(dir_okay=False, writable=True, allow_dash=True), default=_STDOUT
)
@_team
def export_records(resource: str, path: str, team_id: int | None) -> None:
    """Write the records as CSV, to stdout or a file."""
    from crm.transfer.exporting import export  # here, so that serving does not load it

    enter_named_team(team_id)
    with _opened(path) as file:
        written = export(resources_of(current_app)[resource], file)
    if path != _STDOUT:
        click.echo(f"Exported {resource}: {written}.")


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    """Give a file to write CSV into."""
    if path == _STDOUT:
        file = TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield file
        finally:
            file.detach()
    else:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            yield file


def _open(
    resource: str, path: Path, delimiter: str | None, mapped: dict[str, str], source: str | None, key: str | None
) -> "Import":
    """Return the import of a file. Raises ClickException for a file or a header that cannot be used."""
    from crm.transfer.checking import Key  # here, so that serving does not load it
    from crm.transfer.columns import Fields
    from crm.transfer.importing import Import
    from crm.transfer.sheet import Sheet

    sheet = Sheet(path, delimiter)
    kind = resources_of(current_app)[resource]
    columns = Fields(kind).columns(sheet.header, mapped, key)
    if columns.faults:
        raise click.ClickException("\n".join(columns.faults))
    if columns.passed_over:
        click.echo(f"Passed over, since they cannot be written: {escape_controls(', '.join(columns.passed_over))}.")
    own_key = Key(source, sheet.header.index(key)) if source and key else None
    return Import(kind, sheet, columns.read, own_key)


def _end_without_writing(found: "Report", dry_run: bool) -> None:
    if found.refused:
        raise click.ClickException(f"{_faulty(found)}{'' if dry_run else ', so nothing was written'}.")
    click.echo(f"No faults. Rows for new records: {found.added}, for known ones: {found.changed}.")


def _write(importing: "Import", found: "Report", keep_going: bool) -> None:
    from crm.transfer.refused import RefusedRows

    refused_rows = RefusedRows(importing.sheet) if keep_going else None
    try:
        with _progress("Writing", found.rows) as told:
            done = importing.write(refused_rows, told)
    finally:
        if refused_rows:
            refused_rows.close()
    click.echo(f"Added {done.added}, changed {done.changed}, unchanged {done.unchanged}.")
    if refused_rows and done.refused:
        raise click.ClickException(f"{_faulty(done)}: they are in {refused_rows.path}.")


def _faulty(report: "Report") -> str:
    return f"There are faults in {report.refused} of {report.rows} rows"


def _tell_faults(found: "Report") -> None:
    for line in found.lines:
        click.echo(line, err=True)
    if found.more_lines:
        click.echo(f"… and {found.more_lines} more.", err=True)


@contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show a bar, on a terminal, and give what is told how far it is."""
    with click.progressbar(length=length, label=f"{label:8}", file=sys.stderr, hidden=not _is_terminal()) as bar:
        yield lambda place: bar.update(place - bar.pos)


def _is_terminal() -> bool:
    return sys.stderr.isatty()
