"""Strings are freed at both ends of white space and of what is invisible (contract, section 1)."""

import sys
from unicodedata import category

import pytest

from crm.http.text import trim
from crm.schemas import fields
from crm.schemas.auth import Credentials
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, create_user

TAGS = {chr(code) for code in range(0xE0020, 0xE0080)}
LISTED = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
INVISIBLE = LISTED | {
    character
    for character in map(chr, range(1, sys.maxunicode + 1))
    if category(character)[0] == "Z" or (category(character) in ("Cc", "Cf") and character not in TAGS)
}
SOME = ["\u200b", "\u2060\ufeff", "\u00ad \u200e", "\u3164\u2800", "\u00a0\u202f", "\x85\x1f"]
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
KEPT = [FAMILY, ENGLAND, "\u2764\ufe0f", "a\u200bb", "e\u0301", "नि", "x\U000e0041", "\ue000", "\ufffe", "."]


def test_the_invisible_are_those_of_the_contract():
    assert {"\t", " ", "\x7f", "\x80", "\u00a0", "\u061c", "\u180e", "\u200b", "\u200d", "\u202e"} <= INVISIBLE
    assert {"\u2028", "\u2029", "\u2063", "\u3000", "\ufeff", "\ufffb", "\U0001d173", "\U000e0001"} <= INVISIBLE
    assert not INVISIBLE & {"\0", "\ufe0f", "\u0301", "\U000e0020", "\U000e007f", "\ue000", "\ufffe"}


def test_every_invisible_character_is_taken_from_both_ends_and_kept_inside():
    for character in INVISIBLE:
        inside = f"a{character}{character}é"
        assert trim(f"{character}{inside}{character} {character}") == inside
        assert trim(f"{character}a{character}") == "a"
        assert trim(character * 3) == ""


def test_everything_else_stays():
    visible = {chr(code) for code in range(sys.maxunicode + 1)} - INVISIBLE
    assert [character for character in visible if trim(character) != character] == []


@pytest.mark.parametrize("text", KEPT, ids=ascii)
def test_what_belongs_together_stays_together(api, text):
    record = api.create("leads", title=f"\u200d {text}\u200b\n", description=text)
    assert (record["title"], record["description"]) == (text, text)
    assert api.get(f"/leads/{record['id']}").json["data"] == record


@pytest.mark.parametrize("blank", SOME, ids=ascii)
def test_what_is_only_invisible_is_null(api, blank):
    assert api.errors(api.post("/leads", {"title": blank})) == {"title": ["The title field is required."]}
    record = api.create("leads", title="Kept", description="Old", amount=5, person_id=blank, labels=blank)
    path = f"/leads/{record['id']}"
    assert api.errors(api.put(path, {"title": blank})) == {"title": ["The title field is required."]}
    shown = api.put(path, {"description": blank, "amount": blank, "expected_close": blank, "currency": blank})
    stamped = {"version": 2, "updated_at": shown.json["data"]["updated_at"]}
    assert shown.json["data"] == {**record, "description": None, "amount": None, **stamped}


@pytest.mark.parametrize("blank", SOME, ids=ascii)
def test_ids_numbers_and_moments_are_trimmed_as_all_strings_are(api, blank):
    person, label = api.create("people")["id"], api.get("/labels").json["data"][0]["id"]
    sent = {
        "amount": "12.5",
        "currency": "eur",
        "expected_close": "2026-03-04T05:06:07Z",
        "person_id": person,
        "user_owner_id": str(api.user_id),
        "labels": [label],
    }
    wrapped = {
        name: [wrap(value, blank) for value in sent[name]] if name == "labels" else wrap(sent[name], blank)
        for name in sent
    }
    shown = [api.create("leads", title="Same", **body) for body in (sent, wrapped)]
    names = ("amount", "currency", "expected_close", "person", "owner", "labels")
    assert [shown[0][name] for name in names] == [shown[1][name] for name in names]
    assert shown[1]["person"]["id"] == person
    assert api.create("products", active=wrap("0", blank))["active"] is False


@pytest.mark.parametrize("text", ["\0", "\0a", "a\0", " \0 ", "\u200b\0\u200b", "\0\u200b"], ids=ascii)
def test_u0000_is_refused_at_the_ends_too(api, text):
    for name in ("title", "description"):
        faults = api.errors(api.post("/leads", {"title": "A lead", name: text}))
        assert faults == {name: [f"The {name} field must be a string."]}


def test_the_limit_holds_for_what_is_left(api):
    assert api.create("leads", title="\u2060" * 300 + "x" * 255 + "\u3164" * 300)["title"] == "x" * 255
    assert fields.Text(max_length=3).deserialize("\u200babc\u200b") == "abc"


def test_a_password_is_taken_as_sent_and_an_email_trimmed(app):
    password = Credentials().load_fields["password"]
    for sent in ("\u200b", " a\u00a0", "\t"):
        assert password.deserialize(sent) == sent
    create_user(app, email="jane@example.com")
    stranger = ApiClient(app)
    body = {"email": "\u200bJane@Example.com\ufeff", "password": PASSWORD}
    assert stranger.post("/auth/token", body).status_code == 201
    assert stranger.post("/auth/token", {**body, "password": f"\u200b{PASSWORD}"}).status_code == 422


def wrap(text, blank):
    return f"{blank}{text} {blank}"
