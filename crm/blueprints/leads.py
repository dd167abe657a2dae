"""Leads."""

from crm.blueprints.resource import Resource
from crm.models import Lead
from crm.schemas.lead import LeadSchema


class Leads(Resource):
    """Chances to sell."""

    model = Lead
    schema = LeadSchema
    sorts = ("title", "amount")
