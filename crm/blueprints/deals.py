"""Deals, which are won or lost."""

from crm.blueprints.action import Action
from crm.blueprints.resource import Resource
from crm.models.deal import LOST, WON
from crm.sales.outcome import REOPENED, close_deal, reopen_deal
from crm.schemas.deal import ClosingSchema, DealSchema


def _closing(name: str, word: str) -> Action:
    """Return the action that says how a deal has ended."""
    return Action(
        name=name,
        word=word,
        permission="edit",
        sentence=f"Say that a deal is {word}, perhaps why, and when if not now. Its stage stays as it is.",
        answer="The deal.",
        perform=lambda deals, deal, values: close_deal(deals.writer, deal, values, word),
        body=ClosingSchema,
        refused="The deal is closed.",
    )


WIN, LOSE = _closing("win", WON), _closing("lose", LOST)
REOPEN = Action(
    name="reopen",
    word=REOPENED,
    permission="edit",
    sentence="Say that a deal is open again; one that is open is answered as it is.",
    answer="The deal.",
    perform=lambda deals, deal, _: reopen_deal(deals.writer, deal),
)


class Deals(Resource):
    """Sales under way."""

    schema = DealSchema
    actions = (*Resource.actions, WIN, LOSE, REOPEN)
