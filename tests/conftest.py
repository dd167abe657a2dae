"""Applications on a clean database of every store that is there, and a word on what was left out."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import make_url

from crm import create_app
from crm.access import accounts
from crm.extensions import db
from tests.support.browser import run_browser
from tests.support.client import ApiClient, Teams, make_teams
from tests.support.databases import (
    SECRET_KEY,
    clean,
    dropped_at_the_end,
    open_folder,
    own_database,
    remove_folder,
    seeded_database,
)
from tests.support.distribution import Distribution, tell_groups
from tests.support.factories import cheap_hash, create_token, create_user
from tests.support.owner import OWNER, SPARE, Owner, make_owner
from tests.support.parts import (
    CHROMIUM,
    GO,
    NODE_MODULES,
    OPENAPI_GENERATOR,
    PARTS,
    REDOCLY,
    SPECTRAL,
    asked_for,
    left_out,
)
from tests.support.server import Server, run_server
from tests.support.stores import RATE_LIMIT_STORAGES, STORES, empty_redis

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.sdk import Agent

UNLIMITED = {
    **{f"CRM_RATELIMIT_{users}": "1000000 per minute" for users in ("AUTHENTICATED", "UNAUTHENTICATED")},
    "CRM_LOGIN_ATTEMPTS": "1000000 per minute",
}
SHARED = {"server", "large_url"}
"""Fixtures that cost so much that the tests which ask for one all run in one process."""
WHERE = "CRM_TEST_POSTGRES_URL and CRM_TEST_REDIS_URL say where the servers are; .ci/run installs the rest."

MakeApp = Callable[..., Flask]
Serving = Callable[..., AbstractContextManager[Server]]
Connecting = Callable[..., AbstractContextManager["Agent"]]

settings.register_profile("crm", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("crm")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="SQLite alone: no other server, browser or outside tool")


def pytest_configure(config: pytest.Config) -> None:
    missing = left_out(config.option.quick)
    if os.environ.get("CRM_TEST_REQUIRE_ALL") == "1" and missing:
        names = ", ".join(part.name for part in missing)
        pytest.exit(f"CRM_TEST_REQUIRE_ALL is set, and this is left out: {names}. {WHERE}", returncode=1)
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist share the folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would each compile the whole code
        open_folder()
        config.add_cleanup(remove_folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Distribution:
    """Keep those tests together that share what is dear."""
    return Distribution(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of parts that are left out, and tell which share what is dear."""
    missing = {name for part in left_out(config.option.quick) for name in part.asked_for_as}
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        asked = asked_for(item)
        (dropped if asked & missing else kept).append(item)
        for name in asked & SHARED:
            item.add_marker(pytest.mark.xdist_group(name))
    kept.sort(key=lambda item: "serving" not in asked_for(item))  # what waits for servers is not left to the end
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept
    if hasattr(config, "workerinput"):
        tell_groups(items)


def pytest_collection_finish() -> None:
    """Spare the collector the modules and tests that stay until the end: it would walk them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    missing = left_out(config.option.quick)
    there = ", ".join(part.name for part in PARTS if part not in missing)
    away = ", ".join(part.name for part in missing)
    terminalreporter.write_line(f"Ran on {there}; left out: {away or 'nothing'}.")


@pytest.fixture(scope="session", autouse=True)
def hashing() -> Iterator[None]:
    """Have this process hash the passwords that it stores cheaply. That the API does not is a test of its own."""
    with mock.patch.object(accounts, "generate_password_hash", cheap_hash):
        yield


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """The path of the browser."""
    return CHROMIUM


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    """The browser, running."""
    with run_browser(chromium) as running:
        yield running


@pytest.fixture(scope="session")
def spectral() -> str | None:
    """The path of the linter of API descriptions."""
    return SPECTRAL


@pytest.fixture(scope="session")
def redocly() -> str | None:
    """The path of another linter of API descriptions."""
    return REDOCLY


@pytest.fixture(scope="session")
def typescript() -> Path:
    """The folder of the packages that make clients in TypeScript, and compile them."""
    return NODE_MODULES


@pytest.fixture(scope="session")
def openapi_generator() -> Path | None:
    """The path of OpenAPI Generator, which Java runs."""
    return OPENAPI_GENERATOR


@pytest.fixture(scope="session")
def go() -> str | None:
    """The path of the compiler."""
    return GO


@pytest.fixture(scope="session")
def dlt() -> None:
    """Stands for dlt, which a program imports."""


@pytest.fixture(scope="session")
def connect() -> Connecting:
    """What connects an agent to a real server, given a token and a mode, for as long as a `with` block lasts."""
    from tests.support.sdk import connect  # here, since the SDK takes a second to load, and may not be there

    return connect


@pytest.fixture(scope="session")
def curl() -> None:
    """Stands for curl, and bash to call it from."""


@pytest.fixture(scope="session")
def serving() -> Serving:
    """What starts a real server, given its settings and a token, for as long as a `with` block lasts."""
    return run_server


@pytest.fixture(scope="session", params=STORES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The process's own database on each store, made by the real migrations and seeded."""
    return own_database(request.param)


