"""Tax rates, written: there is one default, which another rate takes over (beyond, section 18)."""

from typing import Any

import pytest

from tests.support.client import ApiClient, Teams
from tests.support.lookups import create_row, row_body

Json = dict[str, Any]
NO_OTHER = {"default": ["The default field can be set to false only where another rate takes over."]}


def default_names(api: ApiClient) -> list[str]:
    return [row["name"] for row in api.get("/tax-rates").json["data"] if row["default"]]


def rate_named(api: ApiClient, name: str) -> Json:
    return next(row for row in api.get("/tax-rates").json["data"] if row["name"] == name)


def tax_of_a_line(api: ApiClient) -> float:
    product = api.create("products")["id"]
    line = {"product_id": product, "quantity": 1, "unit_price": 100, "amount": 100}
    rate: float = api.create("quotes", line_items=[line])["line_items"][0]["tax_rate"]
    return rate


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(0, 0.0), (19, 19.0), (7.7, 7.7), ("5.5", 5.5), (0.00005, 0.0001), (1000, 1000.0), (33.33334, 33.3333)],
)
def test_a_rate_is_a_percentage_with_four_decimals(api: ApiClient, sent: Any, shown: float) -> None:
    assert float(create_row(api, "tax-rates", rate=sent)["rate"]) == shown


@pytest.mark.parametrize("sent", [-1, -0.0001, 1000.0001, "x", True, None, [], "", 1e300])
def test_any_other_rate_is_refused(api: ApiClient, sent: Any) -> None:
    path = f"/tax-rates/{create_row(api, 'tax-rates')['id']}"
    assert api.errors(api.post("/tax-rates", row_body("tax-rates", rate=sent))).keys() == {"rate"}
    assert api.errors(api.put(path, {"rate": sent})).keys() == {"rate"}


def test_a_new_default_takes_over_from_the_others(api: ApiClient) -> None:
    assert default_names(api) == ["Standard"]
    first = create_row(api, "tax-rates", name="First", rate=19, default=True)
    assert first["default"] is True
    assert default_names(api) == ["First"]
    assert tax_of_a_line(api) == 19
    second = create_row(api, "tax-rates", name="Second", rate=21)
    assert second["default"] is False
    changed = api.put(f"/tax-rates/{second['id']}", {"default": True}).json["data"]
    assert changed == {**second, "default": True}
    assert default_names(api) == ["Second"]
    assert tax_of_a_line(api) == 21
    same = api.put(f"/tax-rates/{second['id']}", {"default": True, "name": "2nd"})
    assert same.json["data"] == {**second, "default": True, "name": "2nd"}


def test_the_default_rate_stays_it_until_another_one_is(api: ApiClient) -> None:
    path = f"/tax-rates/{rate_named(api, 'Standard')['id']}"
    assert api.errors(api.put(path, {"default": False})) == NO_OTHER
    assert api.put(path, {"default": None}).json["data"]["default"] is True
    for query in ("", "?force=true"):
        refused = api.delete(path + query)
        assert (refused.status_code, refused.json) == (409, {"message": "The default rate cannot be deleted."})
    assert default_names(api) == ["Standard"]
    create_row(api, "tax-rates", default=True)
    assert api.put(path, {"default": False}).status_code == 200  # it is none any more
    assert api.delete(path).status_code == 204


def test_a_refused_body_takes_no_default(api: ApiClient) -> None:
    assert api.errors(api.post("/tax-rates", {"name": "STANDARD", "rate": 1, "default": True})).keys() == {"name"}
    assert api.errors(api.post("/tax-rates", {"name": "New", "default": True})).keys() == {"rate"}
    assert default_names(api) == ["Standard"]


def test_a_product_of_a_deleted_rate_is_taxed_by_its_own_or_the_default(api: ApiClient) -> None:
    rate = create_row(api, "tax-rates", rate=3)
    product = api.create("products", tax_rate_id=rate["id"])
    line = {"product_id": product["id"], "quantity": 1, "unit_price": 100, "amount": 100}

    def taxed() -> float:
        shown: float = api.create("quotes", line_items=[line])["line_items"][0]["tax_rate"]
        return shown

    assert taxed() == 3
    assert api.delete(f"/tax-rates/{rate['id']}?force=true").status_code == 204
    assert taxed() == 10
    assert api.get(f"/products/{product['id']}").json["data"] == {**product, "tax_rate_id": None}


# Teams


def test_a_teams_own_default_wins_over_the_shared_one(teams: Teams) -> None:
    ours, theirs = teams.ours, teams.theirs
    own = create_row(ours, "tax-rates", name="Ours", rate=19, default=True)
    assert default_names(ours) == ["Ours"]
    assert default_names(theirs) == ["Standard"]
    standard = rate_named(theirs, "Standard")
    assert ours.get(f"/tax-rates/{standard['id']}").json["data"]["default"] is False
    assert theirs.get(f"/tax-rates/{standard['id']}").json["data"]["default"] is True
    assert (tax_of_a_line(ours), tax_of_a_line(theirs)) == (19, 10)
    create_row(theirs, "tax-rates", name="Theirs", rate=21, default=True)
    create_row(ours, "tax-rates", name="Ours too", rate=20, default=True)
    assert (default_names(ours), default_names(theirs)) == (["Ours too"], ["Theirs"])
    assert ours.get(f"/tax-rates/{own['id']}").json["data"]["default"] is False


def test_the_shared_default_takes_over_where_a_team_gives_its_own_up(teams: Teams) -> None:
    own = create_row(teams.ours, "tax-rates", name="Ours", default=True)
    path = f"/tax-rates/{own['id']}"
    assert teams.ours.delete(f"{path}?force=true").status_code == 409
    given_up = teams.ours.put(path, {"default": False})
    assert (given_up.status_code, given_up.json["data"]) == (200, {**own, "default": False})
    assert default_names(teams.ours) == ["Standard"]
    assert teams.ours.delete(path).status_code == 204
