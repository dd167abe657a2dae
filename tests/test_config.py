"""Settings: what each does, and that one that cannot be used stops the start (contract, section 9)."""

import os
import re
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from gunicorn.config import Config

from crm import create_app
from crm.config import SettingError, load_settings
from crm.operate import log
from tests.support.client import ApiClient
from tests.support.databases import SECRET_KEY
from tests.support.factories import create_user

ROOT = Path(__file__).parent.parent
FORWARDED = {"X-Forwarded-For": "10.0.0.1, 10.0.0.2", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "crm.example"}


def load(tmp_path, **settings):
    return load_settings({f"CRM_{name}": value for name, value in settings.items()}, str(tmp_path))


def test_the_defaults_are_those_of_the_contract(tmp_path):
    settings = load(tmp_path)
    assert settings.pop("SECRET_KEY")
    assert settings.pop("SQLALCHEMY_ENGINE_OPTIONS")
    assert settings == {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'crm.sqlite3'}",
        "SECRET_KEY_FALLBACKS": [],
        "RATELIMIT_STORAGE_URL": "memory://",
        "RATELIMIT_AUTHENTICATED": "60 per minute",
        "RATELIMIT_UNAUTHENTICATED": "30 per minute",
        "LOGIN_ATTEMPTS": "5 per 15 minutes",
        "ROW_SECURITY": False,
        "TEAMS": False,
        "TEAM_HEADER_ON_SHOW": False,
        "DEFAULT_CURRENCY": "USD",
        "TRUSTED_PROXIES": 0,
        "CHANGES_DAYS": None,
        "IDEMPOTENCY_HOURS": 48,
        "TOKEN_LIFETIME_MINUTES": None,
        "MAX_CONTENT_LENGTH": 1048576,
        "WEBHOOKS_ALLOW_NETWORKS": [],
        "FIRST_PASSWORD": None,
        "LOG_FORMAT": None,
        "LOG_LEVEL": "info",
        "METRICS_BIND": None,
        "CORS_ORIGINS": [],
    }


