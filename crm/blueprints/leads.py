"""Leads."""

from crm.models import Lead
from crm.resource import Resource
from crm.schemas.lead import LeadSchema


class Leads(Resource):
    """Chances to sell."""

    model = Lead
    schema = LeadSchema
    sorts = ("title", "amount")
    number = ("lead_id", "L")
