"""Deals."""

from crm.blueprints.resource import Resource
from crm.models import Deal
from crm.schemas.deal import DealSchema


class Deals(Resource):
    """Sales under way."""

    model = Deal
    schema = DealSchema
    sorts = ("title", "amount")
