"""What a webhook takes (beyond, section 19)."""

from collections.abc import Collection
from typing import Any

from flask import current_app
from marshmallow.exceptions import ValidationError

from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import is_array, members_of
from crm.schemas.fields import Boolean, Field, Text, is_text
from crm.webhooks.address import check
from crm.webhooks.guard import Guard

MAX_URL = 2048
MAX_TYPES = 50


class ReceiverUrl(Text):
    """An https URL that may be called, as far as can be told without asking for its name."""

    default_error_messages = {  # noqa: RUF012 (marshmallow declares it so)
        "url": "The :field field must be an https URL, without user and password, that can be reached from anywhere."
    }

    def parse(self, value: Any) -> str:
        """Return the URL as sent."""
        url = super().parse(value)
        try:
            check(url, Guard(current_app.config["WEBHOOKS_ALLOW_NETWORKS"]))
        except ValueError:
            raise self.make_error("url") from None
        return url


class EventTypes(Field):
    """Types of changes, of which repeats count once."""

    def __init__(self, known: Collection[str]):
        super().__init__(required=True)
        self.known = known

    def parse(self, value: Any) -> list[str]:
        """Return the types in their order. Raises ValidationError with every fault."""
        if not is_array(value):
            raise self.make_error("array")
        members = dict(members_of(value))
        if not members:
            raise self.make_error("required")
        unknown = {
            place: [self.error_messages["selected"]]
            for place, each in members.items()
            if not (is_text(each) and each.strip() in self.known)
        }
        if unknown:
            raise ValidationError(unknown)
        types = [*dict.fromkeys(each.strip() for each in members.values())]
        if len(types) > MAX_TYPES:
            raise self.make_error("max_items", max=MAX_TYPES)
        return types


def make_body(known: Collection[str]) -> type[BodySchema]:
    """Return the schema of webhooks that can want these types."""

    class WebhookBody(BodySchema):
        """What a webhook takes."""

        url = ReceiverUrl(required=True, max_length=MAX_URL)
        types = EventTypes(known)
        description = Text(max_length=255)
        active = Boolean(load_default=True)
        include_record = Boolean(load_default=True)

    return WebhookBody
