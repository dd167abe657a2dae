"""The records that the server makes of the example bodies."""

from collections.abc import Callable
from typing import Any

from crm.blueprints.resource import Resource
from crm.openapi.examples.bodies import CREATED, UPDATED
from crm.openapi.examples.world import MOMENT, STAGES, SUMMARIES, example_id
from crm.openapi.forms import Json
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.field_order import shown_fields
from crm.schemas.references import Reference
from crm.schemas.relations import Related

_TAX_RATE = 10.0


def plain_body(resource: Resource) -> Json | None:
    """Return what is left of a resource's first example body without references: it works anywhere."""
    if resource.name not in CREATED:
        return None
    fields = resource.schema().load_fields
    referring = (Reference, WrittenCollection)
    return {name: value for name, value in CREATED[resource.name].items() if not isinstance(fields[name], referring)}


def created_record(resource: Resource) -> Json | None:
    """Return the record that a resource's first example body makes, None if it has no example."""
    body = CREATED.get(resource.name)
    return _record(resource, body) if body else None


def updated_record(resource: Resource) -> Json | None:
    """Return the same record after it was changed by the second, None if there is no example."""
    body = CREATED.get(resource.name)
    return {**_record(resource, body | UPDATED.get(resource.name, {})), "version": 2} if body else None


def _record(resource: Resource, body: Json) -> Json:
    made = {"id": example_id(resource.name), "version": 1, "created_at": MOMENT, "updated_at": MOMENT}
    given = {**made, **body}
    if resource.model.number:
        column, prefix = resource.model.number
        given[column] = f"{prefix}1001"
    record = {}
    for name, field in shown_fields(resource.schema()):
        if getattr(field, "on_request", False):
            continue
        if name in _MADE:
            record[name] = _MADE[name](body)
        elif isinstance(field, Related):
            record[name] = _summary(resource.name, field) if body.get(field.key) is not None else None
        else:
            record[name] = given.get(name)
    return record


def _summary(resource: str, field: Related) -> Json:
    return STAGES[resource] if field.key == "pipeline_stage_id" else SUMMARIES[field.model.__tablename__]


def _full_name(body: Json) -> str:
    return f"{body['first_name']} {body['last_name']}"


def _birthday(body: Json) -> str:
    return f"{body['birthday']}T00:00:00+00:00"


def _prices(body: Json) -> list[Json]:
    return [{"currency": body["currency"], "unit_price": body["unit_price"], "default": True}]


def _labels(body: Json) -> list[Json]:
    return [SUMMARIES["labels"] for _ in body["labels"]]


def _lines(body: Json) -> list[Json]:
    made = {"product": SUMMARIES["products"], "tax_rate": _TAX_RATE, "currency": body["currency"]}
    return [
        {
            "id": example_id(f"lines/{order}"),
            **line,
            **made,
            "tax_amount": line["amount"] * _TAX_RATE / 100,
            "order": order,
        }
        for order, line in enumerate(body["line_items"], 1)
    ]


def _tax_breakdown(body: Json) -> list[Json]:
    """Return the breakdown of lines that are all taxed at one rate."""
    taxable = sum(line["amount"] for line in body["line_items"]) - body["discount"]
    return [{"rate": _TAX_RATE, "taxable": taxable, "tax": taxable * _TAX_RATE / 100}]


_MADE: dict[str, Callable[[Json], Any]] = {
    "name": lambda body: body.get("name") or _full_name(body),
    "prices": _prices,
    "birthday": _birthday,
    "labels": _labels,
    "line_items": _lines,
    "tax_breakdown": _tax_breakdown,
    "status": lambda body: "open",
    "amount_paid": lambda body: 0.0,
    "amount_due": lambda body: body["total"],
}
"""What the server makes of a body, by the name of the field that shows it."""
