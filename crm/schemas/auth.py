"""What a client sends to get a token, and to change the own account (contract, section 2; beyond, section 20)."""

from collections.abc import Sequence
from typing import Any

from marshmallow.exceptions import ValidationError

from crm.access import acting
from crm.access.abilities import ABILITIES
from crm.access.passwords import is_address
from crm.access.tokens import TOKEN_NAME_LENGTH
from crm.http.text import trim
from crm.models.types import now
from crm.models.user import ALL_ABILITIES, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import is_array, members_of
from crm.schemas.fields import INVALID_REFERENCE, Email, Field, Integer, Name, Password, Timestamp
from crm.schemas.reading import Reading

WRONG_CREDENTIALS = "The provided credentials are incorrect."


class Abilities(Field):
    """Abilities of a token, at least one; repeats count once."""

    def parse(self, value: Any) -> tuple[str, ...]:
        """Return the abilities in the order in which they were sent."""
        if not is_array(value):
            raise self.make_error("array")
        if not value:
            raise self.make_error("required")
        members = {place: trim(each) if isinstance(each, str) else each for place, each in members_of(value)}
        if unknown := [place for place, ability in members.items() if ability not in ABILITIES]:
            raise ValidationError({place: [INVALID_REFERENCE] for place in unknown})
        return tuple(dict.fromkeys(members.values()))


class Future(Timestamp):
    """A moment that has not come yet."""

    def parse(self, value: Any) -> Any:
        """Return the moment in UTC."""
        moment = super().parse(value)
        if moment <= now():
            raise self.make_error("future")
        return moment


class NewPassword(Password):
    """A password that is not one yet."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=MAX_PASSWORD_LENGTH, **kwargs)
        self.min_length = MIN_PASSWORD_LENGTH

    def check_length(self, text: str) -> None:
        """Raise ValidationError for a password that is too short or too long."""
        super().check_length(text)
        if len(text) < self.min_length:
            raise self.make_error("min_length", length=self.min_length)


class Credentials(BodySchema):
    """The body of `POST /auth/token`."""

    email = Email(required=True)
    password = Password(required=True)
    device_name = Name(max_length=TOKEN_NAME_LENGTH)
    abilities = Abilities(load_default=[ALL_ABILITIES], keep_on_null=True)
    expires_at = Future()


class CurrentTeam(BodySchema):
    """The body of `PUT /auth/team`."""

    team_id = Integer(required=True)


class PasswordChange(BodySchema):
    """The body of `PUT /auth/password`."""

    current_password = Password(required=True)
    password = NewPassword(required=True)

    def _complete(self, readings: Sequence[Reading]) -> None:
        """Refuse the caller's own e-mail address."""
        for reading in readings:
            if is_address(reading.values.get("password", ""), acting.caller().email):
                reading.refuse({"password": ["The :field field must not be the e-mail address."]})
