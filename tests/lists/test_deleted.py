"""Lists of deleted records: for those who may delete (beyond, section 15)."""

import pytest
from flask import Flask

from tests.support.asked import filtered
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_user

DENIED = (403, {"message": "This action is unauthorized."})
each_resource = pytest.mark.parametrize("resource", NAMES)


@each_resource
def test_a_list_holds_deleted_records_if_asked_to(api: ApiClient, resource: str) -> None:
    kept, gone, late = (api.create(resource)["id"] for _ in range(3))
    api.delete(f"/{resource}/{gone}")
    assert filtered(api, resource) == [late, kept]
    assert filtered(api, resource, ("deleted", "with")) == [late, gone, kept]
    assert filtered(api, resource, ("deleted][eq", " only ")) == [gone]
    assert filtered(api, resource, ("deleted", "with"), ("deleted_at][null", "true")) == [late, kept]
    assert filtered(api, resource, ("deleted", "only"), ("id", kept)) == []
    (record,) = api.get(f"/{resource}?filter[deleted]=only").json["data"]
    assert (record["id"], record["deleted_at"] is None) == (gone, False)


@each_resource
@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_deleted_records_are_shown_to_those_who_may_delete(
    api: ApiClient, app: Flask, resource: str, role: str
) -> None:
    is_staff = role in ("Manager", "Employee")
    may = role in ("Owner", "Admin") or (is_staff and resource != "products")
    user = ApiClient(app, create_user(app, role))
    assert user.get(f"/{resource}").status_code == 200
    for query in (
        "filter[deleted]=with",
        "filter[deleted][eq]=only",
        "filter[deleted]=only&cursor=",
        "filter[deleted]=with&count=0",
    ):
        answer = user.get(f"/{resource}?{query}")
        assert answer.status_code == 200 if may else (answer.status_code, answer.json) == DENIED


@pytest.mark.parametrize(
    "query",
    [
        *("filter[deleted]=x", "filter[deleted][ne]=with", "filter[deleted]=", "filter[deleted]=with&filter[amuont]=1"),
        *("filter[deleted]=with&fields=nothing", "filter[deleted]=with&cursor=x", "filter[deleted]=with&count=x"),
    ],
)
def test_who_may_not_delete_is_refused_before_anything_is_read(api: ApiClient, app: Flask, query: str) -> None:
    viewer = ApiClient(app, create_user(app, "Viewer"))
    answer = viewer.get(f"/leads?{query}")
    assert (answer.status_code, answer.json) == DENIED
    assert api.get(f"/leads?{query}").status_code == 422


def test_a_cursor_of_deleted_records_is_no_use_to_who_may_not_delete(api: ApiClient, app: Flask) -> None:
    for _ in range(3):
        api.delete(f"/leads/{api.create('leads')['id']}")
    cursor = api.get("/leads?filter[deleted]=with&per_page=1&cursor=").json["meta"]["next_cursor"]
    assert len(api.get(f"/leads?cursor={cursor}").json["data"]) == 2
    answer = ApiClient(app, create_user(app, "Viewer")).get(f"/leads?cursor={cursor}")
    assert (answer.status_code, answer.json) == DENIED
