"""Lists: pages, sorting, filters and the envelope (contract, section 6)."""

from datetime import UTC, datetime

import pytest

from crm.schemas import fields
from tests.support.factories import KINDS, NAMES, alter, create_user, field_of

HOST = "http://localhost/crm/api/v2"
SORTS = {
    "leads": ["title", "amount"],
    "products": ["name", "code"],
    "organizations": ["name"],
    "people": ["first_name", "last_name"],
    "deals": ["title", "amount"],
    "quotes": ["title", "total"],
    "orders": ["total"],
    "invoices": ["total", "issue_date", "due_date"],
}
VALUES = {
    fields.Text: [
        "Zoë",
        "apple",
        "Äpfel",
        "äpfel",
        "Apple",
        "_",
        "éclair",
        "Éclair",
        "z",
        "eclair",
        "ﬀ",
        "İx",
        "ΑΣ",
        "αςα",
        "😀",
        "apple",
        "ß",
    ],
    fields.Scaled: [3, 1.5, 200, 0, 1.49, 3],
    fields.Timestamp: ["2026-03-04T05:06:07+00:00", "1999-01-01T00:00:00+00:00", "2026-03-04T05:06:06+00:00"],
}
MOMENTS = [datetime(2026, 3, day, tzinfo=UTC) for day in (4, 2, 5, 2)]

each_resource = pytest.mark.parametrize("resource", NAMES)


def ids(answer):
    return [record["id"] for record in answer.json["data"]]


def fill(api, resource, count):
    """Create records and return their ids, the newest first."""
    return [api.create(resource)["id"] for _ in range(count)][::-1]


def comparable(value):
    """Return a key in the order of the contract: null first, text without case and then by code point."""
    if isinstance(value, str):
        return True, value.lower(), value
    return value is not None, value or 0


def check_order(api, resource, name, newest_first):
    """Compare a list sorted both ways with the same records sorted here; `sorted` keeps ties as they stand."""
    for sort, reverse in ((name, False), (f"-{name}", True)):
        expected = sorted(newest_first, key=lambda record: comparable(record[name]), reverse=reverse)
        answer = api.get(f"/{resource}?sort={sort}&per_page=100")
        assert [record[name] for record in answer.json["data"]] == [record[name] for record in expected]
        assert ids(answer) == [record["id"] for record in expected]


@pytest.mark.parametrize(("resource", "name"), [(resource, name) for resource in NAMES for name in SORTS[resource]])
def test_a_list_sorts_both_ways_with_null_before_every_value(api, resource, name):
    field = field_of(resource, name)
    values = next(values for kind, values in VALUES.items() if isinstance(field, kind))
    if not field.required:
        values = [None, *values, None]
    check_order(api, resource, name, [api.create(resource, **{name: value}) for value in values][::-1])


@each_resource
@pytest.mark.parametrize("name", ["created_at", "updated_at"])
def test_every_list_sorts_by_its_timestamps(api, resource, name):
    records = [api.create(resource) for _ in MOMENTS]
    for record, moment in zip(records, MOMENTS, strict=True):
        alter(api.app, KINDS[resource].model, record["id"], **{name: moment})
        record[name] = moment.isoformat()
    check_order(api, resource, name, records[::-1])


@each_resource
def test_a_list_is_sorted_by_the_newest_unless_asked_otherwise(api, resource):
    newest, *others = fill(api, resource, 3)
    alter(api.app, KINDS[resource].model, newest, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    offered = next(iter(SORTS[resource]))
    assert ids(api.get(f"/{resource}")) == [*others, newest]
    for sort in (
        "",
        "owner",
        "labels",
        f"--{offered}",
        f"+{offered}",
        "-",
        "x",
        ",,",
        offered.upper(),
        "team_id",
        "external_id",
        "%00",
        f"{offered}%20desc",
    ):
        assert ids(api.get(f"/{resource}?sort={sort}")) == [*others, newest]


@each_resource
@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-user_owner_id"])
def test_pages_never_overlap_though_all_rows_are_equal(api, resource, sort):
    newest_first = fill(api, resource, 7)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for key in newest_first:
        alter(api.app, KINDS[resource].model, key, created_at=moment, updated_at=moment)
    pages = [ids(api.get(f"/{resource}?sort={sort}&per_page=3&page={page}")) for page in (1, 2, 3)]
    assert [key for page in pages for key in page] == newest_first


@each_resource
def test_a_list_filters_by_owner(api, resource):
    owner = create_user(api.app)
    mine = [api.create(resource, user_owner_id=owner)["id"] for _ in range(3)][::-1]
    deleted = api.create(resource, user_owner_id=owner)["id"]
    api.delete(f"/{resource}/{deleted}")
    api.create(resource, user_owner_id=api.user_id)
    answer = api.get(f"/{resource}?user_owner_id={owner}&per_page=2")
    assert (ids(answer), answer.json["meta"]["total"]) == (mine[:2], 3)
    assert answer.json["links"]["next"] == f"{HOST}/{resource}?user_owner_id={owner}&per_page=2&page=2"


@each_resource
def test_a_filter_that_cannot_match_gives_an_empty_list(api, resource):
    fill(api, resource, 1)
    api.create(resource, user_owner_id=api.user_id)
    for value in ["x", "0", "-1", "1.5", "%00", "2147483648", "9" * 19, "9" * 40, "-" + "9" * 40]:
        answer = api.get(f"/{resource}?user_owner_id={value}")
        assert (answer.status_code, answer.json["data"], answer.json["meta"]["total"]) == (200, [], 0)


@each_resource
def test_a_blank_filter_is_the_same_as_none(api, resource):
    newest_first = [api.create(resource, user_owner_id=owner)["id"] for owner in (api.user_id, create_user(api.app))]
    for query in ["user_owner_id=", "user_owner_id", "user_owner_id=%20%E3%80%80", "user_owner_id=0&user_owner_id="]:
        answer = api.get(f"/{resource}?{query}")
        assert (ids(answer), answer.json["meta"]["total"]) == (newest_first[::-1], 2)
        assert answer.json["links"]["first"] == f"{HOST}/{resource}?{query}&page=1"


@each_resource
def test_of_a_repeated_parameter_the_last_counts(api, resource):
    newest_first = fill(api, resource, 3)
    owner = create_user(api.app)
    api.create(resource, user_owner_id=owner)
    query = f"user_owner_id={owner}&user_owner_id=0&user_owner_id={owner}"
    assert api.get(f"/{resource}?{query}").json["meta"]["total"] == 1
    answer = api.get(f"/{resource}?per_page=5&per_page=1&page=1&page=4&sort=x&sort=-created_at")
    assert ids(answer) == [newest_first[-1]]


@each_resource
def test_head_answers_as_get_without_the_body(api, resource):
    fill(api, resource, 2)
    got, head = api.get(f"/{resource}?per_page=1"), api.request("HEAD", f"/{resource}?per_page=1")
    assert (head.status_code, head.data) == (200, b"")
    for headers in (got.headers, head.headers):
        headers.remove("X-RateLimit-Remaining")
        headers.remove("RateLimit")
        headers.remove("X-Request-Id")
    assert list(head.headers) == list(got.headers)
