"""The history of one record: its changes, the newest first, in the envelope of lists."""

import pytest

from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import NAMES, create_user


@pytest.mark.parametrize("resource", NAMES)
def test_a_history_has_the_newest_change_first_and_belongs_to_its_record(api: ApiClient, resource: str) -> None:
    record, other = api.create(resource), api.create(resource)
    path = f"/{resource}/{record['id']}"
    api.put(path, {"user_owner_id": create_user(api.app)})
    api.put(f"/{resource}/{other['id']}", {"user_owner_id": create_user(api.app)})
    answer = api.get(f"{path}/changes")
    assert [change["version"] for change in answer.json["data"]] == [2, 1]
    assert {change["record_id"] for change in answer.json["data"]} == {record["id"]}
    assert "ETag" not in answer.headers
    api.delete(path)
    assert [change["version"] for change in api.get(f"{path}/changes").json["data"]] == [3, 2, 1]


def test_a_history_has_pages_as_lists_have(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    for amount in range(6):
        api.put(path, {"amount": amount})
    page = api.get(f"{path}/changes?per_page=3&page=2").json
    assert [change["version"] for change in page["data"]] == [4, 3, 2]
    assert (page["meta"]["total"], page["meta"]["from"], page["meta"]["to"], page["meta"]["last_page"]) == (7, 4, 6, 3)
    assert page["links"]["next"].endswith(f"{path}/changes?per_page=3&page=3")
    assert api.get(f"{path}/changes?per_page=nonsense&page=-1").json["meta"]["per_page"] == 25
    assert api.get(f"{path}/changes?page=99").json["data"] == []
    assert api.get(f"{path}/changes?page={10**30}").json["data"] == []


def test_a_record_that_is_not_there_has_no_history(api: ApiClient) -> None:
    assert api.get(f"/leads/{UNKNOWN}/changes").status_code == 404
    assert api.get("/leads/nonsense/changes").status_code == 404
    person = api.create("people")
    assert api.get(f"/leads/{person['id']}/changes").status_code == 404
    assert api.get(f"/people/{person['id'].upper()}/changes").json["meta"]["total"] == 1
