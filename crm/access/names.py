"""What a name may hold: it is shown in a line of a terminal, where a control character could forge other lines."""

from crm.http.text import CONTROL, escape_controls

__all__ = ["escape_controls", "has_control"]


def has_control(name: str) -> bool:
    """Tell whether a name holds a character that is not shown but acts on what is."""
    return CONTROL.search(name) is not None
