"""Entity tags: how they are made, and how a header that lists some is read (RFC 9110, section 8.8.3).

A record's tag is `"<version>-<digest of the body>"`: equal tags are equal bytes, and the version alone tells whether
the record itself has changed. A list's is the weak tag of its body.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b

ANY = "*"
"""What stands for any tag in a header."""

_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_TAGS = re.compile(rf"[\t ,]*{_TAG}(?:[\t ]*,[\t ,]*{_TAG})*[\t ,]*")
_ONE = re.compile(_TAG)
_VERSION = re.compile(r'(?:W/)?"([1-9][0-9]{0,18})(?:-[0-9a-f]+)?"')
_DIGEST_BYTES = 12


def record_tag(version: int, body: bytes) -> str:
    """Return the tag of an answer that shows a record."""
    return f'"{version}-{digest((body,))}"'


def version_tag(version: int) -> str:
    """Return the tag of an answer without a body that is about a record."""
    return f'"{version}"'


def list_tag(pieces: Iterable[bytes]) -> str:
    """Return the tag of an answer that shows a list, of which these are the bytes."""
    return f'W/"{digest(pieces)}"'


def digest(pieces: Iterable[bytes]) -> str:
    """Return hex digits that stand for these bytes."""
    hashed = blake2b(digest_size=_DIGEST_BYTES)
    for piece in pieces:
        hashed.update(piece)
    return hashed.hexdigest()


def read_tags(header: str) -> list[str] | None:
    """Return the tags that a header lists, ANY alone for `*`, or None if it cannot be read."""
    if header.strip() == ANY:
        return [ANY]
    return _ONE.findall(header) if _TAGS.fullmatch(header) else None


def version_in(tag: str) -> int | None:
    """Return the version that a tag of a record names, or None for a tag of another form."""
    match = _VERSION.fullmatch(tag)
    return int(match[1]) if match else None


def are_weakly_equal(one: str, other: str) -> bool:
    """Tell whether two tags are the same but for being weak (RFC 9110, section 8.8.3.2)."""
    return one.removeprefix("W/") == other.removeprefix("W/")
