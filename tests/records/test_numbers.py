"""The numbers that people read (contract, section 1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.client import ApiClient
from tests.support.factories import KINDS, NAMES, add_member, create_team, create_user

NUMBERS = {
    "leads": ("lead_id", "L"),
    "deals": ("deal_id", "D"),
    "quotes": ("quote_id", "Q"),
    "orders": ("order_id", "O"),
    "invoices": ("invoice_id", "I"),
}
each_numbered = pytest.mark.parametrize("resource", NUMBERS)


def test_these_resources_have_numbers_and_no_others():
    assert {name: kind.model.number for name, kind in KINDS.items() if kind.model.number} == NUMBERS


@each_numbered
def test_numbers_count_up_from_1001_without_a_hole_and_are_never_given_twice(api, resource):
    column, prefix = NUMBERS[resource]
    for other in NAMES:
        if other != resource:
            api.create(other)
    first = api.create(resource)
    assert first[column] == f"{prefix}1001"
    assert api.post(f"/{resource}", {"user_owner_id": "nobody"}).status_code == 422
    assert api.create(resource)[column] == f"{prefix}1002"
    api.delete(f"/{resource}/{first['id']}")
    assert api.create(resource)[column] == f"{prefix}1003"


@each_numbered
def test_numbers_stay_unique_when_many_create_at_once(api, resource):
    column, prefix = NUMBERS[resource]
    with ThreadPoolExecutor(4) as pool:
        given = sorted(pool.map(lambda _: api.create(resource)[column], range(12)))
    assert given == [f"{prefix}{1001 + number}" for number in range(12)]


@each_numbered
def test_each_team_counts_for_itself(team_app, resource):
    column, prefix = NUMBERS[resource]
    for _ in range(2):
        user = create_user(team_app)
        add_member(team_app, create_team(team_app, user), user)
        assert ApiClient(team_app, user).create(resource)[column] == f"{prefix}1001"
