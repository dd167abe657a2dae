"""The short forms in which rows are shown inside others and in the look-up lists (contract, section 5)."""

from marshmallow import Schema

from crm.schemas.fields import Colour, ExternalId, FullName, Integer, Text


class NameSummary(Schema):
    """A row by its UUID and name."""

    id = ExternalId()
    name = Text()


class LabelSummary(NameSummary):
    """A label."""

    hex = Colour()


class PersonSummary(Schema):
    """A person by name."""

    id = ExternalId()
    name = FullName()
    first_name = Text()
    last_name = Text()


class LeadSummary(Schema):
    """A lead by number and title."""

    id = ExternalId()
    lead_id = Text()
    title = Text()


class DealSummary(Schema):
    """A deal by number and title."""

    id = ExternalId()
    deal_id = Text()
    title = Text()


class QuoteSummary(Schema):
    """A quote by number and title."""

    id = ExternalId()
    quote_id = Text()
    title = Text()


class OrderSummary(Schema):
    """An order by number."""

    id = ExternalId()
    order_id = Text()


class ProductSummary(NameSummary):
    """A product by name and code."""

    code = Text()


class NumberedSummary(Schema):
    """A row by its integer id and name."""

    id = Integer()
    name = Text()


class UserSummary(NumberedSummary):
    """A user."""

    email = Text()
