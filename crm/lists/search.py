"""`search`: records whose own text holds every word (beyond, section 15)."""

from sqlalchemy import ColumnElement, FromClause

from crm.database.functions import holds_literally
from crm.http.arguments import refuse
from crm.lists.folding import fold_for_search

MAX_LENGTH = 200
"""How many characters a search has at most."""


def read_words(text: str, name: str) -> tuple[str, ...]:
    """Return the words of a text as they are searched, each once. Raises ValidationFailed on the parameter's name."""
    if len(text) > MAX_LENGTH:
        refuse(name, f"The :field field must not be greater than {MAX_LENGTH} characters.")
    if "\0" in text:
        refuse(name, "The :field field must be a string.")
    return tuple(dict.fromkeys(fold_for_search(text).split()))


def holds_word(table: FromClause, parameter: str) -> ColumnElement[bool]:
    """Return the condition that a record holds the word that is the parameter of that name, taken literally."""
    return holds_literally(table.c.search_text, parameter)
