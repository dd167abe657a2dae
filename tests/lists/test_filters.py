"""`filter[…]` on lists: what there is to ask, and what is refused (beyond, section 15)."""

from urllib.parse import quote

import pytest

from tests.support.asked import OPERATORS, asked_fields
from tests.support.client import ApiClient
from tests.support.factories import NAMES

each_resource = pytest.mark.parametrize("resource", NAMES)
SELECTED = "The selected {} is invalid."


def refusal(api: ApiClient, path: str) -> dict[str, list[str]]:
    return api.errors(api.get(path))


@each_resource
@pytest.mark.parametrize("name", ["amuont", "AMOUNT", "owner", "person", "line_items", "external_id", "external_keys"])
def test_an_unknown_field_is_refused_with_the_names_of_all(api: ApiClient, resource: str, name: str) -> None:
    names = ", ".join(sorted(asked_fields(resource)))
    for path, written in ((f"filter.{name}", f"filter[{name}]"), (f"filter.{name}.gte", f"filter[{name}][gte]")):
        expected = {path: [f"{SELECTED.format(path)} Filters are: {names}."]}
        assert refusal(api, f"/{resource}?{written}=1") == expected


@each_resource
def test_each_field_has_the_operators_of_its_kind(api: ApiClient, resource: str) -> None:
    for name, kind in asked_fields(resource).items():
        name = name.replace("SOURCE", "erp")
        path = f"filter.{name}.like"
        sentence = f"{SELECTED.format(path)} Operators are: {', '.join(OPERATORS[kind].split())}."
        assert refusal(api, f"/{resource}?filter[{name}][like]=1") == {path: [sentence]}


@each_resource
def test_no_field_takes_the_operators_of_other_kinds(api: ApiClient, resource: str) -> None:
    kinds = {name.replace("SOURCE", "erp"): kind for name, kind in asked_fields(resource).items()}
    known = {operator for operators in OPERATORS.values() for operator in operators.split()}
    wrong = [(name, operator) for name, kind in kinds.items() for operator in known - {*OPERATORS[kind].split()}]
    for start in range(0, len(wrong), 10):
        some = wrong[start : start + 10]
        query = "&".join(f"filter[{name}][{operator}]=1" for name, operator in some)
        assert refusal(api, f"/{resource}?{query}").keys() == {f"filter.{name}.{operator}" for name, operator in some}


@pytest.mark.parametrize("source", ["ERP", "a b", "x" * 41, "é", "erp.x"])
def test_a_source_of_own_keys_has_to_be_one(api: ApiClient, source: str) -> None:
    path = f"filter.external_keys.{source}"
    ((key, (sentence,)),) = refusal(api, f"/leads?filter[external_keys.{quote(source)}]=1").items()
    assert (key, sentence.split(" Filters")[0]) == (path, SELECTED.format(path))


@pytest.mark.parametrize(
    ("resource", "name", "text", "rest"),
    [
        ("leads", "amount", "x", "must be a number."),
        ("leads", "amount", "1,5", "must be a number."),
        ("leads", "amount", "1e3", "must be a number."),
        ("leads", "amount][gte", "$5", "must be a number."),
        ("leads", "amount][in", "1,x", "must be a number."),
        ("leads", "version", "1.5", "must be an integer."),
        ("leads", "user_owner_id][in", "1,x", "must be an integer."),
        ("leads", "created_at][gt", "2026-01-01", "must be an ISO-8601 timestamp with a timezone offset."),
        ("leads", "created_at", "2026-02-30T00:00:00Z", "must be a valid date."),
        ("people", "birthday][lt", "yesterday", "must be a valid date."),
        ("leads", "id", "1", "must be a valid UUID."),
        ("leads", "person_id][ne", "Jane", "must be a valid UUID."),
        ("leads", "labels][in", "Hot", "must be a valid UUID."),
        ("leads", "currency", "EU", "must be 3 characters."),
        ("products", "active", "yes", "must be true or false."),
        ("products", "active][ne", "TRUE", "must be true or false."),
        ("leads", "title][null", "no", "must be true or false."),
        ("leads", "labels][null", "2", "must be true or false."),
        ("leads", "title][contains", "a%00b", "must be a string."),
        ("leads", "external_keys.erp", "%00", "must be a string."),
    ],
)
def test_a_value_that_cannot_be_read_is_told_as_its_field_tells(
    api: ApiClient, resource: str, name: str, text: str, rest: str
) -> None:
    path = f"filter.{name.replace('][', '.')}"
    assert refusal(api, f"/{resource}?filter[{name}]={text}") == {path: [f"The {path} field {rest}"]}


