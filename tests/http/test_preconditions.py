"""`If-Match` on writes and `If-None-Match` on reads, and the tags that both name."""

import re
from typing import Any

import pytest

from tests.support.client import ApiClient
from tests.support.factories import KINDS, NAMES, create_user, full, sample
from tests.support.record_parts import part_of
from tests.support.writes import WRITES_OF_RECORDS, changing_body, makes, path_on, ready_record, resource_of

TAG = re.compile(r'"(\d+)-[0-9a-f]{16,}"')
WEAK = re.compile(r'W/"[0-9a-f]{16,}"')
CHANGED = "The record has changed since it was read."

each_resource = pytest.mark.parametrize("resource", NAMES)


def version_in(answer: Any) -> int:
    match = TAG.fullmatch(answer.headers["ETag"])
    assert match, answer.headers["ETag"]
    return int(match[1])


@each_resource
def test_every_answer_that_shows_a_record_has_the_same_tag_for_the_same_bytes(api: ApiClient, resource: str) -> None:
    created = api.post(f"/{resource}", full(api, resource))
    path = f"/{resource}/{created.json['data']['id']}"
    assert created.headers["Location"].endswith(f"/crm/api/v2{path}")
    assert created.headers["Location"].startswith("http://localhost/")
    shown = api.get(path)
    assert shown.headers["ETag"] == created.headers["ETag"]
    assert (version_in(shown), created.json["data"]["version"]) == (1, 1)
    updated = api.put(path, {"user_owner_id": create_user(api.app)})
    assert version_in(updated) == 2
    assert api.get(path).headers["ETag"] == api.request("HEAD", path).headers["ETag"] == updated.headers["ETag"]
    assert api.delete(path).headers["ETag"] == '"3"'
    restored = api.post(f"{path}/restore")
    assert version_in(restored) == 4
    assert api.get(path).headers["ETag"] == restored.headers["ETag"]
    assert "Location" not in restored.headers
    assert "ETag" not in api.post(f"/{resource}", {"user_owner_id": "x"}).headers


def test_a_related_rows_change_makes_another_tag_of_the_same_version(api: ApiClient) -> None:
    person = api.create("people")
    path = f"/leads/{api.create('leads', person_id=person['id'])['id']}"
    before = api.get(path)
    api.put(f"/people/{person['id']}", {"first_name": "Another"})
    after = api.get(path)
    assert before.headers["ETag"] != after.headers["ETag"]
    assert version_in(before) == version_in(after) == 1
    assert api.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200
    assert api.put(path, {"amount": 1}, headers={"If-Match": before.headers["ETag"]}).status_code == 200


@each_resource
def test_if_none_match_gives_a_304_for_what_is_still_the_same(api: ApiClient, resource: str) -> None:
    record = api.create(resource)
    for path in (f"/{resource}/{record['id']}", f"/{resource}", f"/{resource}?per_page=1&page=9"):
        tag = api.get(path).headers["ETag"]
        assert (WEAK if path.startswith(f"/{resource}?") or path == f"/{resource}" else TAG).fullmatch(tag)
        strong = tag.removeprefix("W/")
        for sent in (tag, strong, f"W/{strong}", "*", f'"other", {tag}', f'"a","b",{tag} , "c"', f" {tag} "):
            for method in ("GET", "HEAD"):
                answer = api.request(method, path, headers={"If-None-Match": sent})
                assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag), sent
                assert "Content-Type" not in answer.headers
                assert "X-RateLimit-Limit" in answer.headers
        for sent in (
            '"other"',
            strong.strip('"'),
            "W/",
            "1-ab",
            f"{strong[:-1]}",
            f'{tag} "b"',
            "",
            "* , *",
            '"\n"'[:1],
        ):
            assert api.get(path, headers={"If-None-Match": sent}).status_code == 200, sent
    api.create(resource)
    assert api.get(f"/{resource}", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/labels", "/pipelines", "/timezones", "/users"])
def test_look_up_lists_have_tags_too(api: ApiClient, path: str) -> None:
    tag = api.get(path).headers["ETag"]
    assert WEAK.fullmatch(tag)
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_write_and_what_is_no_record_take_no_notice_of_if_none_match(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    anything = {"If-None-Match": "*"}
    assert api.put(path, {"amount": 3}, headers=anything).status_code == 200
    assert api.post("/leads", sample("leads"), headers=anything).status_code == 201
    assert api.get(f"{path}/changes", headers=anything).status_code == 200
    assert api.get("/changes", headers=anything).status_code == 200
    assert api.get("/auth/me", headers=anything).status_code == 200
    assert api.get("/leads/nonsense", headers=anything).status_code == 404


@pytest.mark.parametrize(("method", "path"), WRITES_OF_RECORDS)
def test_every_write_of_a_record_heeds_if_match(api: ApiClient, method: str, path: str) -> None:
    record = ready_record(api, method, path)
    version, shown = record["version"], f"/{resource_of(path)}/{record['id']}"
    target, body = path_on(path, record), changing_body(method, path, "Changed")
    for stale in ('"7"', f'"{version + 1}-ab12"', '"x"', 'W/"9", "8-aa"', '"0"', f'"0{version}"', '""'):
        refused = api.request(method, target, json=body, headers={"If-Match": stale})
        assert (refused.status_code, refused.json) == (412, {"message": CHANGED, "version": version}), stale
        assert version_in(refused) == version
        if not path.endswith("/restore"):
            assert refused.headers["ETag"] == api.get(shown).headers["ETag"]
    for unreadable in (str(version), f"W/{version}", "", '"1', "nonsense", '"1" "2"', "* *", '"\x7f"', ","):
        refused = api.request(method, target, json=body, headers={"If-Match": unreadable})
        assert refused.status_code == 400, unreadable
        assert "If-Match" in refused.json["message"]
    done = api.request(method, target, json=body, headers={"If-Match": f'"5", W/"{version}-ab12",'})
    made = makes(method, path)
    adds = method == "POST" and part_of(path)
    assert done.status_code in ((201,) if made or adds else (200, 204)), done.text
    assert re.match(rf'"{1 if made else version + 1}[-"]', done.headers["ETag"])


@pytest.mark.parametrize("header", ["*", '"1"', 'W/"1"', '"1-ffff"', '"3", "1"', ' ,"1",, '])
def test_if_match_is_read_as_a_list_of_tags(api: ApiClient, header: str) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    assert api.put(path, {"amount": 5}, headers={"If-Match": header}).status_code == 200


def test_a_request_that_would_fail_anyway_fails_with_that(api: ApiClient, stranger: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    stale, unreadable = {"If-Match": '"9"'}, {"If-Match": "9"}
    viewer = ApiClient(api.app, create_user(api.app, "Viewer"))
    assert stranger.put(path, {}, headers=unreadable).status_code == 401
    assert viewer.put(path, {}, headers=unreadable).status_code == 403
    assert api.put("/leads/nonsense", {}, headers=unreadable).status_code == 400
    assert api.put("/leads/nonsense", {}, headers=stale).status_code == 404
    assert api.put(path, {"amount": -1}, headers=stale).status_code == 422
    assert api.request("PUT", path, data=b"{", content_type="application/json", headers=stale).status_code == 400
    assert api.put(path, {}, headers=stale).status_code == 412  # though it would change nothing


def test_what_is_read_only_cannot_be_sent(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads', version=17)['id']}"
    assert api.get(path).json["data"]["version"] == 1
    assert api.put(path, {"version": 17, "amount": 1}).json["data"]["version"] == 2
    assert KINDS["leads"].model.__table__.c.version.default.arg == 1
