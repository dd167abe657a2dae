"""The kinds of scalar values on the wire."""

from crm.schemas.fields.base import INVALID_REFERENCE, Field, Reader
from crm.schemas.fields.choices import Choice, OneOf
from crm.schemas.fields.codes import Colour, Country, Currency
from crm.schemas.fields.emails import Email, is_email
from crm.schemas.fields.identifiers import ExternalId, Number, UuidField
from crm.schemas.fields.moments import Day, Timestamp
from crm.schemas.fields.names import FullName, Name
from crm.schemas.fields.numbers import (
    LARGEST_MONEY,
    MAX_INTEGER,
    TOO_MUCH_MONEY,
    Boolean,
    Integer,
    Money,
    Percent,
    Quantity,
    Scaled,
)
from crm.schemas.fields.text import MAX_LENGTH, Password, Text, is_text

__all__ = [
    "INVALID_REFERENCE",
    "LARGEST_MONEY",
    "MAX_INTEGER",
    "MAX_LENGTH",
    "TOO_MUCH_MONEY",
    "Boolean",
    "Choice",
    "Colour",
    "Country",
    "Currency",
    "Day",
    "Email",
    "ExternalId",
    "Field",
    "FullName",
    "Integer",
    "Money",
    "Name",
    "Number",
    "OneOf",
    "Password",
    "Percent",
    "Quantity",
    "Reader",
    "Scaled",
    "Text",
    "Timestamp",
    "UuidField",
    "is_email",
    "is_text",
]
