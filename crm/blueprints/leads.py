"""Leads."""

from crm.blueprints.resource import Resource
from crm.schemas.lead import LeadSchema


class Leads(Resource):
    """Chances to sell."""

    schema = LeadSchema
