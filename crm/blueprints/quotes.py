"""Quotes."""

from crm.blueprints.resource import Resource
from crm.models import Quote
from crm.schemas.quote import QuoteSchema


class Quotes(Resource):
    """Offers to customers."""

    model = Quote
    schema = QuoteSchema
    sorts = ("title", "total")
