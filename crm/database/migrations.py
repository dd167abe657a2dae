"""Flask-Migrate, loaded when it is used: serving needs no Alembic, which is a third of the time of a start."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo

from crm.extensions import db

DIRECTORY = str(Path(__file__).parents[2] / "migrations")
_HEADER = re.compile(r"""^(revision|down_revision)\b[^=\n]*= ["']?(\w+)["']?$""", re.MULTILINE)


def init_app(app: Flask) -> None:
    """Give an application the command `flask db`."""
    app.cli.add_command(MigrationCommands("db", help="Perform database migrations."))


@cache
def known_revisions() -> list[str]:
    """Return the migrations that this code has, in their order: the last is the one that it works on.

    Read from the heads of their files, each of which names the one before.
    """
    heads = [dict(_HEADER.findall(path.read_text())) for path in Path(DIRECTORY, "versions").glob("*.py")]
    following = {head["down_revision"]: head["revision"] for head in heads}
    revisions = [following["None"]]
    while (revision := following.get(revisions[-1])) is not None:
        revisions.append(revision)
    return revisions


def load(app: Flask) -> None:
    """Bind Flask-Migrate to an application, whose database and migrations its commands and functions then know."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=DIRECTORY)


def upgrade(revision: str = "head") -> None:
    """Bring the schema of the application's database up to a revision."""
    from flask_migrate import upgrade as upgrade_database

    load(current_app)
    upgrade_database(revision=revision)


class MigrationCommands(click.Command):
    """The command `flask db`: hands itself over to Flask-Migrate's."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context in which Flask-Migrate's own command runs."""
        from flask_migrate.cli import db as commands

        if parent and (script := parent.find_object(ScriptInfo)):
            load(script.load_app())
        context: click.Context = commands.make_context(info_name, args, parent, **extra)
        return context
