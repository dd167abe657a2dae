"""Quotes."""

from crm.models import Quote
from crm.resource import Resource
from crm.schemas.quote import QuoteSchema


class Quotes(Resource):
    """Offers to customers."""

    model = Quote
    schema = QuoteSchema
    sorts = ("title", "total")
    number = ("quote_id", "Q")
