"""The security log: who was let in or not, who was given or lost a right; a line each (21)."""

import logging

import pytest

from crm.operate.log import JSONFormatter
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import PASSWORD, create_team, create_token, create_user


@pytest.fixture
def events(caplog):
    """The lines so far, and forgets them."""
    caplog.set_level(logging.INFO, "crm.security")

    def take():
        found = [(r.getMessage(), r.crm_facts) for r in caplog.records if r.name == "crm.security"]
        caplog.clear()
        return found

    return take


def names(events):
    return [name for name, _ in events]


def test_logins(app, stranger, events):
    user = create_user(app, email="jane@example.com")
    barred = create_user(app, email="barred@example.com", crm_access=False)
    events()
    right = {"email": "jane@example.com", "password": PASSWORD}
    assert stranger.post("/auth/token", right).status_code == 201
    (made, token), (login, facts) = events()
    assert (login, facts["target_user_id"], facts["address"]) == ("auth.login", user, "127.0.0.1")
    assert (made, token["target_user_id"]) == ("token.made", user)
    for body, whom in (
        ({**right, "password": "wrong"}, user),
        ({**right, "email": "nobody@example.com"}, None),
        ({**right, "email": "barred@example.com"}, barred),
    ):
        assert stranger.post("/auth/token", body).status_code == 422
        ((name, facts),) = events()
        assert (name, facts["target_user_id"], facts["address"]) == ("auth.login_failed", whom, "127.0.0.1")


def test_tokens_that_end(app, api, events):
    own = ApiClient(app, api.user_id)
    token_id = int(own.headers["Authorization"].split()[1].split("|")[0])
    events()
    assert own.delete("/auth/token").status_code == 204
    ((name, facts),) = events()
    assert name == "token.ended"
    assert (facts["user_id"], facts["token_id"]) == (api.user_id, token_id)
    assert (facts["target_user_id"], facts["target_token_id"]) == (api.user_id, token_id)


def test_refusals_by_permission(app, teams, events):
    viewer = create_user(app, "Viewer")
    for api, path, body, route in (
        (ApiClient(app, create_user(app, crm_access=False)), "/leads", {}, "/crm/api/v2/leads"),
        (ApiClient(app, viewer), "/labels", {"name": "x"}, "/crm/api/v2/labels"),
        (teams.ours, "/leads", {}, "/crm/api/v2/leads"),
    ):
        events()
        headers = {"X-Team-ID": str(teams.b)} if api is teams.ours else {}
        assert api.post(path, body, headers={**headers, "X-Request-Id": "mine"}).status_code == 403
        ((name, facts),) = events()
        assert (name, facts["method"], facts["route"]) == ("access.refused", "POST", route)
        assert facts["user_id"] == api.user_id


def test_a_line_has_the_request_s_id_and_is_a_warning_if_it_is_one(app, caplog):
    lines = []
    caplog.set_level(logging.INFO, "crm.security")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(JSONFormatter().format(record))
    logging.getLogger("crm.security").addHandler(handler)
    try:
        ApiClient(app).post(
            "/auth/token", {"email": "a@example.com", "password": "b"}, headers={"X-Request-Id": "mine"}
        )
    finally:
        logging.getLogger("crm.security").removeHandler(handler)
    (line,) = lines
    assert '"level":"warning","message":"auth.login_failed","request_id":"mine","user_id":null' in line


