"""How leads, deals and quotes end, and that they go on after all (beyond, section 16)."""

from datetime import datetime

from crm.http.errors import Refusal
from crm.models.deal import OPEN
from crm.records.locking import Locked
from crm.records.writing import Values, Writer
from crm.sales.conversion import LEAD_TO_DEAL

ACCEPTED, REJECTED = DECISIONS = ("accepted", "rejected")
REOPENED = "reopened"
"""What the journal says of what goes on after all. It says of deals and quotes how they have ended."""


def close_deal(deals: Writer, deal: Locked, values: Values, status: str) -> None:
    """Say of an open deal that it is won or lost, and perhaps why and when. Raises Refusal (409)."""
    if deal.columns["status"] != OPEN:
        raise Refusal(409, f"The deal is already {deal.columns['status']}.")
    closed = {"closed_at": values.get("closed_at") or deal.moment, "closed_reason": values.get("closed_reason")}
    deals.update([deal], {deal.row_id: {"status": status, **closed}}, status)


def reopen_deal(deals: Writer, deal: Locked) -> None:
    """Say of a deal that it is open; one that is stays as it is."""
    deals.update([deal], {deal.row_id: {"status": OPEN, "closed_at": None, "closed_reason": None}}, REOPENED)


def decide_quote(quotes: Writer, quote: Locked, decision: str) -> None:
    """Say of a quote that it is accepted or rejected now. Raises Refusal (409) for a decided one."""
    for made in DECISIONS:
        if quote.columns[_column_of(made)]:
            raise Refusal(409, f"The quote is already {made}.")
    quotes.update([quote], {quote.row_id: {_column_of(decision): quote.moment}}, decision)


def reopen_quote(quotes: Writer, quote: Locked) -> None:
    """Say of a quote that it is not decided; one that is not stays as it is."""
    undecided: dict[str, datetime | None] = {_column_of(decision): None for decision in DECISIONS}
    quotes.update([quote], {quote.row_id: undecided}, REOPENED)


def reopen_lead(leads: Writer, lead: Locked) -> None:
    """Say of a lead that it is not converted; one that is not stays as it is.

    Raises Refusal (409) while the deal made of it is there.
    """
    if lead.columns["converted_at"]:
        LEAD_TO_DEAL.refuse_while_made(lead, "The deal made of the lead has not been deleted.")
        leads.update([lead], {lead.row_id: {"converted_at": None}}, REOPENED)


def _column_of(decision: str) -> str:
    return f"{decision}_at"
