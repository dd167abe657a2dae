"""Every action of the API, and what it is to do, written by hand: an action without a case fails the tests."""

from collections.abc import Callable
from typing import Any, NamedTuple

from crm.blueprints import RESOURCES
from crm.blueprints.action import Action
from tests.support.client import ApiClient

Json = dict[str, Any]
Key = tuple[str, str]
"""A resource, and the name of one of its actions."""

ACTIONS: dict[Key, Action] = {
    (resource.model.__tablename__, action.name): action for resource in RESOURCES for action in resource.actions
}
NOW = "now"
"""Stands for a moment that the server takes."""


class Refused(NamedTuple):
    """A state of a record in which an action is refused: what is done before, and the sentence."""

    steps: tuple[str, ...]
    message: str
    names: str = ""
    """By which name the refusal tells the record that the first step has made."""


class Case(NamedTuple):
    """What an action is to do."""

    word: str = ""
    """What the history then says of the record; nothing has happened to it without one."""
    steps: tuple[str, ...] = ()
    """What is done to a new record before, so that there is something to do: actions, or `delete made`."""
    body: Json = {}  # noqa: RUF012 (nothing changes it)
    changed: Json = {}  # noqa: RUF012 (nothing changes it)
    """What the record shows otherwise afterwards."""
    makes: str = ""
    """The resource of the record that it makes."""
    refused: tuple[Refused, ...] = ()
    leaves: tuple[tuple[str, ...], ...] = ()
    """After which steps it changes nothing and answers the record as it is."""


CLOSED = (Refused(("win",), "The deal is already won."), Refused(("lose",), "The deal is already lost."))
DECIDED = (
    Refused(("accept",), "The quote is already accepted."),
    Refused(("reject",), "The quote is already rejected."),
)
MOMENT = "2026-01-02T03:04:05+00:00"

CASES: dict[Key, Case] = {
    ("leads", "convert"): Case(
        word="converted",
        changed={"converted_at": NOW},
        makes="deals",
        refused=(Refused(("convert",), "The lead is already converted.", "deal_id"),),
    ),
    ("leads", "reopen"): Case(
        word="reopened",
        steps=("convert", "delete made"),
        changed={"converted_at": None},
        refused=(Refused(("convert",), "The deal made of the lead has not been deleted.", "deal_id"),),
        leaves=((), ("convert", "delete made", "reopen")),
    ),
    ("deals", "win"): Case(
        word="won",
        body={"closed_reason": " Liked us ", "closed_at": "2026-01-02T04:04:05.9+01:00"},
        changed={"status": "won", "closed_reason": "Liked us", "closed_at": MOMENT},
        refused=CLOSED,
    ),
    ("deals", "lose"): Case(
        word="lost", changed={"status": "lost", "closed_reason": None, "closed_at": NOW}, refused=CLOSED
    ),
    ("deals", "reopen"): Case(
        word="reopened",
        steps=("win",),
        changed={"status": "open", "closed_reason": None, "closed_at": None},
        leaves=((), ("lose", "reopen")),
    ),
    ("quotes", "accept"): Case(word="accepted", changed={"accepted_at": NOW}, refused=DECIDED),
    ("quotes", "reject"): Case(word="rejected", changed={"rejected_at": NOW}, refused=DECIDED),
    ("quotes", "reopen"): Case(
        word="reopened",
        steps=("reject",),
        changed={"accepted_at": None, "rejected_at": None},
        leaves=((), ("accept", "reopen")),
    ),
    ("quotes", "order"): Case(
        makes="orders",
        refused=(
            Refused(("order",), "The quote is already ordered.", "order_id"),
            Refused(("reject",), "The quote is rejected."),
        ),
    ),
    ("orders", "invoice"): Case(
        makes="invoices", refused=(Refused(("invoice",), "The order is already invoiced.", "invoice_id"),)
    ),
}
"""Every action but `restore`, which all resources have."""


def path_of(resource: str, record: Json, action: str) -> str:
    """Return the path of an action on a record."""
    return f"/{resource}/{record['id']}/{action}"


def can_be_refused(path: str) -> bool:
    """Tell whether a path is that of an action on a record, for which not every record is in the state."""
    resource, *steps = path.strip("/").split("/")
    return len(steps) == 2 and (action := ACTIONS.get((resource, steps[1]))) is not None and bool(action.refused)


def take(api: ApiClient, resource: str, record: Json, steps: tuple[str, ...]) -> Json | None:
    """Take steps with a record; return what the first of them has made, if it is there."""
    made: Json | None = None
    for step in steps:
        if step == "delete made":
            assert made is not None
            assert api.delete(f"/{made['resource']}/{made['id']}").status_code == 204
            made = None
            continue
        answer = api.post(path_of(resource, record, step), CASES[resource, step].body)
        assert answer.status_code < 300, answer.text
        if answer.status_code == 201:
            made = {**answer.json["data"], "resource": CASES[resource, step].makes}
    return made


def ready(api: ApiClient, resource: str, action: str, make: Callable[[], Json] | None = None) -> Json:
    """Return a record, a new one or the one that is made, on which an action has something to do."""
    record = make() if make else api.create(resource)
    take(api, resource, record, CASES[resource, action].steps)
    shown: Json = api.get(f"/{resource}/{record['id']}").json["data"]
    return shown