BAD = {
    "SECRET_KEY": ["short", "x" * 31],
    "DATABASE_URL": [
        "nonsense",
        "mysql://host/crm",
        "postgresql+nosuchdriver://host/crm",
        "postgresql://host:port/crm",
    ],
    "RATELIMIT_STORAGE_URL": ["nonsense", "memcached://host", "redis://host:port"],
    "RATELIMIT_AUTHENTICATED": ["many", "60", "60 per blink", "-1 per minute"],
    "RATELIMIT_UNAUTHENTICATED": ["many"],
    "LOGIN_ATTEMPTS": ["five", "5", "5 per blink"],
    "TEAMS": ["maybe", "2"],
    "TEAM_HEADER_ON_SHOW": ["maybe"],
    "DEFAULT_CURRENCY": ["EURO", "E1R", "ÄÖÜ"],
    "TRUSTED_PROXIES": ["-1", "all", "1.5", "²"],
    "IDEMPOTENCY_HOURS": ["0", "-1", "soon", "1.5", "876001"],
    "CHANGES_DAYS": ["0", "-1", "soon", "36501"],
    "TOKEN_LIFETIME_MINUTES": ["0", "-5", "soon", "1.5", "9" * 15],
    "MAX_BODY_BYTES": ["0", "-1", "1 MiB", "1.5"],
    "WEBHOOKS_ALLOW_NETWORKS": ["localhost", "10.0.0.1/8", "127.0.0.0/8 10.0.0.0/8", "10.0.0.0/33"],
    "FIRST_PASSWORD": ["eleven char", "x" * 1001],
    "LOG_FORMAT": ["xml"],
    "LOG_LEVEL": ["loud", "10"],
    "CORS_ORIGINS": [
        "app.example.com",
        "https://app.example.com/",
        "null",
        "https://a.example;https://b.example",
        "//a",
    ],
    "METRICS_BIND": ["9100", "127.0.0.1", ":9100", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_setting_that_cannot_be_used_stops_the_start_with_one_line_that_names_it(tmp_path, name, value):
    environ = {"CRM_SECRET_KEY": SECRET_KEY, f"CRM_{name}": value}
    with pytest.raises(SettingError) as stop:
        create_app(environ, str(tmp_path))
    assert f"CRM_{name}" in str(stop.value)
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize("url", ["/srv/crm.sqlite3", "postgresql://crm@host:port/crm"])
def test_a_database_url_that_is_none_is_told_what_one_looks_like(tmp_path, url):
    with pytest.raises(SettingError, match=re.escape("postgresql://user:password@host/name")) as stop:
        load(tmp_path, DATABASE_URL=url)
    assert url not in str(stop.value)  # it may hold a password


@pytest.mark.parametrize("name", ["CRM_TEAM", "CRM_DATABSE_URL", "CRM_", "CRM_teams", "CRM_TESTS", "CRM_SERVICES"])
def test_a_name_that_is_no_setting_stops_the_start_with_one_line_that_names_it(tmp_path, name):
    with pytest.raises(SettingError) as stop:
        create_app({name: "1"}, str(tmp_path))
    assert name in str(stop.value)
    assert "\n" not in str(stop.value)
    assert not list(tmp_path.iterdir())


def test_a_slip_is_told_what_it_may_have_meant(tmp_path):
    with pytest.raises(SettingError, match="Did you mean CRM_TEAMS"):
        load(tmp_path, TEAM="true")


@pytest.mark.parametrize(
    "name",
    ["CRM_TEST_POSTGRES_URL", "CRM_SERVICE_HOST", "CRM_SERVICE_PORT_HTTP", "CRM_PORT", "CRM_PORT_8000_TCP", "XCRM_X"],
)
def test_names_of_tests_and_of_container_platforms_are_none_of_ours(tmp_path, name):
    assert load_settings({name: "tcp://10.0.0.1:8000"}, str(tmp_path)) == load(tmp_path)


def test_an_empty_variable_counts_as_absent_whatever_its_name(tmp_path):
    assert load(tmp_path, TEAMS="", NONE="") == load(tmp_path)


def test_the_line_is_all_that_a_failed_start_prints():
    start = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env={**os.environ, "CRM_SECRET_KEY": SECRET_KEY, "CRM_TEAMS": "maybe"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (start.returncode, start.stdout, start.stderr.count("\n")) == (1, "", 1)
    assert "CRM_TEAMS" in start.stderr


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("", False)]
)
def test_a_switch_is_true_or_false(tmp_path, text, value):
    assert load(tmp_path, TEAMS=text)["TEAMS"] is value


# The secret key


def test_a_secret_key_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    folder = tmp_path / "instance"
    key = load(folder)["SECRET_KEY"]
    assert len(key) >= 40
    assert load(folder)["SECRET_KEY"] == key
    assert load(tmp_path / "other")["SECRET_KEY"] != key
    kept = [path for path in folder.iterdir() if path.read_text() == key]
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600]
    assert list(folder.iterdir()) == kept


def test_a_secret_key_that_is_set_is_used_and_none_is_made(tmp_path):
    assert load(tmp_path, SECRET_KEY="x" * 32)["SECRET_KEY"] == "x" * 32
    assert not list(tmp_path.iterdir())


def test_a_secret_key_is_required_off_sqlite(tmp_path):
    with pytest.raises(SettingError, match="CRM_SECRET_KEY"):
        load(tmp_path, DATABASE_URL="postgresql://host/crm")
    assert not list(tmp_path.iterdir())


def test_old_keys_are_separated_by_commas(tmp_path):
    assert load(tmp_path, SECRET_KEY_FALLBACKS="one, two,")["SECRET_KEY_FALLBACKS"] == ["one", "two"]


# What the other settings do (the rest stands with its subject: limits, teams, tokens)


def test_the_default_currency_is_that_of_new_records(make_app):
    app = make_app(DEFAULT_CURRENCY="eur")
    api = ApiClient(app, create_user(app))
    assert api.create("leads")["currency"] == "EUR"
    assert api.create("leads", currency=None)["currency"] == "EUR"
    assert api.create("leads", currency="chf")["currency"] == "CHF"


