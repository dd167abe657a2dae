"""The tools that take a sale to its end: a lead is converted, a deal and a quote are decided, an invoice is paid."""

from typing import Any

from crm.mcp.arguments import Arguments, Passed, Values, one_record
from crm.mcp.calls import ApiError, ask, write
from crm.mcp.faults import explained
from crm.mcp.messages import Json
from crm.mcp.names import named, path_by_id
from crm.mcp.showing import naming_fields
from crm.mcp.tool import Given, Need, Tool, viewable
from crm.mcp.tools.writing import VERSION
from crm.mcp.values import as_taken, telling_ignored
from crm.sales.conversion import LEAD_TO_DEAL
from crm.schemas.deal import ClosingSchema
from crm.schemas.fields import Choice, Integer
from crm.schemas.payment import PaymentSchema

_OUTCOMES = {"won": "win", "lost": "lose"}
"""The actions that say how a deal has ended."""
_PAYMENT = ("amount", "paid_at", "method", "reference")
_PAID = ("total", "amount_paid", "amount_due", "fully_paid_at")
"""What is told of an invoice once a payment is there."""


class ConversionArguments(Arguments):
    """What the conversion of a lead takes."""

    id = one_record("The lead.")
    values = Values(
        lambda _: LEAD_TO_DEAL.body(), metadata={"description": "What the deal does not take from the lead."}
    )
    version = Integer(min=1, metadata=VERSION)


class ClosingArguments(Arguments):
    """How a deal has ended."""

    id = one_record("The deal.")
    outcome = Choice(*_OUTCOMES, required=True)
    closed_reason = Passed(ClosingSchema, "closed_reason")
    version = Integer(min=1, metadata=VERSION)


class DecisionArguments(Arguments):
    """What the customer has decided about a quote."""

    id = one_record("The quote.")
    decision = Choice("accept", "reject", required=True)
    version = Integer(min=1, metadata=VERSION)


class PaymentArguments(Arguments):
    """A payment, and of which invoice."""

    invoice_id = one_record("The invoice.")
    amount = Passed(PaymentSchema, "amount", required=True, metadata={"description": "At most what is due."})
    paid_at = Passed(PaymentSchema, "paid_at")
    method = Passed(PaymentSchema, "method")
    reference = Passed(PaymentSchema, "reference")
    version = Integer(min=1, metadata=VERSION)


def convert_lead(given: Given) -> Json:
    """Make a deal of a lead."""
    values, schema = given.get("values") or {}, LEAD_TO_DEAL.body()
    with explained(schema, values):
        deal = _act("leads", given, "convert", as_taken(schema, values), shown="deals")
    return telling_ignored({"resource": "deals", "record": deal}, schema, values)


def close_deal(given: Given) -> Json:
    """Say how a deal has ended."""
    body = {"closed_reason": given["closed_reason"]} if "closed_reason" in given else {}
    return {"record": _act("deals", given, _OUTCOMES[given["outcome"]], body, ("status", "closed_at", "closed_reason"))}


def decide_quote(given: Given) -> Json:
    """Say what the customer has decided about a quote."""
    return {"record": _act("quotes", given, given["decision"], {}, ("accepted_at", "rejected_at"))}


def record_payment(given: Given) -> Json:
    """Add a payment to an invoice, and tell what is due of it now, if that can be read.

    Once the payment is made nothing is a fault: whoever was told one would make it again.
    """
    name = given["invoice_id"]
    path = path_by_id("invoices", name)
    with named("invoices", name):
        body = {field: given[field] for field in _PAYMENT if field in given}
        payment = write("POST", f"{path}/payments", body, version=given.get("version"))["data"]
    if "invoices" not in viewable():
        return {"payment": payment}
    try:
        return {"payment": payment, "invoice": ask(path, {"fields": naming_fields("invoices", _PAID)})["data"]}
    except ApiError:
        return {"payment": payment}


def _act(
    resource: str, given: Given, action: str, body: Any, asked: tuple[str, ...] = (), *, shown: str | None = None
) -> Json:
    """Do to a record what an action says, and return what names it, or what is `shown` instead, and what is `asked`."""
    path = path_by_id(resource, given["id"])
    query = {"fields": naming_fields(shown or resource, asked)}
    with named(resource, given["id"]):
        record: Json = write("POST", f"{path}/{action}", body, query=query, version=given.get("version"))["data"]
    return record


CONVERT_LEAD = Tool(
    name="convert_lead",
    sentences="Make a deal of a lead. It is like the lead but for `values`.",
    arguments=ConversionArguments,
    call=convert_lead,
    needs=(Need("edit", ("leads",)), Need("create", ("deals",))),
)
CLOSE_DEAL = Tool(
    name="close_deal",
    sentences="Say that a deal is won or lost, and perhaps why.",
    arguments=ClosingArguments,
    call=close_deal,
    needs=(Need("edit", ("deals",)),),
)
DECIDE_QUOTE = Tool(
    name="decide_quote",
    sentences="Say that the customer has accepted or rejected a quote.",
    arguments=DecisionArguments,
    call=decide_quote,
    needs=(Need("edit", ("quotes",)),),
)
RECORD_PAYMENT = Tool(
    name="record_payment",
    sentences="Add a payment to an invoice, and tell what is due of it then. With the whole total it is fully paid. "
    "A call that is repeated is another payment.",
    arguments=PaymentArguments,
    call=record_payment,
    needs=(Need("edit", ("invoices",)),),
)