@pytest.fixture(scope="session", params=RATE_LIMIT_STORAGES)
def rate_limit_storage(request: pytest.FixtureRequest) -> str:
    """The URL of each storage of limits."""
    return "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis database of this process's own."""
    with empty_redis() as url:
        yield url


@pytest.fixture(scope="session")
def server(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server on a SQLite database of its own, which knows OWNER, whose token it is sent."""
    environ = {"CRM_DATABASE_URL": seeded_database("sqlite"), "CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED}
    app = create_app(environ, instance_path=str(tmp_path_factory.mktemp("server")))
    token = create_token(app, create_user(app, email=OWNER))
    create_user(app, email=SPARE)
    with app.app_context():
        db.engine.dispose()
    with serving(environ, token) as running:
        yield running


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeApp]:
    """Applications by their settings: each is made once."""
    made: dict[tuple[tuple[str, str], ...], Flask] = {}

    def make(**settings: str) -> Flask:
        named = {f"CRM_{name}": value for name, value in settings.items()}
        environ = {"CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED, **named}
        key = tuple(sorted(environ.items()))
        if key not in made:
            made[key] = create_app(environ, instance_path=str(tmp_path_factory.mktemp("instance")))
            made[key].testing = True
        return made[key]

    yield make
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def make_app(apps: MakeApp, database_url: str) -> Iterator[MakeApp]:
    """Make an application with settings named without their prefix: `make_app(TEAMS="true")`. Starts clean."""
    used: list[Flask] = []

    def make(**settings: str) -> Flask:
        used.append(apps(**{"DATABASE_URL": database_url, **settings}))
        return used[-1]

    clean(apps(DATABASE_URL=database_url))
    yield make
    for app in used:
        for limiter in app.extensions["limiter"]:
            limiter.reset()


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    """The URL of a database of the test's own on each store."""
    with dropped_at_the_end(seeded_database(make_url(database_url).get_backend_name())) as url:
        yield url


@pytest.fixture
def serve(make_app: MakeApp, tmp_path: Path) -> Iterator[Callable[[str], Flask]]:
    """What makes an application on a database, with connections of its own. It raises no error into the test.

    The process's own database is clean then: of another test's team its applications would know nothing.
    """
    made: list[Flask] = []

    def make(url: str) -> Flask:
        environ = {"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED}
        made.append(create_app(environ, instance_path=str(tmp_path)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An application with the default settings, but for limits that no test meets by chance."""
    return make_app()


@pytest.fixture
def team_app(make_app: MakeApp) -> Flask:
    """An application in teams mode."""
    return make_app(TEAMS="true")


@pytest.fixture
def teams(team_app: Flask) -> Teams:
    """Two teams and their clients."""
    return make_teams(team_app)


@pytest.fixture(scope="session")
def owner(apps: MakeApp, database_url: str) -> Owner:
    """An Owner and a token on each store."""
    return make_owner(apps(DATABASE_URL=database_url))


@pytest.fixture
def api(app: Flask, owner: Owner) -> ApiClient:
    """A client with the token of an Owner."""
    return ApiClient(app, owner.put_into(app), Authorization=f"Bearer {owner.sent}")


@pytest.fixture
def stranger(app: Flask) -> ApiClient:
    """A client without a token."""
    return ApiClient(app)
