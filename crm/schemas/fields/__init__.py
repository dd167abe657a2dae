"""The kinds of scalar values on the wire."""

from crm.schemas.fields.base import INVALID_REFERENCE, Field, Reader
from crm.schemas.fields.moments import Day, Timestamp
from crm.schemas.fields.numbers import MAX_INTEGER, Boolean, Integer, Money, Percent, Quantity, Scaled
from crm.schemas.fields.text import (
    MAX_LENGTH,
    Colour,
    Currency,
    Email,
    ExternalId,
    FullName,
    Name,
    Number,
    Password,
    Text,
    UuidField,
    is_text,
)

__all__ = [
    "INVALID_REFERENCE",
    "MAX_INTEGER",
    "MAX_LENGTH",
    "Boolean",
    "Colour",
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
    "Password",
    "Percent",
    "Quantity",
    "Reader",
    "Scaled",
    "Text",
    "Timestamp",
    "UuidField",
    "is_text",
]
