"""The short forms in which rows are shown inside others and in the look-up lists (contract, section 5)."""

from marshmallow import Schema

from crm.schemas.fields import Boolean, Colour, ExternalId, FullName, Integer, Percent, Text


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


class TaxRateSummary(NumberedSummary):
    """A tax rate in percent."""

    rate = Percent()
    default = Boolean()
