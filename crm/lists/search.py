"""Words that are searched for, and the condition that a record has one in its text (beyond, section 15)."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, FromClause, String, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from crm.http.arguments import refuse
from crm.http.text import trim
from crm.lists.folding import fold_for_search
from crm.schemas.fields import is_text

MAX_LENGTH = 200
"""The most characters of a search."""

_LITERALLY = str.maketrans({character: f"\\{character}" for character in "\\%_"})


def read_words(text: str, name: str = "search") -> tuple[str, ...]:
    """Return the words of a search, trimmed, as records hold them, each once; none of a blank one.

    Raises ValidationFailed, on the parameter `name`, for one that is too long or no text.
    """
    text = trim(text)
    if not is_text(text):
        refuse(name, "The :field field must be a string.")
    if len(text) > MAX_LENGTH:
        refuse(name, f"The :field field must not be greater than {MAX_LENGTH} characters.")
    return tuple(dict.fromkeys(fold_for_search(text).split()))


def has_word(table: FromClause, parameter: str) -> ColumnElement[bool]:
    """Return the condition that the text of a row of records holds a word, the parameter of that name.

    On PostgreSQL an index serves words of three letters or more, if the plan is made for the very word.
    """
    return _Holds(table.c.search_text, bindparam(parameter, type_=_Word()))


class _Word(TypeDecorator[str]):
    """A word that is taken literally: on PostgreSQL a pattern of LIKE, on SQLite the word itself."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what the driver takes."""
        if value is None or dialect.name == "sqlite":
            return value
        return f"%{value.translate(_LITERALLY)}%"


class _Holds(FunctionElement[bool]):
    """A text holds a word."""

    type = Boolean()
    inherit_cache = True


@compiles(_Holds, "postgresql")
def _like(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    text, word = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{text} LIKE {word}"


@compiles(_Holds, "sqlite")
def _in_string(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kwargs)}) > 0"
