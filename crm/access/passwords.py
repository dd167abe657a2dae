"""Which passwords are taken, over the API and on the command line (beyond, section 20)."""

from crm.access.credentials import normalize_email
from crm.models.user import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH


def has_length(password: str) -> bool:
    """Tell whether a password is long enough, and not too long to be hashed."""
    return MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH


def is_address(password: str, email: str) -> bool:
    """Tell whether a password is the user's own e-mail address, which is guessed first."""
    return normalize_email(password) == normalize_email(email)
