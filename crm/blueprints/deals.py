"""Deals."""

from crm.blueprints.resource import Resource
from crm.schemas.deal import DealSchema


class Deals(Resource):
    """Sales under way."""

    schema = DealSchema
