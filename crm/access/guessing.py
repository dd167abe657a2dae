"""Guessing: how many log-ins of one account may fail, from one network and from anywhere (beyond, section 20).

They are counted where the limits are. A try counts as failed from its beginning, so that of any number of simultaneous
ones no more are made than may fail; one that was right, or was not made after all, is taken back.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import limits
from flask import current_app

from crm.http.addresses import client_neighbourhood
from crm.http.limits import counts, refusal_until
from crm.operate.security import security_event

LIMIT = "login"
"""The name of the limit."""
FROM_ANYWHERE = 10
"""How many times as many may fail from anywhere as from one network: a stranger elsewhere does not bar the owner."""


class _Limit(NamedTuple):
    key: str
    most: int


class Tries:
    """The tries to log in to one account, existing or not, from where the request comes.

    They are known by the address and by the hash of the password, so with a new password there are none.
    """

    def __init__(self, email: str, password_hash: str):
        rate = limits.parse(current_app.config["LOGIN_ATTEMPTS"])
        account = hashlib.sha256(f"{email}\0{password_hash}".encode()).hexdigest()
        self._seconds = rate.get_expiry()
        self._limits = (
            _Limit(f"login:{account}:{client_neighbourhood()}", rate.amount),
            _Limit(f"login:{account}", rate.amount * FROM_ANYWHERE),
        )

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count the try that the block makes, unless it raises an error: then the password was not looked at.

        Raises Refusal (429) if there are no more.
        """
        self._begin()
        try:
            yield
        except BaseException:
            self._take_back(len(self._limits))
            raise

    def _begin(self) -> None:
        """Count a try, first those from the network: what is refused there is none from anywhere."""
        for place, limit in enumerate(self._limits, 1):
            if counts().incr(limit.key, self._seconds) > limit.most:
                ends_at = counts().get_expiry(limit.key)
                refusal = refusal_until(ends_at, LIMIT, self._limits[0].most, self._seconds)
                security_event("auth.login_refused")
                self._take_back(place)
                raise refusal

    def clear(self) -> None:
        """Forget all tries from here, and those from anywhere: the password was right."""
        for limit in self._limits:
            counts().clear(limit.key)

    def _take_back(self, first: int) -> None:
        for limit in self._limits[:first]:
            counts().take_back(limit.key)
