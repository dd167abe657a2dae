"""Deals."""

from crm.models import Deal
from crm.resource import Resource
from crm.schemas.deal import DealSchema


class Deals(Resource):
    """Sales under way."""

    model = Deal
    schema = DealSchema
    sorts = ("title", "amount")
    number = ("deal_id", "D")
