"""How deals and quotes end: what closing takes, and that it is not set otherwise (beyond, section 16)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.client import ApiClient

LONG = "x" * 256


def close(api: ApiClient, body: Any, action: str = "win") -> Any:
    deal = api.create("deals")
    return api.post(f"/deals/{deal['id']}/{action}", body)


@pytest.mark.parametrize("action", ["win", "lose"])
@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (
            {"closed_reason": LONG},
            {"closed_reason": ["The closed_reason field must not be greater than 255 characters."]},
        ),
        ({"closed_reason": 7}, {"closed_reason": ["The closed_reason field must be a string."]}),
        (
            {"closed_at": "2026-01-02"},
            {"closed_at": ["The closed_at field must be an ISO-8601 timestamp with a timezone offset."]},
        ),
        ({"closed_at": "2026-02-30T00:00:00Z"}, {"closed_at": ["The closed_at field must be a valid date."]}),
    ],
)
def test_what_cannot_be_read_is_refused(api: ApiClient, action: str, body: Any, faults: Any) -> None:
    deal = api.create("deals")
    assert api.errors(api.post(f"/deals/{deal['id']}/{action}", body)) == faults
    assert api.get(f"/deals/{deal['id']}").json["data"] == deal


@pytest.mark.parametrize(
    "body", [{}, {"closed_reason": None, "closed_at": None}, {"closed_reason": " ", "closed_at": ""}]
)
def test_by_default_a_deal_is_closed_now_and_for_no_reason(api: ApiClient, body: Any) -> None:
    deal = close(api, body).json["data"]
    assert deal["closed_reason"] is None
    assert deal["closed_at"] == deal["updated_at"]
    assert datetime.now(UTC) - datetime.fromisoformat(deal["closed_at"]) < timedelta(minutes=1)


def test_a_deal_may_have_been_closed_long_ago_or_will_be(api: ApiClient) -> None:
    for moment in ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"):
        assert close(api, {"closed_at": moment}).json["data"]["closed_at"] == moment


def test_a_reopened_deal_can_end_otherwise(api: ApiClient) -> None:
    deal = api.create("deals")
    path = f"/deals/{deal['id']}"
    seen = [api.post(f"{path}/{name}").json["data"]["status"] for name in ("win", "reopen", "lose", "reopen", "win")]
    assert seen == ["won", "open", "lost", "open", "won"]
    assert api.get(path).json["data"]["version"] == 6


def test_how_a_sale_has_ended_is_set_by_actions_alone(api: ApiClient) -> None:
    chosen = {"status": "won", "closed_at": "2026-01-02T03:04:05+00:00", "closed_reason": "No"}
    deal = api.create("deals", **chosen)
    assert (deal["status"], deal["closed_at"], deal["closed_reason"]) == ("open", None, None)
    assert api.put(f"/deals/{deal['id']}", chosen).json["data"] == deal
    quote = api.create("quotes", accepted_at=chosen["closed_at"], rejected_at=chosen["closed_at"])
    assert (quote["accepted_at"], quote["rejected_at"]) == (None, None)


def test_stages_are_left_alone(api: ApiClient) -> None:
    pipelines = {each["resource"]: each["stages"] for each in api.get("/pipelines").json["data"]}
    for resource, action in (("leads", "convert"), ("deals", "lose"), ("quotes", "accept")):
        record = api.create(resource, pipeline_stage_id=pipelines[resource][0]["id"])
        assert api.post(f"/{resource}/{record['id']}/{action}").status_code < 300
        assert api.get(f"/{resource}/{record['id']}").json["data"]["pipeline_stage"] == pipelines[resource][0]


def test_deals_are_listed_by_how_they_have_ended(api: ApiClient) -> None:
    ids = {status: api.create("deals", title="Desks")["id"] for status in ("open", "won", "lost")}
    assert api.post(f"/deals/{ids['won']}/win", {"closed_reason": "Zwölf Stühle"}).status_code == 200
    assert api.post(f"/deals/{ids['lost']}/lose").status_code == 200
    queries = {
        "filter[status]=open": ["open"],
        "filter[status][in]=won,lost&sort=status": ["lost", "won"],
        "filter[closed_reason][contains]=zwölf": ["won"],
        "filter[closed_reason][null]=true&sort=-status": ["open", "lost"],
        "search=zwolf": ["won"],
        "search=lost": ["lost"],
    }
    for query, statuses in queries.items():
        listed = [deal["id"] for deal in api.get(f"/deals?{query}").json["data"]]
        assert listed == [ids[status] for status in statuses], query
