"""What a client sends to get a token (contract, section 2)."""

from crm.access.tokens import TOKEN_NAME_LENGTH
from crm.schemas.base import BodySchema
from crm.schemas.fields import Email, Name, Password


class Credentials(BodySchema):
    """The body of `POST /auth/token`."""

    email = Email(required=True)
    password = Password(required=True)
    device_name = Name(max_length=TOKEN_NAME_LENGTH)
