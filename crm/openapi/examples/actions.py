"""The examples of actions: what is sent, and the record as it is afterwards."""

from crm.blueprints.action import Action
from crm.blueprints.resource import Resource
from crm.openapi.examples.bodies import CREATED
from crm.openapi.examples.records import created_record
from crm.openapi.examples.world import MOMENT, example_id
from crm.openapi.forms import Json

_DIFFERENT = {
    ("leads", "convert"): ("pipeline_stage_id",),
    ("quotes", "order"): ("reference", "description"),
    ("orders", "invoice"): ("issue_date", "due_date", "total"),
}
"""What is sent of the first example of the record that is made, since it is not as in its source."""
_BODIES: dict[tuple[str, str], Json] = {
    ("deals", "win"): {"closed_reason": "The best offer", "closed_at": MOMENT},
    ("deals", "lose"): {"closed_reason": "Too dear", "closed_at": MOMENT},
}
_DONE: dict[tuple[str, str], Json] = {
    ("deals", "win"): {"status": "won", **_BODIES["deals", "win"]},
    ("deals", "lose"): {"status": "lost", **_BODIES["deals", "lose"]},
    ("quotes", "accept"): {"accepted_at": MOMENT},
    ("quotes", "reject"): {"rejected_at": MOMENT},
}
_REFUSED: dict[tuple[str, str], str] = {
    ("leads", "convert"): "The lead is already converted.",
    ("leads", "reopen"): "The deal made of the lead has not been deleted.",
    ("deals", "win"): "The deal is already lost.",
    ("deals", "lose"): "The deal is already won.",
    ("quotes", "accept"): "The quote is already rejected.",
    ("quotes", "reject"): "The quote is already accepted.",
    ("quotes", "order"): "The quote is already ordered.",
    ("orders", "invoice"): "The order is already invoiced.",
}
_NAMING = {
    ("leads", "convert"): {"deal_id": example_id("deals")},
    ("leads", "reopen"): {"deal_id": example_id("deals")},
    ("quotes", "order"): {"order_id": example_id("orders")},
    ("orders", "invoice"): {"invoice_id": example_id("invoices")},
}


def action_body(resource: Resource, action: Action) -> Json | None:
    """Return what is sent, None if there is no example."""
    key = (resource.name, action.name)
    if action.makes and key in _DIFFERENT:
        made = CREATED[action.makes.__tablename__]
        return {name: made[name] for name in _DIFFERENT[key]}
    return _BODIES.get(key)


def acted_record(resource: Resource, action: Action) -> Json | None:
    """Return the first example of a record after an action that answers it, which may have changed nothing."""
    record = created_record(resource)
    changed = _DONE.get((resource.name, action.name))
    return {**record, **changed, "version": 2} if record and changed else record


def refused_action(resource: Resource, action: Action) -> Json:
    """Return the refusal of an action."""
    key = (resource.name, action.name)
    return {"message": _REFUSED.get(key, action.refused), **_NAMING.get(key, {})}
