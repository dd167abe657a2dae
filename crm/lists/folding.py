"""Text as it is searched: without case and, in Latin letters, without accents (beyond, section 15).

It is folded in Python, when it is written and when it is asked for, so that both stores agree: what they offer for it
leaves letters such as ß and ł as they are.
"""

from functools import lru_cache
from unicodedata import combining, name, normalize

_SPELLED_OUT = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"})


def fold_for_search(text: str) -> str:
    """Return a text as it is searched."""
    if text.isascii():
        return text.lower()
    letters: list[str] = []
    is_latin = False
    for character in normalize("NFKD", text):
        if combining(character):
            if is_latin:
                continue
        else:
            is_latin = _is_latin(character)
        letters.append(character)
    return normalize("NFC", "".join(letters)).casefold().translate(_SPELLED_OUT)


@lru_cache(maxsize=4096)
def _is_latin(character: str) -> bool:
    return character.isalpha() and name(character, "").startswith("LATIN ")
