"""The wire shapes of e-mail addresses, phone numbers and postal addresses (beyond, section 17)."""

from collections.abc import Mapping
from typing import Any

from crm.models.contact_details import PARTS
from crm.schemas.base import BodySchema
from crm.schemas.fields import Boolean, Country, Email, Text


class EmailSchema(BodySchema):
    """An e-mail address."""

    address = Email(required=True, max_length=255)
    type = Text(max_length=50, load_default=None)
    primary = Boolean(load_default=False)


class PhoneSchema(BodySchema):
    """A phone number."""

    number = Text(required=True, max_length=50)
    type = Text(max_length=50, load_default=None)
    primary = Boolean(load_default=False)


class AddressSchema(BodySchema):
    """A postal address."""

    type = Text(max_length=50, load_default=None)
    line1 = Text(max_length=255, load_default=None)
    line2 = Text(max_length=255, load_default=None)
    line3 = Text(max_length=255, load_default=None)
    city = Text(max_length=255, load_default=None)
    state = Text(max_length=255, load_default=None)
    code = Text(max_length=255, load_default=None)
    country = Country(load_default=None)
    primary = Boolean(load_default=False)


def says_something(address: Mapping[str, Any]) -> bool:
    """Tell whether a postal address has a part beside what kind it is."""
    return any(address.get(name) for name in (*PARTS, "country"))
