"""`search` on lists: every word stands somewhere in a record's own text (beyond, section 15)."""

from urllib.parse import quote

import pytest

from crm.models import Label
from tests.support.asked import asked_fields, filtered
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_lookup, schema_of


@pytest.mark.parametrize(
    ("search", "texts"),
    [
        ("strasse", {"Straße nach Łódź"}),
        ("LODZ", {"Straße nach Łódź"}),
        ("muller", {"Müller & Søn"}),
        ("mü sön", {"Müller & Søn"}),
        ("müller lodz", set()),
        ("  nach\u2003STRAẞE ", {"Straße nach Łódź"}),
        ("й", {"Йод"}),
        ("и", set()),
        ("%", {"100% a_b"}),
        ("_", {"100% a_b"}),
        ("\\", {"back\\slash"}),
        ("0%a", set()),
        ("a%b", set()),
        ("axb", set()),
        ("ack\\sl", {"back\\slash"}),
        ("😀", {"Smile 😀"}),
        ("& sø", {"Müller & Søn"}),
        ("smile\t\n😀 mil", {"Smile 😀"}),
    ],
)
def test_each_word_is_taken_literally_without_case_and_accents(api: ApiClient, search: str, texts: set[str]) -> None:
    all_texts = ("Straße nach Łódź", "Müller & Søn", "Йод", "100% a_b", "back\\slash", "Smile 😀")
    made = {api.create("leads", title=text)["id"]: text for text in all_texts}
    assert {made[key] for key in filtered(api, "leads", search=search)} == texts


@pytest.mark.parametrize("blank", ["", "%20", "%09%0A", "%E3%80%80", "%E2%80%8B", "%20" * 300])
def test_a_blank_search_is_as_none(api: ApiClient, blank: str) -> None:
    api.create("leads")
    assert api.get(f"/leads?search={blank}").json["meta"]["total"] == 1


def test_a_search_has_at_most_two_hundred_characters(api: ApiClient) -> None:
    made = [api.create("leads", description="é" * 500)["id"]]
    assert filtered(api, "leads", search="é" * 200) == made
    assert filtered(api, "leads", search=f"  {'é' * 200}\u200b") == made
    refused = api.errors(api.get(f"/leads?search={quote('é' * 201)}"))
    assert refused == {"search": ["The search field must not be greater than 200 characters."]}
    assert api.errors(api.get("/leads?search=a%00")) == {"search": ["The search field must be a string."]}


def test_of_a_repeated_search_the_last_counts(api: ApiClient) -> None:
    made = [api.create("leads", title=title)["id"] for title in ("one", "other")]
    assert api.get("/leads?search=one&search=other").json["data"][0]["id"] == made[1]
    assert api.get("/leads?search=one&search=").json["meta"]["total"] == 2


@pytest.mark.parametrize("resource", NAMES)
def test_every_text_that_is_shown_is_searched(api: ApiClient, resource: str) -> None:
    taken = schema_of(resource).load_fields
    texts = [name for name, kind in asked_fields(resource).items() if kind == "text" and name in taken]
    made = api.create(resource, **{name: f"Wörd{place} of" for place, name in enumerate(texts)})
    api.create(resource)
    for place, _ in enumerate(texts):
        assert filtered(api, resource, search=f"word{place} of") == [made["id"]]
    assert filtered(api, resource, search=" ".join(f"WORD{place}" for place, _ in enumerate(texts))) == [made["id"]]


@pytest.mark.parametrize(
    ("resource", "number"), [("leads", "lead_id"), ("orders", "order_id"), ("invoices", "invoice_id")]
)
def test_a_record_is_found_by_its_number(api: ApiClient, resource: str, number: str) -> None:
    made, _ = (api.create(resource) for _ in range(2))
    for text in (made[number], made[number].lower(), made[number][1:]):
        assert filtered(api, resource, search=text) == [made["id"]]


def test_what_is_no_text_of_a_records_own_is_not_searched(api: ApiClient) -> None:
    person = api.create("people", first_name="Wendy")["id"]
    label = create_lookup(api.app, Label, name="Wendy")
    lead = api.create("leads", title="-", currency="XTS", amount=777, person_id=person, labels=[label])
    for search in ("wendy", "xts", "777", lead["id"], lead["created_at"][:10]):
        assert filtered(api, "leads", search=search) == []
    assert filtered(api, "people", search="wendy") == [person]


def test_a_search_goes_with_filters_and_sorts(api: ApiClient) -> None:
    names = [("a word", 1), ("b word", 2), ("c word", 3), ("d", 3)]
    made = [api.create("leads", title=title, amount=amount)["id"] for title, amount in names]
    assert filtered(api, "leads", ("amount][gte", "2"), search="word", sort="title") == made[1:3]
    api.delete(f"/leads/{made[1]}")
    assert filtered(api, "leads", search="word") == [made[2], made[0]]
    assert filtered(api, "leads", ("deleted", "only"), search="word") == [made[1]]
