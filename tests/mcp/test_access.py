"""A tool may what the API lets its caller do, and tells no more: roles, abilities, teams, limits, origins."""

import json
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from crm.access.abilities import ABILITIES, VERBS
from crm.mcp.endpoint import HEADERS, PATH
from crm.mcp.tools import TOOLS
from crm.models import Token
from crm.models.types import now
from tests.access.test_abilities import covers
from tests.http.test_cors import OTHER, PAGE, names
from tests.support.agents import Agent
from tests.support.changes import count_changes
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import NAMES, alter, create_team, create_token, create_user, schema_of
from tests.support.sales import contents
from tests.support.tools import CASES, questions

each_tool = pytest.mark.parametrize("tool", CASES)
each_about_a_record = pytest.mark.parametrize("tool", [name for name, case in CASES.items() if case.named_by])
SECRET = "zqsecretz"
"""A word that is in no other name."""


def test_there_is_a_good_call_of_every_tool():
    assert [*CASES] == [*TOOLS]
    for name, case in CASES.items():
        assert case.writes != TOOLS[name].reads_only
        assert set(case.needs) <= set(ABILITIES)


def with_abilities(app, user, *abilities, **headers):
    """Return an agent and a client of the API with one and the same token."""
    token = f"Bearer {create_token(app, user, 'test', *abilities)}"
    return Agent(app, Authorization=token, **headers), ApiClient(app, Authorization=token, **headers)


def first_refusal(client, requests):
    """Send requests until one is refused, and return that answer, or the last one."""
    for verb, path, body in requests:
        answer = client.request(verb, path, **({} if body is None else {"json": body}))
        if answer.status_code >= 400:
            break
    return answer


def called(maker, agent, client, tool) -> tuple[dict, TestResponse]:
    """Call a tool, send the API the same about another record, see that both do it or neither, and return both."""
    case = CASES[tool]
    here, there = case.arguments(maker), case.arguments(maker)
    before = contents(maker.app)
    result = agent.call(tool, **here)
    if result["isError"] or not case.writes:
        assert contents(maker.app) == before
    else:
        assert contents(maker.app) != before
    answer = first_refusal(client, case.requests(there))
    told = result["structuredContent"]
    if answer.status_code >= 400:
        assert result["isError"], (told, answer.json)
        assert {"status": answer.status_code, **answer.json} == told
    else:
        assert not result["isError"], (told, answer.json)
    return told, answer


# Roles and abilities


@each_tool
@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_a_role_may_do_by_a_tool_what_it_may_do_over_the_api(app, api, tool, role):
    agent, client = with_abilities(app, create_user(app, role))
    _, answer = called(api, agent, client, tool)
    assert (answer.status_code == 403) == (role == "Viewer" and CASES[tool].writes)


@each_tool
def test_a_token_that_reads_writes_by_no_tool(app, api, tool):
    agent, client = with_abilities(app, api.user_id, "*:view", "changes:view")
    _, answer = called(api, agent, client, tool)
    assert (answer.status_code == 403) == CASES[tool].writes


@each_tool
def test_a_token_needs_what_the_tool_does_and_no_more(app, api, tool):
    _, answer = called(api, *with_abilities(app, api.user_id, *CASES[tool].needs), tool)
    assert answer.status_code < 400


@pytest.mark.parametrize("tool", [name for name in CASES if name != "describe"])
def test_every_other_ability_together_is_not_enough(app, api, tool):
    for need in CASES[tool].needs:
        others = [ability for ability in ABILITIES if not covers(ability, need)]
        told, _ = called(api, *with_abilities(app, api.user_id, *others), tool)
        assert told == {"status": 403, "message": "This action is unauthorized."}


def test_a_resource_is_described_to_whoever_may_do_anything_to_it(app, api):
    others = [ability for ability in ABILITIES if not any(covers(ability, f"leads:{verb}") for verb in VERBS)]
    refused = with_abilities(app, api.user_id, *others)[0].call("describe", resource="leads")
    assert refused["structuredContent"] == {"status": 403, "message": "This action is unauthorized."}
    for verb in VERBS:
        agent, _ = with_abilities(app, api.user_id, f"leads:{verb}")
        assert agent.told("describe", resource="leads")["you_may"] == [verb]


