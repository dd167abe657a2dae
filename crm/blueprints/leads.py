"""Leads, which become deals."""

from crm.blueprints.action import Action, conversion_action
from crm.blueprints.resource import Resource
from crm.sales.conversion import LEAD_TO_DEAL
from crm.sales.outcome import REOPENED, reopen_lead
from crm.schemas.lead import LeadSchema

CONVERT = conversion_action(
    "convert",
    LEAD_TO_DEAL,
    sentence="Make a deal of a lead. It is like the lead but for what the body says, and the lead is converted now.",
    refused="The lead is converted, and its deal has not been deleted.",
)
REOPEN = Action(
    name="reopen",
    word=REOPENED,
    permission="edit",
    sentence="Say that a lead is not converted; one that is not is answered as it is.",
    answer="The lead.",
    perform=lambda leads, lead, _: reopen_lead(leads.writer, lead),
    refused="The deal made of the lead has not been deleted.",
)


class Leads(Resource):
    """Chances to sell."""

    schema = LeadSchema
    actions = (*Resource.actions, CONVERT, REOPEN)
