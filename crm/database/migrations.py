"""Flask-Migrate, loaded when it is used: serving needs no Alembic, which is a third of the time of a start."""

from pathlib import Path
from typing import Any

import click
from flask import Flask

from crm.extensions import db

DIRECTORY = str(Path(__file__).parents[2] / "migrations")


def init_app(app: Flask) -> None:
    """Give an application the command `flask db` and what its functions ask for."""
    app.extensions["migrate"] = Migrations(app)
    app.cli.add_command(MigrationCommands("db", help="Perform database migrations."))


class Migrations:
    """Stands for Flask-Migrate's state until something of it is asked for."""

    def __init__(self, app: Flask):
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=DIRECTORY)  # takes this object's place
        return getattr(self._app.extensions["migrate"], name)


class MigrationCommands(click.Command):
    """The command `flask db`: hands itself over to Flask-Migrate's."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Return the context in which Flask-Migrate's own command runs."""
        from flask_migrate.cli import db as commands

        context: click.Context = commands.make_context(*args, **kwargs)
        return context
