"""`flask crm deliver`: sends webhooks what has happened (beyond, section 19)."""

import os
import signal
import sys
import threading
from collections.abc import Collection
from pathlib import Path

import click
from flask import Flask, current_app

from crm.blueprints import resources_of
from crm.commands.group import crm
from crm.database.projection import Json
from crm.operate.start import say_what_is_worked_on
from crm.webhooks.alone import NotAloneError, alone_on
from crm.webhooks.worker import deliver

STAYING = Path(__file__).parents[2] / "deliverer.py"


@crm.command("deliver")
@click.option("--once", is_flag=True, help="Deliver what is due now, and end.")
def deliver_webhooks(once: bool) -> None:
    """Deliver to webhooks until it is stopped; tries that are under way end first.

    A command of Flask loads the commands of all extensions, Alembic among them, and Python keeps all docstrings: 16 MB
    that a process which stays would hold for ever. So it goes on as a plain one, under the same process id.
    """
    if once:
        run(current_app._get_current_object(), once=True)  # type: ignore[attr-defined]
    else:
        os.execv(sys.executable, [sys.executable, "-OO", str(STAYING)])  # noqa: S606 (no shell is wanted)


def run(app: Flask, *, once: bool) -> None:
    """Deliver in this process. Raises SystemExit where another one does on SQLite."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with alone_on(app.config["SQLALCHEMY_DATABASE_URI"]):
            if not once:
                say_what_is_worked_on()
            deliver(app, shown_records, stop, once=once)
    except NotAloneError:
        raise SystemExit("Another deliverer works on this database: on SQLite there can be one.") from None


def shown_records(resource: str, external_ids: Collection[str]) -> dict[str, Json]:
    """Return the JSON of those records of a resource that are there, by their ids."""
    return resources_of(current_app)[resource].rows.shown_by_id(external_ids)
