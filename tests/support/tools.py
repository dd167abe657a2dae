"""For each tool one good call, and the requests to the API that come to the same."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tests.support.client import ApiClient
from tests.support.factories import NAMES, schema_of

Json = dict[str, Any]
Request = tuple[str, str, Json | None]
"""A verb, a path and a body."""


class Case(NamedTuple):
    """A call of a tool that does something, whoever may do it."""

    needs: tuple[str, ...]
    """The abilities that a token has to have for it, none of which could be spared."""
    arguments: Callable[[ApiClient], Json]
    """Makes what is called about, and returns the arguments."""
    requests: Callable[[Json], Sequence[Request]]
    """The requests that a client sends to the API in its place: the first that is refused says how."""
    named_by: str | None = None
    """The argument that names a record, of `of`."""
    of: str = ""
    writes: bool = False


def _named(resource: str, **arguments: Any) -> Callable[[ApiClient], Json]:
    """Return what makes a record and calls a tool about it."""
    return lambda api: {"id": api.create(resource)["id"], **arguments}


def _lead(**arguments: Any) -> Callable[[ApiClient], Json]:
    return lambda api: {"resource": "leads", "id": api.create("leads")["id"], **arguments}


def _deletion(api: ApiClient) -> Json:
    lead = api.create("leads")
    return {"resource": "leads", "id": lead["id"], "confirm": lead["title"]}


def _payment(api: ApiClient) -> Json:
    return {"invoice_id": api.create("invoices", total=10)["id"], "amount": 4}


CASES: dict[str, Case] = {
    "describe": Case(
        needs=("leads:view",),
        arguments=lambda _: {"resource": "leads"},
        requests=lambda _: [("GET", "/leads", None)],
    ),
    "search": Case(
        needs=("leads:view",),
        arguments=lambda api: {"q": api.create("leads", title="Wanted")["title"], "resources": ["leads"]},
        requests=lambda _: [("GET", "/search?q=wanted&resources=leads", None)],
    ),
    "list": Case(
        needs=("leads:view",),
        arguments=lambda api: {"resource": api.create("leads") and "leads"},
        requests=lambda _: [("GET", "/leads", None)],
    ),
    "get": Case(
        needs=("leads:view",),
        arguments=_lead(),
        requests=lambda given: [("GET", f"/leads/{given['id']}", None)],
        named_by="id",
        of="leads",
    ),
    "create": Case(
        needs=("leads:create",),
        arguments=lambda _: {"resource": "leads", "values": {"title": "Made"}},
        requests=lambda given: [("POST", "/leads", given["values"])],
        writes=True,
    ),
    "update": Case(
        needs=("leads:edit",),
        arguments=_lead(values={"title": "Changed"}),
        requests=lambda given: [("PATCH", f"/leads/{given['id']}", given["values"])],
        named_by="id",
        of="leads",
        writes=True,
    ),
    "delete": Case(
        needs=("leads:view", "leads:delete"),
        arguments=_deletion,
        requests=lambda given: [("GET", f"/leads/{given['id']}", None), ("DELETE", f"/leads/{given['id']}", None)],
        named_by="id",
        of="leads",
        writes=True,
    ),
    "convert_lead": Case(
        needs=("leads:edit", "deals:create"),
        arguments=_named("leads", values={"title": "Converted"}),
        requests=lambda given: [("POST", f"/leads/{given['id']}/convert", given["values"])],
        named_by="id",
        of="leads",
        writes=True,
    ),
    "close_deal": Case(
        needs=("deals:edit",),
        arguments=_named("deals", outcome="won"),
        requests=lambda given: [("POST", f"/deals/{given['id']}/win", {})],
        named_by="id",
        of="deals",
        writes=True,
    ),
    "decide_quote": Case(
        needs=("quotes:edit",),
        arguments=_named("quotes", decision="accept"),
        requests=lambda given: [("POST", f"/quotes/{given['id']}/accept", {})],
        named_by="id",
        of="quotes",
        writes=True,
    ),
    "record_payment": Case(
        needs=("invoices:edit",),
        arguments=_payment,
        requests=lambda given: [("POST", f"/invoices/{given['invoice_id']}/payments", {"amount": given["amount"]})],
        named_by="invoice_id",
        of="invoices",
        writes=True,
    ),
    "changes": Case(
        needs=("changes:view", "leads:view"),
        arguments=lambda api: {"resources": [api.create("leads") and "leads"]},
        requests=lambda _: [("GET", "/changes?resources=leads", None)],
    ),
}
"""By the names of the tools."""


def questions(part: str) -> Iterator[tuple[str, Json]]:
    """Yield calls that name things by a part of their names, so that faults tell what comes near."""
    references = {
        resource: [name for name in schema_of(resource).load_fields if name.endswith("_id")] for resource in NAMES
    }
    line = {"product_id": part, "quantity": 1, "unit_price": 1, "amount": 1}
    yield from (("get", {"resource": resource, "id": part}) for resource in NAMES)
    yield from (("get", {"resource": resource, "ids": [part, "x"]}) for resource in NAMES)
    yield from (("update", {"resource": resource, "id": part, "values": {}}) for resource in NAMES)
    yield from (("delete", {"resource": resource, "id": part, "confirm": part}) for resource in NAMES)
    yield from (("changes", {"resource": resource, "id": part}) for resource in NAMES)
    for resource, fields in references.items():
        for name in fields:
            yield "create", {"resource": resource, "values": {name: part}}
            yield "list", {"resource": resource, "filter": {name: part}}
        yield "create", {"resource": resource, "values": {"labels": [part], "user_owner_id": part}}
    yield from (
        ("create", {"resource": each, "values": {"line_items": [line]}}) for each in ("quotes", "orders", "invoices")
    )
    yield from (("convert_lead", {"id": part}), ("close_deal", {"id": part, "outcome": "won"}))
    yield from (
        ("decide_quote", {"id": part, "decision": "accept"}),
        ("record_payment", {"invoice_id": part, "amount": 1}),
    )
