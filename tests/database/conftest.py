"""What tests of migrations begin with."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from crm import create_app
from crm.database.migrations import load
from crm.extensions import db
from tests.conftest import UNLIMITED
from tests.support.databases import SECRET_KEY, dropped_at_the_end, migrated_database
from tests.support.stores import STORES


@pytest.fixture(params=STORES)
def migrated_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a migrated database without a row."""
    with dropped_at_the_end(migrated_database(request.param)) as url:
        yield from app_on(url, tmp_path)


@pytest.fixture(params=STORES)
def app_at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Flask]]:
    """What makes an application, in its context, on a database without a row that is at a revision."""
    with ExitStack() as stack:

        def make(revision: str) -> Flask:
            url = stack.enter_context(dropped_at_the_end(migrated_database(request.param, revision)))
            app = stack.enter_context(contextmanager(app_on)(url, tmp_path))
            stack.enter_context(app.app_context())
            return app

        yield make


def app_on(url: str, folder: Path) -> Iterator[Flask]:
    """Give an application on a database, with its own files in a folder, and with the commands of Flask-Migrate."""
    app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED}, str(folder))
    load(app)
    yield app
    with app.app_context():
        db.engine.dispose()
