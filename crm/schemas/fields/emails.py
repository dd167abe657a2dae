"""Fields of e-mail addresses."""

from typing import Any

from marshmallow import validate
from marshmallow.exceptions import ValidationError

from crm.schemas.fields.text import Text


class Email(Text):
    """An email address."""

    def parse(self, value: Any) -> str:
        """Return the address as sent."""
        address = super().parse(value)
        if not is_email(address):
            raise self.make_error("email")
        return address


def is_email(text: str) -> bool:
    """Tell whether a text has the form of an e-mail address."""
    try:
        return bool(validate.Email()(text))
    except ValidationError:
        return False
