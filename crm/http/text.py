"""Text as clients send it: freed at both ends of white space and of what is invisible (contract, section 1)."""

import re
from unicodedata import category

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What could forge lines of a terminal or a log: controls (Unicode's Cc), separators of lines and paragraphs, what
reorders the text around it, and halves of surrogate pairs, which the command line makes of bytes that are no UTF-8."""

_ASCII = "".join(chr(code) for code in range(1, 0x21)) + "\x7f"
_CATEGORIES = {"Zs", "Zl", "Zp", "Cc", "Cf"}
_BLANK_LETTERS = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
"""Marks, letters and symbols by their category that show nothing."""
_REFUSED = "\0"
_TAGS = range(0xE0020, 0xE0080)
"""They spell the region of a flag, and end it."""


def trim(text: str) -> str:
    """Return a text without what is invisible at its ends. U+0000 stays, since it is refused wherever it stands."""
    text = text.strip(_ASCII)
    if text.isascii():
        return text
    start, end = 0, len(text)
    while start < end and _is_invisible(text[start]):
        start += 1
    while start < end and _is_invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_invisible(character: str) -> bool:
    if category(character) in _CATEGORIES:
        return character != _REFUSED and ord(character) not in _TAGS
    return character in _BLANK_LETTERS


def escape_controls(text: str) -> str:
    r"""Return a text as it may be printed in a line, such a character as `\x1b` or `\u2028`."""
    return CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
