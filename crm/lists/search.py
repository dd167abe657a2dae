"""Words that are searched for, and the condition that a record has one in its text (beyond, section 15)."""

import re
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

_TELLING = (re.compile(r"\d{5,}"), re.compile(r".+@.{0,3}"))
"""Digits in a row, else of an e-mail address what is before the `@` and a little of its domain."""
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


def search_values(parameter: str, word: str) -> dict[str, str]:
    """Return the values that `has_word` takes for a word."""
    return {parameter: word, f"{parameter}_part": telling_part(word)}


def telling_part(word: str) -> str:
    """Return the part of a word that tells it from others, which an index finds faster than all of it.

    An index looks for each three letters of a word, and is slow where those stand in most rows, as `com` does.
    """
    found = filter(None, (part.search(word) for part in _TELLING))
    return next((match[0] for match in found), word)


def has_word(table: FromClause, parameter: str) -> ColumnElement[bool]:
    """Return the condition that the text of a row of records holds a word, the parameter of that name.

    On PostgreSQL an index serves words of three letters or more, if the plan is made for the very word.
    """
    part = bindparam(f"{parameter}_part", type_=_Part())
    return _Holds(table.c.search_text, bindparam(parameter, type_=String()), part)


class _Part(TypeDecorator[str]):
    """A part of a word as a pattern that takes it literally."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return what the driver takes."""
        return value and f"%{value.translate(_LITERALLY)}%"


class _Holds(FunctionElement[bool]):
    """A text holds a word."""

    type = Boolean()
    inherit_cache = True


@compiles(_Holds, "postgresql")
def _by_part(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    text, word, part = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"({text} LIKE {part} AND strpos({text}, {word}) > 0)"


@compiles(_Holds, "sqlite")
def _in_string(element: _Holds, compiler: SQLCompiler, **kwargs: Any) -> str:
    text, word, _ = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"instr({text}, {word}) > 0"