@pytest.mark.parametrize(("settings", "limit"), [({}, 1048576), ({"MAX_BODY_BYTES": "100"}, 100)])
def test_a_body_may_be_as_long_as_the_setting_and_no_longer(make_app, settings, limit):
    app = make_app(**settings)
    api = ApiClient(app, create_user(app))
    body = b'{"title": "x"}'
    statuses = [
        api.request("POST", "/leads", data=body.ljust(length), content_type="application/json").status_code
        for length in (limit, limit + 1)
    ]
    assert statuses == [201, 413]


def first_link(app, headers):
    api = ApiClient(app, create_user(app))
    return api.get("/leads", headers=headers).json["links"]["first"]


@pytest.mark.parametrize(
    ("proxies", "start"),
    [("0", "http://localhost/crm/"), ("1", "https://crm.example/crm/"), ("2", "https://outer.example/crm/")],
)
def test_links_have_the_scheme_and_host_that_trusted_proxies_forward(make_app, proxies, start):
    forwarded = FORWARDED
    if proxies == "2":
        forwarded = {
            **FORWARDED,
            "X-Forwarded-Proto": "https, http",
            "X-Forwarded-Host": "outer.example, inner.example",
        }
    assert first_link(make_app(TRUSTED_PROXIES=proxies), forwarded).startswith(start)


@pytest.mark.parametrize(("proxies", "counted_as"), [("0", "peer"), ("1", "10.0.0.2"), ("2", "10.0.0.1")])
def test_the_address_is_the_one_that_the_trusted_proxies_saw(make_app, proxies, counted_as):
    app = make_app(TRUSTED_PROXIES=proxies, RATELIMIT_UNAUTHENTICATED="1 per minute")
    guest = ApiClient(app)

    def status(peer, *forwarded):
        return guest.get(
            "/auth/me", headers={"X-Forwarded-For": ", ".join(forwarded)}, environ_base={"REMOTE_ADDR": peer}
        ).status_code

    assert status("peer", "10.0.0.1", "10.0.0.2") == 401
    differing = {"peer": ("peer", "10.9.9.9", "10.9.9.9"), "10.0.0.2": ("else", "10.9.9.9", "10.0.0.2")}
    assert status(*differing.get(counted_as, ("else", "10.0.0.1", "10.9.9.9"))) == 429
    assert status("else", "10.8.8.8", "10.8.8.8") == 401


# gunicorn


@pytest.fixture
def gunicorn(monkeypatch):
    """Load gunicorn.conf.py with settings."""
    for name in [name for name in os.environ if name.startswith("CRM_")]:
        monkeypatch.delenv(name)
    for name in ("configure", "catch_tracebacks"):  # of this process
        monkeypatch.setattr(log, name, lambda *_: None)

    def load(**settings):
        for name, value in {"SECRET_KEY": SECRET_KEY, **settings}.items():
            monkeypatch.setenv(f"CRM_{name}", value)
        return runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    return load


def test_gunicorn_starts_one_worker_with_threads_on_memory(gunicorn):
    settings = gunicorn()
    assert settings["workers"] == 1
    assert settings["threads"] > 1


def test_gunicorn_starts_several_workers_with_redis(gunicorn):
    assert gunicorn(RATELIMIT_STORAGE_URL="redis://127.0.0.1:6379/0")["workers"] > 1


@pytest.mark.parametrize(("proxies", "trusted"), [("0", ""), ("1", "*"), ("3", "*")])
def test_gunicorn_trusts_forwarded_headers_as_the_application_does(gunicorn, proxies, trusted):
    assert gunicorn(TRUSTED_PROXIES=proxies)["forwarded_allow_ips"] == trusted


def test_gunicorn_takes_nothing_else_of_what_is_forwarded(gunicorn):
    settings = gunicorn(TRUSTED_PROXIES="1")
    config = Config()
    for name in ("forwarder_headers", "secure_scheme_headers"):
        config.set(name, settings[name])
    assert (config.forwarder_headers, config.secure_scheme_headers) == ([], {})


def test_gunicorn_stops_at_a_setting_that_cannot_be_used(gunicorn, caplog):
    with pytest.raises(SystemExit, match="1"):
        gunicorn(TEAMS="maybe")
    assert "CRM_TEAMS" in caplog.text


def test_the_requirements_hold_what_serving_needs():
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text().lower(), re.MULTILINE))
    assert {"flask", "gunicorn", "psycopg", "psycopg-binary", "redis", "sqlalchemy"} <= names
