"""What a name may hold: it is shown in a line of a terminal, where a control character could forge other lines."""

import re

# Controls (Unicode's Cc), separators of lines and paragraphs, what reorders the text around it, and halves of
# surrogate pairs, which the command line makes of bytes that are no UTF-8.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def has_control(name: str) -> bool:
    """Tell whether a name holds a character that is not shown but acts on what is."""
    return _CONTROL.search(name) is not None


def escape_controls(name: str) -> str:
    r"""Return a name as it may be printed, such a character as `\x1b` or `\u2028`."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), name)