@each_tool
def test_what_is_listed_is_what_may_be_done(app, api, tool):
    def is_listed(*abilities):
        agent, _ = with_abilities(app, api.user_id, *abilities)
        return tool in {each["name"] for each in agent.send("tools/list").json["result"]["tools"]}

    assert is_listed(*CASES[tool].needs)
    if TOOLS[tool].needs:
        assert not is_listed("lookups:*")


@each_about_a_record
def test_who_may_not_is_told_so_whatever_the_name(app, api, tool):
    """Not that there is no such record: so nobody finds out by its name."""
    case = CASES[tool]
    agent, _ = with_abilities(app, api.user_id, "lookups:*")
    for name in (UNKNOWN, "L9999", "erp:1", "nobody here", "../leads"):
        fault = agent.fault(tool, **{**case.arguments(api), case.named_by: name})
        assert fault == {"status": 403, "message": "This action is unauthorized."}


# Who comes in


def messages():
    """Return the messages that a client sends, as what `send` takes."""
    return [("server/discover", {}), ("tools/list", {}), *(("tools/call", {"name": tool}) for tool in CASES)]


def refusals(app, user=None, **headers):
    """Yield the answer to each message, and beside it that of the API to any request, by one token or none."""
    agent = Agent(app, user, **headers)
    client = ApiClient(app, **agent.headers)
    for method, params in messages():
        yield agent.send(method, params), client.get("/leads")


def check_alike(here, there, status):
    assert (here.status_code, here.json) == (status, there.json)
    assert here.headers.get("WWW-Authenticate") == there.headers.get("WWW-Authenticate")


def test_without_a_token_nothing_is_told(app):
    for here, there in refusals(app):
        check_alike(here, there, 401)


def test_a_made_up_token_is_none(app):
    for here, there in refusals(app, Authorization=f"Bearer 1|{'a' * 60}"):
        check_alike(here, there, 401)


def test_an_expired_token_is_none(app):
    user = create_user(app)
    token = create_token(app, user)
    alter(app, Token, int(token.split("|")[0]), expires_at=now() - timedelta(seconds=1))
    for here, there in refusals(app, Authorization=f"Bearer {token}"):
        check_alike(here, there, 401)


def test_a_user_without_access_to_the_crm_is_refused(app):
    for here, there in refusals(app, create_user(app, crm_access=False)):
        check_alike(here, there, 403)


def test_a_user_of_no_team_is_refused(team_app):
    user = create_user(team_app)
    create_team(team_app, create_user(team_app))
    for here, there in refusals(team_app, user):
        check_alike(here, there, 403)


@pytest.mark.parametrize("team", ["x", "0", "-1", "9" * 30, "", "\xb2"])
def test_a_team_that_is_not_the_users_is_refused(teams, team):
    for here, there in refusals(teams.app, teams.ours.user_id, **{"X-Team-ID": team}):
        check_alike(here, there, 403)
    for here, there in refusals(teams.app, teams.ours.user_id, **{"X-Team-ID": str(teams.b)}):
        check_alike(here, there, 403)


# Limits


@pytest.fixture
def limited(make_app, rate_limit_storage):
    """An application that takes four requests a minute from a user and two from an address."""
    return make_app(
        RATELIMIT_STORAGE_URL=rate_limit_storage,
        RATELIMIT_AUTHENTICATED="4 per minute",
        RATELIMIT_UNAUTHENTICATED="2 per minute",
    )


def test_a_message_counts_as_one_request_whatever_it_asks(limited, api):
    agent = Agent(limited, create_user(limited))
    lead = api.create("leads", external_keys={"erp": "1"})
    several = {"resource": "leads", "ids": [lead["id"], "erp:1", "nobody here"]}
    calls = [("get", several), ("describe", {"resource": "leads"}), ("describe", {}), ("search", {"q": "a"})]
    for left, (tool, arguments) in zip((3, 2, 1, 0), calls, strict=True):
        answer = agent.send("tools/call", {"name": tool, "arguments": arguments})
        assert answer.status_code == 200
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
        assert answer.headers["X-RateLimit-Limit"] == "4"


