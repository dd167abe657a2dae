"""Text as it is searched: without case and, in Latin letters, without accents (beyond, section 15).

It is folded here and not in the database, so that both stores find the same.
"""

import re
from unicodedata import normalize

_LATIN = (
    "A-Za-z\u00c6-\u00d0\u00d8-\u00f0\u00f8-\u02af\u1d00-\u1d25\u1d6b-\u1d9a\u1e9c-\u1eff\u2184\u2c60-\u2c7f"
    "\ua722-\ua787\ua78b-\ua7ff\uab30-\uab5a\uab60-\uab64\uab66-\uab68\U0001df00-\U0001df1e"
)
"""Latin letters as they stand after decomposition."""
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_ACCENTS = re.compile(f"(?<=[{_LATIN}])[{_MARKS}]+")
_SPELLED = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"})
"""Letters that are no letter with an accent to Unicode, and how they are written without them. U+0131 is the i
without a dot; ß is ss without case."""


def fold_for_search(text: str) -> str:
    """Return a text as it is searched.

    Accents are taken off Latin letters alone: in other scripts such marks make another letter, as й or が.
    """
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", normalize("NFKD", text))
    return normalize("NFC", bare).casefold().translate(_SPELLED)
