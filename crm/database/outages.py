"""What is raised when the database cannot be reached, or not in time."""

from typing import Any

import sqlalchemy.exc

from crm.extensions import db

RETRY_SECONDS = 5
"""When a client may try again."""


def away_errors() -> tuple[type[Exception], ...]:
    """Return what SQLAlchemy and the driver of the application's database raise then."""
    driver: Any = db.engine.dialect.dbapi
    return (
        sqlalchemy.exc.OperationalError,
        sqlalchemy.exc.InterfaceError,
        sqlalchemy.exc.TimeoutError,
        driver.OperationalError,
        driver.InterfaceError,
    )
