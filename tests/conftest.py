"""Applications on a clean database of every store that is there, and a word on what was left out."""

import os
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import func, select

from crm import create_app
from crm.commands.seed import seed
from crm.database.migrations import upgrade
from crm.extensions import db
from crm.models import PipelineStage
from crm.records.lookups import LOOKUPS
from tests.support.client import ApiClient
from tests.support.factories import create_token, create_user
from tests.support.server import Server, serving
from tests.support.stores import HAS_POSTGRES, HAS_REDIS, RATE_LIMIT_STORAGES, STORES, empty_database, empty_redis
from tests.support.tools import CHROMIUM, SPECTRAL, TOOLS

PARTS = [
    ("SQLite", True),
    ("PostgreSQL", HAS_POSTGRES),
    ("Redis", HAS_REDIS),
    ("Chromium", bool(CHROMIUM)),
    ("Spectral", bool(SPECTRAL)),
]
"""What tests run on and with, and whether it is there. CRM_TEST_REQUIRE_ALL=1 fails a run that lacks one."""
WHERE = "CRM_TEST_POSTGRES_URL and CRM_TEST_REDIS_URL say where the servers are; .ci/run installs the rest."

SECRET_KEY = "a secret key for tests, which is long enough"
LOOKUP_TABLES = {model.__tablename__ for model in (*(model for model, _ in LOOKUPS), PipelineStage)}
OWNER = "owner@example.com"
SEEDED: dict[str, int] = {}
"""The highest seeded id of each look-up table, the same on every store."""

MakeApp = Callable[..., Flask]

settings.register_profile("crm", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("crm")


def parts_that_are(present: bool) -> str:
    return ", ".join(name for name, is_there in PARTS if is_there == present)


def pytest_configure() -> None:
    if os.environ.get("CRM_TEST_REQUIRE_ALL") == "1" and (missing := parts_that_are(present=False)):
        pytest.exit(f"CRM_TEST_REQUIRE_ALL is set, and this is missing: {missing}. {WHERE}", returncode=1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of tools that are not there, which the summary names."""
    missing = {name for name, path in TOOLS.items() if path is None}
    left_out = [item for item in items if missing & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing = parts_that_are(present=False)
    terminalreporter.write_line(f"Ran on {parts_that_are(present=True)}; left out: {missing or 'nothing'}.")


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """The path of the browser; a test that asks for it is left out where there is none."""
    return CHROMIUM


@pytest.fixture(scope="session")
def spectral() -> str | None:
    """The path of the linter of API descriptions; a test that asks for it is left out where there is none."""
    return SPECTRAL


@pytest.fixture(scope="session", params=STORES)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of the test run's own, on each store, made by the real migrations and seeded."""
    with empty_database(request.param, tmp_path_factory.mktemp("store")) as url:
        prepare(url)
        yield url


@pytest.fixture(scope="session", params=RATE_LIMIT_STORAGES)
def rate_limit_storage(request: pytest.FixtureRequest) -> str:
    """The URL of each storage of limits."""
    return "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis database of the test run's own."""
    with empty_redis() as url:
        yield url


def prepare(url: str) -> None:
    """Migrate and seed a new database."""
    app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY})
    with app.app_context():
        upgrade()
        seed()
        for name in LOOKUP_TABLES:
            SEEDED[name] = db.session.scalar(select(func.max(db.metadata.tables[name].c.id))) or 0
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server on a SQLite database of its own, which knows OWNER, whose token it is sent."""
    folder = tmp_path_factory.mktemp("server")
    environ = {
        "CRM_DATABASE_URL": f"sqlite:///{folder / 'crm.sqlite3'}",
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_RATELIMIT_AUTHENTICATED": "1000000 per minute",
        "CRM_RATELIMIT_UNAUTHENTICATED": "1000000 per minute",
    }
    prepare(environ["CRM_DATABASE_URL"])
    app = create_app(environ, instance_path=str(folder))
    token = create_token(app, create_user(app, email=OWNER))
    with app.app_context():
        db.engine.dispose()
    with serving(environ, token) as running:
        yield running


@pytest.fixture(scope="session")
def apps(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeApp]:
    """Applications by their settings: each is made once for each store."""
    made: dict[tuple[tuple[str, str], ...], Flask] = {}

    def make(**settings: str) -> Flask:
        environ = {
            "CRM_DATABASE_URL": database_url,
            "CRM_SECRET_KEY": SECRET_KEY,
            "CRM_RATELIMIT_AUTHENTICATED": "1000000 per minute",
            "CRM_RATELIMIT_UNAUTHENTICATED": "1000000 per minute",
            **{f"CRM_{name}": value for name, value in settings.items()},
        }
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
def make_app(apps: MakeApp) -> Iterator[MakeApp]:
    """Make an application with settings named without their prefix: `make_app(TEAMS="true")`. Starts clean."""
    used: list[Flask] = []

    def make(**settings: str) -> Flask:
        app = apps(**settings)
        used.append(app)
        return app

    clean(apps())
    yield make
    for app in used:
        for limiter in app.extensions["limiter"]:
            limiter.reset()


def clean(app: Flask) -> None:
    """Bring the database back to how it was seeded."""
    statements = []
    for table in reversed(db.metadata.sorted_tables):
        if table.name in LOOKUP_TABLES:
            statements.append(f"DELETE FROM {table.name} WHERE id > {SEEDED[table.name]}")
            statements.append(f"UPDATE {table.name} SET deleted_at = NULL WHERE deleted_at IS NOT NULL")
        else:
            statements.append(f"DELETE FROM {table.name}")
    with app.app_context(), db.engine.begin() as connection:
        together = ["; ".join(statements)] if connection.dialect.name == "postgresql" else statements
        for statement in together:
            connection.exec_driver_sql(statement)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An application with the default settings, but for limits that no test meets by chance."""
    return make_app()


@pytest.fixture
def team_app(make_app: MakeApp) -> Flask:
    """An application in teams mode."""
    return make_app(TEAMS="true")


@pytest.fixture
def api(app: Flask) -> ApiClient:
    """A client with the token of an Owner."""
    return ApiClient(app, create_user(app))


@pytest.fixture
def stranger(app: Flask) -> ApiClient:
    """A client without a token."""
    return ApiClient(app)
