"""The example of a change."""

from crm.changes.journal import UPDATED, type_of
from crm.models.base import Record
from crm.openapi.examples.world import CALLER, MOMENT, example_id
from crm.openapi.forms import Json


def example_change(model: type[Record]) -> Json:
    """Return an example of a change of the example record of a resource."""
    return {
        "sequence": 4711,
        "type": type_of(model, UPDATED),
        "resource": model.__tablename__,
        "record_id": example_id(model.__tablename__),
        "version": 2,
        "occurred_at": MOMENT,
        "user": {"id": CALLER["id"], "name": CALLER["name"]},
        "token": {"id": 3, "name": "Zapier"},
        "request_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "changed": {"owner": {"from": None, "to": CALLER}},
    }


CURSOR = "WzAsNDcxMSwiN2M5ZTY2NzktNzQyNS00MGRlLTk0NGItZTA3ZmMxZjkwYWU3Il0.Vd1Q2mXk0yB7nT4sRw9uJc5HfZg"
