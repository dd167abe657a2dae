"""What tests of products, documents and references share: line items, and a look into the tables."""

from typing import Any

from flask import Flask
from sqlalchemy import select, update

from crm.blueprints import RESOURCES
from crm.blueprints.resource import Resource
from crm.extensions import db
from crm.models import Label, Pipeline, PipelineStage, TaxRate
from crm.schemas.collections.line_items import LineItems
from tests.support.client import ApiClient
from tests.support.databases import LOOKUP_TABLES
from tests.support.factories import create_lookup, create_user

Json = dict[str, Any]


def fields_of(kind: type[Resource], of_type: type | tuple[type, ...]) -> list[str]:
    """Return the names of the fields of a resource that clients send and that are `of_type`."""
    return [name for name, field in kind.schema().load_fields.items() if isinstance(field, of_type)]


RESOURCE_NAMES = {kind.model: kind.model.__tablename__ for kind in RESOURCES}
DOCUMENTS = [kind.model.__tablename__ for kind in RESOURCES if fields_of(kind, LineItems)]
LOOKUP_COLUMNS: dict[Any, Json] = {Label: {"hex": "123456"}, TaxRate: {"rate": 70_000, "default": False}}
"""What a row of a look-up table needs beside its name."""
GIVEN = ("id", "product_id", "comments")
NUMBERS = ("quantity", "unit_price", "amount")


def line(product: Json | str, **fields: Any) -> Json:
    """Return a line item of a product, as a client sends it."""
    product_id = product if isinstance(product, str) else product["id"]
    return {"product_id": product_id, "quantity": 1, "unit_price": 10, "amount": 10, **fields}


def target_of(client: ApiClient, model: Any, resource: str, **columns: Any) -> Any:
    """Make a row of `model` to which a record of `resource` can refer and return the id that clients send."""
    app = client.app
    if model in RESOURCE_NAMES:
        target = client.create(RESOURCE_NAMES[model])["id"]
        change_row(app, model, target, **columns)
        return target
    if model is PipelineStage:
        create_lookup(app, Pipeline, resource=resource)
        with app.app_context():
            pipeline_id = db.session.scalar(select(Pipeline.id).order_by(Pipeline.id.desc()).limit(1))
        return create_lookup(app, model, pipeline_id=pipeline_id, position=1, **columns)
    if not hasattr(model, "team_id"):
        return create_user(app)
    return create_lookup(app, model, **LOOKUP_COLUMNS.get(model, {}), **columns)


def change_row(app: Flask, model: Any, key: Any, **columns: Any) -> None:
    """Change columns of the row that clients know by `key`, behind the API's back."""
    column = getattr(model, "external_id", model.id)
    with app.app_context(), db.engine.begin() as connection:
        if columns:
            assert connection.execute(update(model).where(column == key).values(columns)).rowcount == 1


def read_row(app: Flask, model: Any, external_id: str) -> Any:
    """Return the row of a record as the table holds it."""
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(select(model.__table__).where(model.external_id == external_id)).one()


def row_id(app: Flask, model: Any, external_id: str) -> int:
    """Return the integer key of a record."""
    return read_row(app, model, external_id).id


def contents(app: Flask) -> dict[str, list[Any]]:
    """Return every row of every table that a request on records can change."""
    tables = [table for table in db.metadata.sorted_tables if table.name not in {*LOOKUP_TABLES, "tokens"}]
    with app.app_context(), db.engine.connect() as connection:
        return {table.name: connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables}


def put(api: ApiClient, kind: str, document: Json, **fields: Any) -> Json:
    """Update a document and return what is shown of it from then on."""
    response = api.put(f"/{kind}/{document['id']}", fields)
    assert response.status_code == 200, response.text
    shown = response.json["data"]
    assert api.get(f"/{kind}/{document['id']}").json["data"] == shown
    return shown


def refused(api: ApiClient, kind: str, document: Json, **fields: Any) -> Json:
    """Send an update that must be refused, see that nothing at all has changed, and return the faults."""
    path, stored = f"/{kind}/{document['id']}", contents(api.app)
    shown = api.get(path).json["data"]
    faults = api.errors(api.put(path, fields))
    assert api.get(path).json["data"] == shown
    assert contents(api.app) == stored
    return faults


def as_sent(shown: Json) -> Json:
    """Return a line as a client sends it that leaves it as it is shown."""
    return {
        **{name: shown[name] for name in GIVEN},
        **{name: str(shown[name]) for name in NUMBERS},
    }


def ids(document: Json) -> list[str]:
    """Return the ids of the lines of a document, in their order."""
    return [item["id"] for item in document["line_items"]]


def quantities(document: Json) -> list[int]:
    """Return the quantities of the lines of a document, in their order."""
    return [item["quantity"] for item in document["line_items"]]