def test_what_the_operator_does(app, team_app, events):
    shell = CommandLine(team_app)
    shell.done("create-user", "jane@example.com", "--name", "Jane", "--password", "a long password", "--role", "Viewer")
    ((name, facts),) = events()
    assert name == "user.added"
    assert facts["role"] == "Viewer"
    assert facts["command"].endswith("crm create-user")
    assert facts["operator"]
    jane = facts["target_user_id"]

    shell.done(
        "update-user", "jane@example.com", "--password", "another password", "--role", "Owner", "--no-crm-access"
    )
    changed = dict(events())
    assert set(changed) == {"password.changed", "role.changed", "access.changed"}
    assert {facts["target_user_id"] for facts in changed.values()} == {jane}
    assert (changed["role.changed"]["role"], changed["access.changed"]["crm_access"]) == ("Owner", False)
    assert "another long one" not in str(changed)
    shell.done("update-user", "jane@example.com", "--name", "Janet", "--crm-access")
    assert names(events()) == ["access.changed"]

    team = shell.done("create-team", "Sales", "--owner", "jane@example.com").strip()
    assert names(events()) == ["team.added", "member.added"]
    shell.done("add-member", team, "jane@example.com", "--role", "Viewer")
    ((name, facts),) = events()
    assert (name, facts["target_team_id"], facts["role"]) == ("role.changed", int(team), "Viewer")
    create_user(team_app, email="joe@example.com")
    events()
    shell.done("add-member", team, "joe@example.com")
    assert names(events()) == ["member.added"]

    token = shell.done("api-token", "jane@example.com").strip()
    ((name, facts),) = events()
    assert (name, facts["target_user_id"]) == ("token.made", jane)
    assert token.split("|")[1] not in str(facts)
    shell.done("revoke-token", token.split("|")[0])
    assert names(events()) == ["token.ended"]


def test_what_fails_is_no_event(app, events):
    create_user(app, email="jane@example.com")
    events()
    shell = CommandLine(app)
    shell.refused("create-user", "jane@example.com", "--name", "Jane", "--password", "a long password")
    shell.refused("update-user", "nobody@example.com", "--role", "Owner")
    shell.refused("revoke-token", "4711")
    assert events() == []
    assert create_token(app, create_user(app))
    assert names(events()) == ["token.made"]


def test_guesses_beyond_the_limit_name_it(make_app, caplog):
    app = make_app(LOGIN_ATTEMPTS="1 per 15 minutes")
    caplog.set_level(logging.INFO, "crm.security")
    wrong = {"email": "nobody@example.com", "password": "wrong"}
    answers = [ApiClient(app).post("/auth/token", wrong) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 429]
    assert answers[1].headers["RateLimit-Policy"] == '"login";q=1;w=900'
    assert answers[1].headers["RateLimit"] == f'"login";r=0;t={answers[1].headers["Retry-After"]}'
    messages = [record.getMessage() for record in caplog.records if record.name == "crm.security"]
    assert messages == ["auth.login_failed", "auth.login_refused"]


def test_a_new_password_ends_other_tokens(app, events):
    user = create_user(app, email="jane@example.com")
    api, other = ApiClient(app, user), create_token(app, user)
    events()
    body = {"current_password": PASSWORD, "password": "another long one"}
    assert api.put("/auth/password", body).status_code == 204
    (ended, token), (changed, facts) = events()
    assert (ended, token["target_token_id"]) == ("token.ended", int(other.split("|")[0]))
    assert (changed, facts["target_user_id"]) == ("password.changed", user)


def test_users_who_go(team_app, events):
    shell = CommandLine(team_app)
    user = create_user(team_app, email="jane@example.com")
    team = create_team(team_app, create_user(team_app))
    shell.done("add-member", team, "jane@example.com")
    create_token(team_app, user)
    events()
    shell.done("remove-member", team, "jane@example.com")
    assert names(events()) == ["member.removed"]
    shell.done("delete-user", "jane@example.com")
    assert names(events()) == ["token.ended", "user.removed"]


def test_webhooks(api, events):
    events()
    made = api.post("/webhooks", {"url": "https://example.com/secret", "types": ["*"]}).json["data"]
    path = f"/webhooks/{made['id'].upper()}"
    api.put(path, {"description": "secret"})
    rotated = api.post(f"{path}/rotate-secret").json["data"]["secret"]
    api.delete(path)
    told = events()
    assert [(name, facts["change"], facts["target_webhook_id"]) for name, facts in told] == [
        ("webhook.changed", change, made["id"]) for change in ("created", "updated", "rotated", "deleted")
    ]
    assert rotated not in str(told)
    assert "secret" not in str(told)
