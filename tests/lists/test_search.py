"""The words of a search, and which texts hold them: the same on both stores, and by the index on PostgreSQL."""

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from crm.database.query import Query
from crm.extensions import db
from crm.http.errors import ValidationFailed
from crm.lists.folding import fold_for_search
from crm.lists.search import MAX_LENGTH, has_word, read_words, search_values, telling_part
from crm.models import Lead
from tests.support.factories import create_user

TABLE = Lead.__table__
SOME = [
    *("strasse", "100%", "100 percent", "a_b", "axb", "back\\slash", "backslash", "%", "_", "\\", "\\%", "\\_"),
    *("two\nlines", "it's", '"quoted"', "в й", "が", "か", "🤷🏽", "", "%s", "%(word)s", "??", ":name", "${}"),
]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        (" \t\n\u00a0 ", ()),
        ("Müller", ("muller",)),
        ("  Straße\u2003zum\nMOND mond ", ("strasse", "zum", "mond")),
        ("100% a_b c\\d", ("100%", "a_b", "c\\d")),
        ("x" * MAX_LENGTH, ("x" * MAX_LENGTH,)),
    ],
)
def test_words_are_folded_and_each_there_once(text: str, words: tuple[str, ...]) -> None:
    assert read_words(text) == words


@pytest.mark.parametrize("text", ["x" * (MAX_LENGTH + 1), "a\0b", "\ud800"])
def test_what_is_no_search_is_refused_by_the_name_of_its_parameter(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_words(text, "q")
    ((name, (sentence,)),) = refused.value.details["errors"].items()
    assert name == "q"
    assert sentence.startswith("The q field must ")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=MAX_LENGTH))
def test_a_word_of_a_search_holds_no_white_space_and_is_found_in_its_text(text: str) -> None:
    words = read_words(text)
    assert all(word and not any(character.isspace() for character in word) for word in words)
    assert all(word in fold_for_search(text) for word in words)


@pytest.fixture
def filled(app: Flask) -> Iterator[Flask]:
    """An application in its context, with a lead of each of these texts."""
    create_user(app)
    with app.app_context():
        rows = [
            {"lead_id": f"L{n}", "title": "-", "currency": "USD", "search_text": each} for n, each in enumerate(SOME)
        ]
        with db.engine.begin() as connection:
            connection.execute(insert(TABLE), rows)
        yield app


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.sampled_from(SOME).filter(bool) | st.text(st.sampled_from("%_\\ab 1か'\"s?:"), min_size=1, max_size=4))
def test_a_word_is_taken_literally(filled: Flask, word: str) -> None:
    found = Query(select(TABLE.c.search_text).where(has_word(TABLE, "word")), planned_anew=True)
    assert sorted(text for (text,) in found.rows(**search_values("word", word))) == sorted(
        text for text in SOME if word in text
    )


def test_all_of_several_words_have_to_be_there(filled: Flask) -> None:
    both = (has_word(TABLE, "one"), has_word(TABLE, "other"))
    found = Query(select(TABLE.c.search_text).where(*both))
    values = {**search_values("one", "100"), **search_values("other", "ce")}
    assert found.rows(**values) == [("100 percent",)]


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("müller", "müller"),
        ("inv-2024", "inv-2024"),
        ("inv-20241105-x", "20241105"),
        ("ann.lee@customers.example", "ann.lee@cus"),
        ("ann.lee@", "ann.lee@"),
        ("@customers", "@customers"),
        ("ann.lee12345@customers.example", "12345"),
    ],
)
def test_the_index_looks_for_what_tells_a_word_from_others(word: str, part: str) -> None:
    assert telling_part(word) == part


@pytest.mark.parametrize(
    "word", ["ann.lee@customers.example", "ann.lee@cus", "12345@", "t12345", "lee@customers.example"]
)
def test_a_word_is_found_whole_though_the_index_looks_for_a_part(app: Flask, word: str) -> None:
    create_user(app)
    texts = ["ann.lee@customers.example", "ann.lee@custom.example", "t12345@x.example", "12345"]
    rows = [{"lead_id": f"L{n}", "title": "-", "currency": "USD", "search_text": each} for n, each in enumerate(texts)]
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(insert(TABLE), rows)
        found = Query(select(TABLE.c.search_text).where(has_word(TABLE, "word"))).rows(**search_values("word", word))
        assert sorted(text for (text,) in found) == sorted(text for text in texts if word in text)
