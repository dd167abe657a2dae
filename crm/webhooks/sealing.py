"""Secrets at rest: encrypted with a key that follows from the application's secret key, so a backup alone tells none.

The standard library has no cipher, and a package with one would be the largest here. A secret is 32 random bytes, which
a keyed hash can hide by itself: HMAC-SHA256 of a fresh nonce is as good as 32 random bytes, and is laid over it by XOR.
A second HMAC over nonce and result, by a key of its own, tells a wrong key and any change (encrypt, then authenticate).
"""

import hmac
import os
from collections.abc import Sequence
from hashlib import sha256

SECRET_BYTES = 32
_NONCE_BYTES = 16


def seal(secret: bytes, key: str) -> bytes:
    """Return a secret of SECRET_BYTES, encrypted: nonce, result, and what authenticates them."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("What is sealed has the length of one hash.")
    nonce = os.urandom(_NONCE_BYTES)
    hidden = nonce + _masked(secret, nonce, key)
    return hidden + _mac(_derived(key, "authenticate"), hidden)


def unseal(sealed: bytes, keys: Sequence[str]) -> bytes:
    """Return the secret that one of these keys has sealed. Raises ValueError if none of them has."""
    hidden, mac = sealed[:-SECRET_BYTES], sealed[-SECRET_BYTES:]
    for key in keys:
        if hmac.compare_digest(mac, _mac(_derived(key, "authenticate"), hidden)):
            return _masked(hidden[_NONCE_BYTES:], hidden[:_NONCE_BYTES], key)
    raise ValueError("The secret was sealed with another secret key.")


def _masked(text: bytes, nonce: bytes, key: str) -> bytes:
    mask = _mac(_derived(key, "encrypt"), nonce)
    return bytes(one ^ other for one, other in zip(text, mask, strict=True))


def _derived(key: str, use: str) -> bytes:
    return _mac(_mac(key.encode(), b"crm-webhook-secret"), use.encode())


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, sha256)
