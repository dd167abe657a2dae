"""Deals, which are won or lost."""

from crm.blueprints.action import Action
from crm.blueprints.resource import Resource
from crm.models.deal import LOST, WON
from crm.sales.outcome import REOPENED, close_deal, reopen_deal
from crm.schemas.deal import ClosingSchema, DealSchema

WIN = Action(
    name="win",
    word=WON,
    permission="edit",
    sentence="Say that a deal is won, perhaps why, and when if not now. Its stage stays as it is.",
    answer="The deal.",
    perform=lambda deals, deal, values: close_deal(deals.writer, deal, values, WON),
    body=ClosingSchema,
    refused="The deal is closed.",
)
LOSE = Action(
    name="lose",
    word=LOST,
    permission="edit",
    sentence="Say that a deal is lost, perhaps why, and when if not now. Its stage stays as it is.",
    answer="The deal.",
    perform=lambda deals, deal, values: close_deal(deals.writer, deal, values, LOST),
    body=ClosingSchema,
    refused="The deal is closed.",
)
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