def test_past_the_limit_every_tool_is_refused_as_the_api_is(limited, api):
    agent = Agent(limited, create_user(limited))
    given = {tool: case.arguments(api) for tool, case in CASES.items()}
    for _ in range(4):
        assert agent.send("tools/list").status_code == 200
    there = ApiClient(limited, **agent.headers).get("/leads")
    before = contents(limited)
    for tool, arguments in given.items():
        here = agent.send("tools/call", {"name": tool, "arguments": arguments})
        assert (here.status_code, here.json) == (429, {"message": "Too Many Attempts."})
        assert [name for name, _ in here.headers] == [name for name, _ in there.headers]
        for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "RateLimit-Policy"):
            assert here.headers[name] == there.headers[name]
        assert 1 <= int(here.headers["Retry-After"]) <= 61
    assert there.json == {"message": "Too Many Attempts."}
    assert contents(limited) == before


def test_guessed_tokens_are_limited_here_too(limited):
    answers = [Agent(limited, Authorization=f"Bearer {each}|{'x' * 60}").send("tools/list") for each in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


# Teams


def own_names(client, resource):
    """Make two records of a team, and return the names of the second: its id, its number if it has one, its key."""
    client.create(resource)
    record = client.create(resource, external_keys={"erp": SECRET})
    number = next((value for name, value in record.items() if name.endswith("_id") and name != "id"), None)
    return [record["id"], number, f"erp:{SECRET}"] if isinstance(number, str) else [record["id"], f"erp:{SECRET}"]


@each_about_a_record
def test_another_teams_record_is_no_record_by_any_name(teams, tool):
    case = CASES[tool]
    agent = Agent(teams.app, teams.ours.user_id)
    given = case.arguments(teams.ours)
    theirs = own_names(teams.theirs, case.of)
    before = contents(teams.app)
    absent = agent.fault(tool, **{**given, case.named_by: UNKNOWN})
    assert absent["status"] == 404
    for name in theirs:
        assert agent.fault(tool, **{**given, case.named_by: name}) == absent
    assert contents(teams.app) == before
    owner = Agent(teams.app, teams.theirs.user_id)
    for name in theirs:
        if not case.writes:
            assert owner.told(tool, **{**given, case.named_by: name})


def shout(client):
    """Give a team a record of each resource and rows of look-ups whose names have the secret word."""
    for resource in NAMES:
        titles = dict.fromkeys(schema_of(resource).called_by, SECRET)
        client.create(
            resource, **{name: text for name, text in titles.items() if name in schema_of(resource).load_fields}
        )
    for path in ("labels", "lead-sources", "product-categories", "industries", "organization-types"):
        assert client.post(f"/{path}", {"name": SECRET}).status_code == 201
    assert client.post("/tax-rates", {"name": SECRET, "rate": 7}).status_code == 201
    for resource in ("leads", "deals"):
        pipeline = {"name": f"{SECRET} {resource}", "resource": resource, "stages": [{"name": SECRET}]}
        assert client.post("/pipelines", pipeline).status_code == 201


def answers(agent):
    """Return the texts of the answers to all these questions."""
    return [json.dumps(agent.call(tool, **arguments)) for tool, arguments in questions(SECRET[:-1])]


def test_a_fault_tells_no_name_of_another_team(teams):
    shout(teams.theirs)
    for agent in (Agent(teams.app, teams.ours.user_id), Agent(teams.app, teams.both.user_id)):
        assert not [answer for answer in answers(agent) if SECRET in answer]
    owner = Agent(teams.app, teams.theirs.user_id)
    told = [answer for answer in answers(owner) if SECRET in answer]
    assert len(told) > 40  # near names and allowed values, of all kinds


def test_a_fault_tells_no_record_that_the_token_may_not_view(app, api):
    shout(api)
    verbs = [f"{resource}:{verb}" for resource in NAMES for verb in ("create", "edit", "delete")]
    agent = Agent(app, api.user_id, *verbs, "lookups:*", "changes:view")
    records = {record["id"] for resource in NAMES for record in api.get(f"/{resource}").json["data"]}
    told = answers(agent)
    assert not [answer for answer in told for key in records if key in answer]
    assert not [answer for answer in told if '"near"' in answer]
    assert [answer for answer in told if SECRET in answer]  # rows of look-ups, which anybody may read


def test_tools_work_in_the_team_that_is_asked_for(teams):
    mine = Agent(teams.app, teams.both.user_id)
    other = Agent(teams.app, teams.both.user_id, **{"X-Team-ID": str(teams.b)})
    in_a, in_b = teams.ours.create("leads"), teams.theirs.create("leads")
    for agent, here, there, team in ((mine, in_a, in_b, teams.a), (other, in_b, in_a, teams.b)):
        assert agent.told("describe")["you"]["team_id"] == team
        assert agent.told("get", resource="leads", id=here["id"])["record"]["title"] == here["title"]
        assert agent.fault("get", resource="leads", id=there["id"])["status"] == 404
        assert [each["id"] for each in agent.told("list", resource="leads")["records"]] == [here["id"]]
        assert [each["id"] for each in agent.told("search", q=here["title"])["records"]] == [here["id"]]
        assert {each["record_id"] for each in agent.told("changes")["changes"]} == {here["id"]}
    made = other.told("create", resource="leads", values={"title": "Made"})["record"]["id"]
    assert teams.theirs.get(f"/leads/{made}").status_code == 200
    assert teams.ours.get(f"/leads/{made}").status_code == 404


def test_the_role_is_that_of_the_team(teams):
    """The user is a Viewer without a team, and an Owner in each."""
    assert Agent(teams.app, teams.both.user_id).told("describe")["you"]["role"] == "Owner"


# Origins


@pytest.fixture
def page_app(make_app):
    """An application that lets a page in."""
    return make_app(CORS_ORIGINS=f"{PAGE}, http://localhost:5173")


def test_a_page_of_an_allowed_origin_may_call_tools(page_app):
    agent = Agent(page_app, create_user(page_app))
    for headers, allowed in (
        ({}, None),
        ({"Origin": PAGE}, PAGE),
        ({"Origin": "http://localhost:5173"}, "http://localhost:5173"),
    ):
        answer = agent.send("tools/list", headers=headers)
        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize(
    "origin", [OTHER, "null", "", "*", PAGE.upper(), f"{PAGE}.evil.example", f"{PAGE}:8443", "\xff"]
)
def test_any_other_page_is_refused_in_json_and_nothing_is_done(page_app, make_app, origin):
    for app in (page_app, make_app()):
        agent = Agent(app, create_user(app))
        params = {"name": "create", "arguments": {"resource": "leads", "values": {"title": "x"}}}
        before = count_changes(app)
        for client in (agent, Agent(app)):
            answer = client.send("tools/call", params, headers={"Origin": origin})
            assert (answer.status_code, answer.json) == (
                403,
                {"message": "Pages of this origin may not call this endpoint."},
            )
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert count_changes(app) == before


def test_a_star_lets_every_page_in(make_app):
    app = make_app(CORS_ORIGINS="*")
    agent = Agent(app, create_user(app))
    for origin in (OTHER, "null"):
        answer = agent.send("tools/list", headers={"Origin": origin})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")


def preflight(app, path, origin=PAGE):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "mcp-protocol-version"}
    return app.test_client(use_cookies=False).options(path, headers={"Origin": origin, **asked})


def test_a_preflight_allows_the_headers_of_the_protocol_here_and_nowhere_else(page_app):
    here, there = preflight(page_app, PATH), preflight(page_app, "/crm/api/v2/leads")
    assert (here.status_code, there.status_code) == (204, 204)
    told = [names(answer.headers["Access-Control-Allow-Headers"]) for answer in (here, there)]
    assert told[0] == [*told[1], *HEADERS]
    assert {*HEADERS} == {"MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"}
    assert not {*HEADERS} & {*told[1]}


def test_a_preflight_of_another_page_allows_nothing(page_app):
    answer = preflight(page_app, PATH, OTHER)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
