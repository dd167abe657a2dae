"""Quotes."""

from crm.blueprints.resource import Resource
from crm.schemas.quote import QuoteSchema


class Quotes(Resource):
    """Offers to customers."""

    schema = QuoteSchema
