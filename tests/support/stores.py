"""The stores that tests run on, and how a test asks for one of them alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from sqlalchemy import make_url

from tests.support.parts import REDIS_URL

STORES = ["sqlite", "postgresql"]
RATE_LIMIT_STORAGES = ["memory", "redis"]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")


@contextmanager
def empty_redis() -> Iterator[str]:
    """Give the URL of a Redis database that holds nothing and that no other process uses; emptied at the end."""
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
