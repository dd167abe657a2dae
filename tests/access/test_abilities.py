"""What tokens may do: their abilities, over all routes (beyond, section 20)."""

import pytest

from crm.access.abilities import ABILITIES
from tests.support.actions import CASES
from tests.support.client import UNKNOWN, ApiClient, protected_routes
from tests.support.factories import NAMES, create_team, create_token, create_user, sample
from tests.support.lookups import WRITTEN

CHALLENGE = 'Bearer error="insufficient_scope"'
DENIED = {"message": "This action is unauthorized."}
BY_BATCH = {"create": ["create"], "update": ["edit"], "upsert": ["create", "edit"], "delete": ["delete"]}
BY_METHOD = {"GET": "view", "HEAD": "view", "POST": "create", "PUT": "edit", "PATCH": "edit", "DELETE": "delete"}
MADE = {("leads", "convert"): "deals", ("quotes", "order"): "orders", ("orders", "invoice"): "invoices"}
FREE = ("timezones", "users", *WRITTEN)
"""What is read without any ability."""


def needs(verb, path):
    """Return what a token has to be able to do for a request, as area and verb; `any` is one resource or more."""
    area, *rest = path.strip("/").split("/")
    if area == "auth":
        return [] if (verb, rest) in (("DELETE", ["token"]), ("GET", ["me"]), ("HEAD", ["me"])) else ["account:all"]
    if area in FREE:
        return [] if BY_METHOD[verb] == "view" else ["lookups:write"]
    if area == "search":
        return ["any:view"]
    if area not in NAMES:
        return [f"{area}:{BY_METHOD[verb]}"]
    return needs_of_records(verb, area, rest)


def needs_of_records(verb, resource, rest):
    is_read = BY_METHOD[verb] == "view"
    if rest[:1] == ["batch"]:
        return [f"{resource}:{each}" for each in BY_BATCH[rest[1]]]
    if rest[:1] == ["by"] and verb in ("PUT", "PATCH"):
        return [f"{resource}:create", f"{resource}:edit"]
    if rest[1:] == ["restore"]:
        return [f"{resource}:delete"]
    if rest[:1] != ["by"] and len(rest) > 1 and not is_read:  # an action, or a part
        made = MADE.get((resource, rest[1]))
        return [f"{resource}:edit", *([f"{made}:create"] if made else [])]
    return [f"{resource}:{BY_METHOD[verb]}"]


def covers(ability, need):
    area, verb = need.split(":")
    if ability == "*":
        return True
    its_area, its_verb = ability.split(":")
    if area == "any":
        return its_verb in ("view", "*") and its_area in ("*", *NAMES)
    if its_area == "*":
        return area in NAMES and verb == its_verb
    return its_area == area and its_verb in ("*", verb)


def client_with(app, user, *abilities, **headers):
    return ApiClient(app, user, Authorization=f"Bearer {create_token(app, user, 'test', *abilities)}", **headers)


def is_beyond(answer):
    return answer.status_code == 403 and answer.headers.get("WWW-Authenticate") == CHALLENGE


def last(routes):
    """Return the routes, and after all others the one that ends the token."""
    return sorted(routes, key=lambda route: (route == ("DELETE", "/auth/token"), route))


@pytest.mark.parametrize("ability", ABILITIES)
def test_a_token_may_do_what_its_ability_says_and_nothing_else_anywhere(app, ability):
    """As an Owner, who may do everything, with requests that name nothing that is there."""
    client = client_with(app, create_user(app), ability)
    wrong = []
    for verb, path in last(protected_routes(app)):
        answer = client.request(verb, path, **({} if verb in ("GET", "HEAD") else {"json": {}}))
        able = all(covers(ability, need) for need in needs(verb, path))
        if is_beyond(answer) == able or (able and answer.status_code in (401, 403)):
            wrong.append((verb, path, answer.status_code))
        elif not able and verb != "HEAD":
            assert answer.json == DENIED
    assert wrong == []


def test_the_table_of_what_is_needed_knows_every_action_and_every_ability():
    assert {key for key, case in CASES.items() if case.makes} == {*MADE}
    needed = [need for verb, path in EVERYTHING for need in needs(verb, path)]
    assert {ability for ability in ABILITIES if not any(covers(ability, need) for need in needed)} == set()


EVERYTHING = [
    *((verb, f"/{name}/{UNKNOWN}") for name in NAMES for verb in ("GET", "PUT", "DELETE")),
    *(("POST", f"/{name}") for name in (*NAMES, "labels")),
    ("GET", "/changes"),
    ("GET", "/webhooks"),
]


