"""`flask crm deliver`: sends webhooks what has happened (beyond, section 19)."""

import signal
import threading
from collections.abc import Collection

import click
from flask import current_app

from crm.blueprints import resources_of
from crm.commands.group import crm
from crm.database.projection import Json
from crm.operate.start import say_what_is_worked_on
from crm.webhooks.alone import NotAloneError, alone_on
from crm.webhooks.worker import deliver


@crm.command("deliver")
@click.option("--once", is_flag=True, help="Deliver what is due now, and end.")
def deliver_webhooks(once: bool) -> None:
    """Deliver to webhooks until it is stopped; tries that are under way end first."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with alone_on(app.config["SQLALCHEMY_DATABASE_URI"]):
            if not once:
                say_what_is_worked_on()
            deliver(app, shown_records, stop, once=once)
    except NotAloneError:
        raise click.ClickException("Another deliverer works on this database: on SQLite there can be one.") from None


def shown_records(resource: str, external_ids: Collection[str]) -> dict[str, Json]:
    """Return the JSON of those records of a resource that are there, by their ids."""
    return resources_of(current_app)[resource].rows.shown_by_id(external_ids)
