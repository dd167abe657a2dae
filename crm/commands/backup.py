"""`flask crm backup`: a copy of the embedded database, made while it is served."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click

from crm.commands.group import crm
from crm.extensions import db
from crm.operate.fitness import check_set_up, check_teams
from crm.operate.urls import own_database

_OWNER_ALONE = 0o600


@crm.command(checks=(check_set_up, check_teams))
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def backup(path: Path) -> None:
    """Copy the embedded database to FILE, which is new, while it is served."""
    if db.engine.dialect.name != "sqlite":
        raise click.ClickException(
            f"{own_database()} is backed up by PostgreSQL's own program: `pg_dump --format=custom --file={path} …`."
        )
    _make(path)
    try:
        _copy_to(path)
    except BaseException:
        path.unlink()  # what is not whole is no backup
        raise
    click.echo(f"Copied to {path}: {path.stat().st_size} bytes.")


def _make(path: Path) -> None:
    """Make an empty file that its owner alone can read. Raises ClickException."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ALONE))
    except FileExistsError:
        raise click.ClickException(f"{path} exists already.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be made: {error.strerror}.") from None


def _copy_to(path: Path) -> None:
    """Copy the database as it is at one moment; who writes meanwhile does not wait."""
    with closing(db.engine.raw_connection()) as source, closing(sqlite3.connect(path)) as target:
        source.driver_connection.backup(target)  # type: ignore[union-attr]
        target.execute("PRAGMA journal_mode = DELETE")  # so that the one file is all of it
