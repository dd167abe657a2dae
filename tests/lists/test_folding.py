"""Text as it is searched: without case and, in Latin letters, without accents."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.lists import folding
from crm.lists.folding import fold_for_search
from tests.support.list_model import fold as fold_by_name

ACCENTS = [chr(code) for first, last in ((0x300, 0x36F), (0x1DC0, 0x1DFF)) for code in range(first, last + 1)]

letters = st.sampled_from(
    [
        *"aZéÜñÅßẞæÆœŒøØđĐłŁþÞ\u0131İi\u017fŽơừỹçśćğşģķǆﬁﬀ",
        *"йЙёїが",
        *"ガｶﾞ한글",
        *"αΆΐςΣ",
        *"ابِאָนี้कि",
        *"🤷🏽❤️1⃣½Å\u212a",
        " ",
        "\n",
    ]
)
texts = st.text() | st.text(letters | st.sampled_from(ACCENTS) | st.characters(codec="ascii"))


def is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN ")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße STRASSE STRAẞE", "strasse strasse strasse"),
        ("Łódź", "lodz"),
        ("Müller Mu\u0308ller", "muller muller"),
        ("Ærø Œuvre Đặng Þór", "aero oeuvre dang thor"),
        ("DİYARBAKIR d\u0131yarbak\u0131r", "diyarbakir diyarbakir"),
        ("Škoda ǿ ǽ", "skoda o ae"),
        ("Йод Ёлка", "йод ёлка"),
        ("が か\u3099 ｶﾞ", "が が ガ"),
        ("한글 각", "한글 각"),
        ("ﬁn Ⅻ ²", "fin xii 2"),
        ("Σοφός ΣΟΦΌΣ", "σοφόσ σοφόσ"),
        ("", ""),
    ],
)
def test_a_text_is_folded(text: str, folded: str) -> None:
    assert fold_for_search(text) == folded


def test_a_letter_of_another_script_is_not_found_by_the_one_without_its_mark() -> None:
    for whole, bare in ("йи", "がか", "ёе"):
        assert bare not in fold_for_search(whole)


@given(texts)
def test_it_is_folded_as_by_the_names_of_characters(text: str) -> None:
    assert fold_for_search(text) == fold_by_name(text)


@given(texts)
def test_case_and_form_make_no_difference(text: str) -> None:
    folded = fold_for_search(text)
    assert fold_for_search(unicodedata.normalize("NFD", text)) == folded
    assert fold_for_search(unicodedata.normalize("NFC", text)) == folded


@given(texts, texts)
def test_lines_are_folded_each_by_itself(one: str, other: str) -> None:
    assert fold_for_search(f"{one}\n{other}") == f"{fold_for_search(one)}\n{fold_for_search(other)}"


def test_every_latin_letter_is_known_as_one() -> None:
    pattern = re.compile(f"[{folding._LATIN}]")
    letters = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character)[0] == "L" and unicodedata.is_normalized("NFKD", character)
    ]
    known, latin = ({c for c in letters if test(c)} for test in (pattern.match, is_latin))
    assert known ^ latin == set()
