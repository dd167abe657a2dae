"""The kinds of scalar values on the wire."""

from crm.schemas.fields.base import INVALID_REFERENCE, Field, Reader
from crm.schemas.fields.moments import Day, Timestamp
from crm.schemas.fields.numbers import MAX_INTEGER, Boolean, Integer, Money, Percent, Scaled
from crm.schemas.fields.text import UUID, Currency, Email, ExternalId, FullName, Name, Password, Text, UuidField

__all__ = [
    "INVALID_REFERENCE",
    "MAX_INTEGER",
    "UUID",
    "Boolean",
    "Currency",
    "Day",
    "Email",
    "ExternalId",
    "Field",
    "FullName",
    "Integer",
    "Money",
    "Name",
    "Password",
    "Percent",
    "Reader",
    "Scaled",
    "Text",
    "Timestamp",
    "UuidField",
]
