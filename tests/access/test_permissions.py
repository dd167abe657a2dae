"""What each role may do to each resource (contract, section 3)."""

import pytest

from crm.access.permissions import FEED, LOOKUP_ROWS, ROLES, WEBHOOKS
from crm.blueprints import RESOURCES
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import create_user, sample

ALL = {"view", "create", "edit", "delete"}
DENIED = (403, {"message": "This action is unauthorized."})
NAMES = [resource.model.__tablename__ for resource in RESOURCES]

each_resource = pytest.mark.parametrize("resource", NAMES)


def allowed(role, resource):
    """What the contract lets a role do to a resource."""
    if role in ("Owner", "Admin"):
        return ALL
    if role in ("Manager", "Employee"):
        return {"view"} if resource == "products" else ALL
    return {"view"}


@each_resource
@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_a_role_may_do_what_the_contract_says_and_no_more(app, api, resource, role):
    user = ApiClient(app, create_user(app, role))
    body = sample(resource)
    one = [f"/{resource}/{api.create(resource)['id']}" for _ in range(2)]
    attempts = [
        ("view", 200, user.get(f"/{resource}")),
        ("view", 200, user.get(one[0])),
        ("view", 200, user.request("HEAD", one[0])),
        ("create", 201, user.post(f"/{resource}", body)),
        ("edit", 200, user.put(one[0], body)),
        ("edit", 200, user.patch(one[0], body)),
        ("delete", 204, user.delete(one[1])),
    ]
    for verb, success, response in attempts:
        if verb in allowed(role, resource):
            assert response.status_code == success, (verb, response.text)
        else:
            assert (response.status_code, response.json) == DENIED, verb


@each_resource
def test_what_is_denied_changes_nothing(app, api, resource):
    record = api.create(resource)
    viewer = ApiClient(app, create_user(app, "Viewer"))
    path = f"/{resource}/{record['id']}"
    viewer.post(f"/{resource}", sample(resource))
    viewer.put(path, {**sample(resource), "user_owner_id": viewer.user_id})
    viewer.delete(path)
    assert api.get(path).json["data"] == record
    assert api.get(f"/{resource}").json["meta"]["total"] == 1


@each_resource
@pytest.mark.parametrize("place", [UNKNOWN, "no-uuid"])
def test_a_denied_verb_is_refused_before_the_row_is_looked_up(app, resource, place):
    viewer = ApiClient(app, create_user(app, "Viewer"))
    for verb in ("PUT", "PATCH", "DELETE"):
        response = viewer.request(verb, f"/{resource}/{place}")
        assert (response.status_code, response.json) == DENIED
    assert viewer.get(f"/{resource}/{place}").status_code == 404


@each_resource
@pytest.mark.parametrize(
    "body",
    [
        {"json": {"user_owner_id": "x"}},
        {"data": "{", "content_type": "application/json"},
        {"data": "[]", "content_type": "application/json"},
        {"data": "x", "content_type": "text/plain"},
        {"data": "x" * 2_000_000, "content_type": "application/json"},
    ],
    ids=["invalid", "unparsable", "no object", "no JSON", "too large"],
)
def test_a_denied_verb_is_refused_before_the_body_is_read(app, api, resource, body):
    viewer = ApiClient(app, create_user(app, "Viewer"))
    path = f"/{resource}/{api.create(resource)['id']}"
    for verb, where in (("POST", f"/{resource}"), ("PUT", path), ("PATCH", path)):
        response = viewer.request(verb, where, **body)
        assert (response.status_code, response.json) == DENIED


@pytest.mark.parametrize("verb", sorted(ALL))
def test_webhooks_are_for_owner_and_admin_alone_and_look_up_rows_read_by_all(verb):
    assert [role for role in ROLES if WEBHOOKS.allows(role, verb)] == ["Owner", "Admin"]
    assert [role for role in ROLES if LOOKUP_ROWS.allows(role, verb)] == [*(ROLES if verb == "view" else ROLES[:2])]
    assert not any(area.allows(None, verb) for area in (WEBHOOKS, LOOKUP_ROWS, FEED))


def test_a_new_role_counts_at_once(app, stranger):
    user = ApiClient(app, create_user(app, "Viewer", email="viewer@example.com"))
    assert user.post("/leads", sample("leads")).status_code == 403
    app.test_cli_runner().invoke(args=["crm", "update-user", "viewer@example.com", "--role", "Employee"])
    assert user.post("/leads", sample("leads")).status_code == 201