@pytest.mark.parametrize("name", ["title", "amount][gte", "labels", "id][null", "external_keys.erp", "deleted"])
@pytest.mark.parametrize("text", ["", "%20%09", "%E3%80%80", "%E2%80%8B"])
def test_a_blank_value_is_refused(api: ApiClient, name: str, text: str) -> None:
    path = f"filter.{name.replace('][', '.')}"
    assert refusal(api, f"/leads?filter[{name}]={text}") == {path: [f"The {path} field is required."]}


@pytest.mark.parametrize("text", ["a,", ",a", "a,,b", ","])
def test_one_of_several_values_is_never_blank(api: ApiClient, text: str) -> None:
    path = "filter.title.in"
    assert refusal(api, f"/leads?filter[title][in]={text}") == {path: [f"The {path} field is required."]}


@pytest.mark.parametrize("text", ["true", "WITH", "0"])
def test_deleted_takes_two_words(api: ApiClient, text: str) -> None:
    path = "filter.deleted"
    assert refusal(api, f"/leads?filter[deleted]={text}") == {path: [SELECTED.format(path)]}


@pytest.mark.parametrize(
    "name",
    [
        *("filter", "filter[]", "filter[title", "filter[title]]", "filter[title][]", "filter[title][eq"),
        *("filter[title]x", "filter[[title]]", "filter[title][eq][eq]", "filter[[eq]", "filter%5B"),
    ],
)
def test_a_malformed_name_is_refused(api: ApiClient, name: str) -> None:
    assert refusal(api, f"/leads?{name}=1") == {"filter": [SELECTED.format("filter")]}


def test_every_fault_is_told_at_once(api: ApiClient) -> None:
    query = "filter[amount]=x&filter[nothing]=1&filter[title]=&filter[title][eq]=fine&filter[id][gt]=1"
    assert {*refusal(api, f"/leads?{query}")} == {"filter.amount", "filter.nothing", "filter.title", "filter.id.gt"}


def test_there_are_at_most_ten_conditions(api: ApiClient) -> None:
    ten = [f"filter[{name}][ne]=1" for name in ("title", "description", "amount", "version", "lead_id")]
    ten += [f"filter[{name}][null]=1" for name in ("person_id", "labels", "currency", "external_keys.a")]
    ten += ["filter[deleted]=with"]
    assert api.get(f"/leads?{'&'.join(ten)}").status_code == 200
    assert api.get(f"/leads?{'&'.join([*ten, *ten])}").status_code == 200
    assert refusal(api, f"/leads?{'&'.join(ten)}&filter[title]=a") == {
        "filter": ["The filter field must not have more than 10 items."]
    }


def test_one_of_takes_a_hundred_values(api: ApiClient) -> None:
    hundred = ",".join(map(str, range(100)))
    assert api.get(f"/leads?filter[amount][in]={hundred}").status_code == 200
    sentence = "The filter field must not have more than 100 items."
    assert refusal(api, f"/leads?filter[amount][in]={hundred},5") == {"filter": [sentence]}


def test_of_a_repeated_condition_the_last_counts(api: ApiClient) -> None:
    one, other = (api.create("leads", title=title)["id"] for title in ("one", "other"))
    for query, found in (("one&filter[title]=other", other), ("x&filter[title]=&filter[title]=one", one)):
        answer = api.get(f"/leads?filter[title]={query}").json
        assert [record["id"] for record in answer["data"]] == [found]
    assert [*refusal(api, "/leads?filter[title]=one&filter[title]=")] == ["filter.title"]


@pytest.mark.parametrize("query", ["filters[title]=x", "Filter[title]=x", "filter.title=x", "title=x", "x[filter]=1"])
def test_what_is_no_filter_is_ignored(api: ApiClient, query: str) -> None:
    api.create("leads")
    assert api.get(f"/leads?{query}").json["meta"]["total"] == 1