@pytest.mark.parametrize("makes", MADE, ids="-".join)
def test_an_action_that_makes_a_record_needs_both(app, makes):
    resource, action = makes
    edit, create = f"{resource}:edit", f"{MADE[makes]}:create"
    user = create_user(app)
    path = f"/{resource}/{UNKNOWN}/{action}"
    assert is_beyond(client_with(app, user, edit).post(path))
    assert is_beyond(client_with(app, user, create).post(path))
    assert client_with(app, user, edit, create).post(path).status_code == 404


def test_leads_view_reads_leads_and_does_nothing_else(app, api):
    lead = api.create("leads")
    deal = api.create("deals")
    reader = client_with(app, api.user_id, "leads:view")
    assert reader.get(f"/leads/{lead['id']}").json["data"] == lead
    assert reader.get("/leads").json["meta"]["total"] == 1
    assert reader.get(f"/leads/{lead['id']}/changes").json["meta"]["total"] == 1
    assert is_beyond(reader.get(f"/deals/{deal['id']}/changes"))
    assert is_beyond(reader.get("/leads?filter[deleted]=only"))
    assert is_beyond(reader.post("/leads/batch/create", {"items": [sample("leads")]}))
    assert is_beyond(reader.post(f"/leads/{lead['id']}/convert"))
    assert is_beyond(reader.post("/labels", {"name": "New"}))
    assert is_beyond(reader.get("/changes?after=latest"))
    assert api.get(f"/leads/{lead['id']}").json["data"] == lead


def test_a_search_shows_what_the_token_may_view(app, api):
    for resource in ("leads", "deals"):
        api.create(resource, title="Wanted")
    reader = client_with(app, api.user_id, "leads:view", "products:create")
    assert [match["resource"] for match in reader.get("/search?q=wanted").json["data"]] == ["leads"]
    assert is_beyond(reader.get("/search?q=wanted&resources=leads,deals"))
    assert is_beyond(client_with(app, api.user_id, "leads:edit", "changes:view").get("/search?q=wanted"))
    assert is_beyond(client_with(app, api.user_id, "leads:edit").get("/search"))


def test_the_feed_holds_what_the_token_may_view(app, api):
    for resource in ("leads", "deals", "people"):
        api.create(resource)
    everything = api.get("/changes?records=true").json["data"]
    reader = client_with(app, api.user_id, "changes:view", "leads:view", "people:*", "deals:edit")
    feed = reader.get("/changes?records=true").json
    assert feed["data"] == [change for change in everything if change["resource"] != "deals"]
    assert reader.get(f"/changes?after={feed['meta']['cursor']}").json["data"] == []
    assert is_beyond(reader.get("/changes?resources=deals"))
    assert is_beyond(client_with(app, api.user_id, "*:view").get("/changes"))
    assert (
        client_with(app, api.user_id, "changes:view", "*:view").get("/changes?records=true").json["data"] == everything
    )
    assert client_with(app, api.user_id, "changes:view").get("/changes").json["data"] == []


def test_a_token_may_do_no_more_than_its_user(app):
    viewer = create_user(app, "Viewer")
    for abilities in (("*",), ("leads:*", "lookups:*")):
        client = client_with(app, viewer, *abilities)
        assert client.get("/leads").status_code == 200
        for refused in (client.post("/leads", sample("leads")), client.post("/labels", {"name": "New"})):
            assert (refused.status_code, refused.json) == (403, DENIED)
            assert "WWW-Authenticate" not in refused.headers
    assert is_beyond(client_with(app, viewer, "leads:view").post("/leads", sample("leads")))


def test_a_team_that_is_not_the_users_is_refused_before_the_ability(team_app):
    user = create_user(team_app)
    create_team(team_app, user)
    client = client_with(team_app, user, "leads:view", **{"X-Team-ID": "999999"})
    refused = client.get("/deals")
    assert (refused.status_code, refused.json) == (403, {"message": "You are not a member of the requested team."})
    assert "WWW-Authenticate" not in refused.headers


def test_a_denied_body_is_not_read_and_a_key_not_used(app, api):
    reader = client_with(app, api.user_id, "leads:view")
    for body in (b"{", b"x" * 2_000_000):
        assert is_beyond(reader.request("POST", "/leads", data=body, content_type="application/json"))
    key = {"Idempotency-Key": "a"}
    assert is_beyond(reader.post("/leads", sample("leads"), headers=key))
    assert api.post("/leads", sample("leads"), headers=key).headers.get("Idempotent-Replayed") is None
    assert is_beyond(reader.post("/leads", sample("leads"), headers=key))
