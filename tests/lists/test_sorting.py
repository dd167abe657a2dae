"""`sort` on lists: up to three fields of all that a record shows as a scalar (beyond, section 15)."""

import pytest

from tests.support.asked import filtered, of, sorted_fields
from tests.support.client import ApiClient
from tests.support.factories import KINDS, NAMES
from tests.support.list_questions import offered
from tests.support.list_rows import count_on_from

NUMBERED = [name for name, kind in KINDS.items() if kind.model.number]


@pytest.fixture
def rows(api: ApiClient) -> dict[str, str]:
    """Five leads by their title, currency, amount and description in short."""
    values = [
        ("a", "EUR", 1, "x"),
        ("a", "EUR", 2, "y"),
        ("a", "USD", 1, "y"),
        ("b", "EUR", 1, "x"),
        ("a", "EUR", 1, "y"),
    ]
    names = ("title", "currency", "amount", "description")
    made = [api.create("leads", **dict(zip(names, each, strict=True))) for each in values]
    return {record["id"]: f"{place}" for place, record in enumerate(made)}


@pytest.mark.parametrize("resource", NAMES)
def test_a_list_sorts_by_every_scalar_that_it_shows(resource: str) -> None:
    assert {*offered(resource)} == sorted_fields(resource)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", "42103"),
        ("-title,amount", "34201"),
        ("title,currency,amount", "40123"),
        ("title,-currency,-amount", "21403"),
        ("title,currency,amount,description", "40123"),
        ("nothing,title,owner,currency,labels,-amount", "14023"),
        ("title,,currency,--amount,+amount, amount,-amount", "14023"),
        ("title,title,-title,currency,amount", "40123"),
        ("title,Currency,PERSON,person_id,description", "04213"),
        ("nothing,owner", "43210"),
    ],
)
def test_three_fields_count_of_those_that_there_are(
    api: ApiClient, rows: dict[str, str], sort: str, order: str
) -> None:
    assert "".join(rows[key] for key in filtered(api, "leads", sort=sort)) == order


def test_the_last_of_several_sorts_counts(api: ApiClient, rows: dict[str, str]) -> None:
    answer = api.get("/leads?sort=title&sort=-title,amount").json
    assert "".join(rows[record["id"]] for record in answer["data"]) == "34201"


@pytest.mark.parametrize("resource", NUMBERED)
def test_numbers_that_people_read_sort_as_numbers(api: ApiClient, resource: str) -> None:
    column, prefix = KINDS[resource].model.number or ("", "")
    made = [api.create(resource)]
    for last in (8, 98, 998, 9998, 999_999_999_998):
        count_on_from(api.app, resource, last)
        made += [api.create(resource) for _ in range(2)]
    first, *others = made
    numbers = [int(record[column].removeprefix(prefix)) for record in others]
    assert (first[column], numbers) == (f"{prefix}1001", [9, 10, 99, 100, 999, 1000, 9999, 10000, 999999999999, 10**12])
    in_order = [*others[:6], first, *others[6:]]
    assert filtered(api, resource, sort=f"-{column}") == of(in_order)
    assert filtered(api, resource, sort=column) == of(in_order)[::-1]


def test_null_comes_before_every_value(api: ApiClient) -> None:
    made = {value: api.create("leads", amount=value)["id"] for value in (0, None, -0.0 + 5)}
    in_order = [made[None], made[0], made[5]]
    assert filtered(api, "leads", sort="amount") == in_order
    assert filtered(api, "leads", sort="-amount") == in_order[::-1]
