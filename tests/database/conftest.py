"""What tests of migrations begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from crm import create_app
from crm.extensions import db
from tests.conftest import UNLIMITED
from tests.support.databases import SECRET_KEY, empty_database
from tests.support.stores import STORES


@pytest.fixture(params=STORES)
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a table."""
    yield from app_on(empty_database(request.param), tmp_path)


def app_on(url: str, folder: Path) -> Iterator[Flask]:
    """Give an application on a database, with its own files in a folder."""
    app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED}, str(folder))
    yield app
    with app.app_context():
        db.engine.dispose()
