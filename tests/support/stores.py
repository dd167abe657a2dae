"""The stores that tests run on: which of them answer, and new databases on them."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import make_url

POSTGRES_URL = os.environ.get("CRM_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("CRM_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def redis_answers() -> bool:
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False


HAS_POSTGRES = postgres_answers()
HAS_REDIS = redis_answers()
STORES = ["sqlite", *(["postgresql"] if HAS_POSTGRES else [])]
RATE_LIMIT_STORAGES = ["memory", *(["redis"] if HAS_REDIS else [])]

NEEDS_REDIS = pytest.mark.skipif(not HAS_REDIS, reason="CRM_TEST_REDIS_URL does not answer")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
ON_POSTGRESQL = pytest.mark.parametrize(
    "database_url", ["postgresql"] if HAS_POSTGRES else [], indirect=True, scope="session"
)


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of a new database without a table; on PostgreSQL it is dropped at the end."""
    name = f"crm_test_{secrets.token_hex(4)}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")  # nothing here has to last
        try:
            yield make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def empty_redis() -> Iterator[str]:
    """Give the URL of a Redis database that holds nothing and that no other test run uses; emptied at the end."""
    preferred = make_url(REDIS_URL)
    for number in dict.fromkeys([preferred.database or "0", *map(str, range(15, -1, -1))]):
        url = preferred.set(database=number).render_as_string(hide_password=False)
        with redis.Redis.from_url(url) as server:
            if server.dbsize() == 0 and server.set("crm-test-run", 1, nx=True, ex=3600):
                try:
                    yield url
                finally:
                    server.flushdb()
                return
    raise RuntimeError("CRM_TEST_REDIS_URL: none of its databases is empty.")
